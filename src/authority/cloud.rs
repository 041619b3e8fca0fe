//! Clouds: Microsoft's, which are built in so that the first token needs no discovery, and the caller's own.

use super::origin::parse_host_name;
use crate::error::Rejection;
use crate::error::RejectionCode;

/// A cloud's token service and all its host names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cloud {
    /// The host that requests are sent to.
    pub(super) preferred_network: &'static str,
    /// The host name in cache keys.
    pub(super) preferred_cache: &'static str,
    /// All other host names.
    aliases: &'static [&'static str],
    /// The host name that a region's name is prefixed to.
    pub(super) regional: &'static str,
}

impl Cloud {
    fn has(&self, host: &str) -> bool {
        self.preferred_network == host
            || self.preferred_cache == host
            || self.aliases.contains(&host)
    }
}

/// The cloud with this host name, which must be in lower case.
pub(super) fn find(host: &str) -> Option<&'static Cloud> {
    CLOUDS.iter().copied().find(|cloud| cloud.has(host))
}

/// A cloud that the caller describes, not yet validated: MSAL's custom instance discovery metadata.
#[derive(Clone, Debug, Default)]
pub struct InstanceMetadataParts {
    /// The host that requests are sent to.
    pub preferred_network: String,
    /// The host name in cache keys.
    pub preferred_cache: String,
    /// All host names.
    pub aliases: Vec<String>,
}

/// A cloud that the caller describes.
#[derive(Clone, Debug)]
pub struct InstanceMetadata {
    pub(super) preferred_network: String,
    pub(super) preferred_cache: String,
    pub(super) aliases: Vec<String>,
}

impl InstanceMetadata {
    /// Validates all of the caller's clouds.
    pub fn parse_all(parts: Vec<InstanceMetadataParts>) -> Result<Vec<Self>, Rejection> {
        if parts.len() > 16 || parts.iter().any(|cloud| cloud.aliases.len() > 16) {
            return Err(Rejection::too_long(
                FIELD,
                "contains more than 16 clouds, or a cloud with more than 16 aliases",
            ));
        }
        let mut clouds = Vec::with_capacity(parts.len());
        for cloud in parts {
            clouds.push(Self::parse(cloud)?);
        }
        Ok(clouds)
    }

    fn parse(parts: InstanceMetadataParts) -> Result<Self, Rejection> {
        let name = |text: &str| {
            parse_host_name(text).map_err(|reason| Rejection::malformed(FIELD, reason))
        };
        let mut cloud = Self {
            preferred_network: name(&parts.preferred_network)?,
            preferred_cache: name(&parts.preferred_cache)?,
            aliases: Vec::new(),
        };
        for alias in &parts.aliases {
            cloud.aliases.push(name(alias)?);
        }
        for (preferred, reason) in [
            (
                &cloud.preferred_network,
                "contains a cloud whose preferred-network is not one of its aliases",
            ),
            (
                &cloud.preferred_cache,
                "contains a cloud whose preferred-cache is not one of its aliases",
            ),
        ] {
            if !cloud.aliases.contains(preferred) {
                return Err(Rejection::new(FIELD, RejectionCode::Conflict, reason));
            }
        }
        Ok(cloud)
    }
}

/// The cloud of a tenant that is given without a host.
pub(super) const PUBLIC: &Cloud = &Cloud {
    preferred_network: "login.microsoftonline.com",
    preferred_cache: "login.windows.net",
    aliases: &["login.microsoft.com", "sts.windows.net"],
    regional: "login.microsoft.com",
};

/// MSAL.NET 4.87's table.
const CLOUDS: &[&Cloud] = &[
    PUBLIC,
    &cloud("login.partner.microsoftonline.cn", &["login.chinacloudapi.cn"]),
    &cloud("login.microsoftonline.us", &["login.usgovcloudapi.net"]),
    &cloud("login-us.microsoftonline.com", &[]),
    &cloud("login.microsoftonline.de", &[]),
    &cloud("login.windows-ppe.net", &["sts.windows-ppe.net", "login.microsoft-ppe.com"]),
    &cloud("login.sovcloud-identity.fr", &[]),
    &cloud("login.sovcloud-identity.de", &[]),
    &cloud("login.sovcloud-identity.sg", &[]),
];

const fn cloud(host: &'static str, aliases: &'static [&'static str]) -> Cloud {
    Cloud { preferred_network: host, preferred_cache: host, aliases, regional: host }
}

const FIELD: &str = "application.options.instance-metadata";

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(network: &str, cache: &str, aliases: &[&str]) -> InstanceMetadataParts {
        InstanceMetadataParts {
            preferred_network: network.to_owned(),
            preferred_cache: cache.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        }
    }

    #[test]
    fn both_preferred_names_are_aliases() {
        let clouds = InstanceMetadata::parse_all(vec![parts(
            "A.example",
            "b.example",
            &["a.example", "B.example"],
        )]);
        let clouds = clouds.unwrap();
        assert_eq!(clouds[0].preferred_network, "a.example");
        assert_eq!(clouds[0].aliases, ["a.example", "b.example"]);
        for (network, cache) in [("a.example", "c.example"), ("c.example", "a.example")] {
            let parsed = InstanceMetadata::parse_all(vec![parts(network, cache, &["a.example"])]);
            assert_eq!(parsed.unwrap_err().code, RejectionCode::Conflict);
        }
    }

    #[test]
    fn there_are_at_most_16_clouds_of_16_names() {
        let cloud = parts("a.example", "a.example", &["a.example"; 16]);
        assert!(InstanceMetadata::parse_all(vec![cloud.clone(); 16]).is_ok());
        let longer = parts("a.example", "a.example", &["a.example"; 17]);
        for clouds in [vec![cloud; 17], vec![longer]] {
            let rejection = InstanceMetadata::parse_all(clouds).unwrap_err();
            assert_eq!(rejection.code, RejectionCode::TooLong);
        }
    }

    #[test]
    fn no_host_belongs_to_two_clouds() {
        let mut hosts = Vec::new();
        for cloud in CLOUDS {
            hosts.push(cloud.preferred_network);
            hosts.extend(cloud.aliases);
            if cloud.preferred_cache != cloud.preferred_network {
                hosts.push(cloud.preferred_cache);
            }
        }
        for (index, host) in hosts.iter().enumerate() {
            assert!(!hosts[..index].contains(host), "{host}");
            assert!(find(host).is_some_and(|cloud| cloud.has(host)), "{host}");
        }
    }
}
