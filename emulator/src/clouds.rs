//! The host names of Microsoft's clouds.

/// The aliases of the cloud that this host, or the host without its region, belongs to.
pub(crate) fn aliases_of(host: &str) -> Option<&'static [&'static str]> {
    let host = host.to_ascii_lowercase();
    let is_region_of = |alias: &str| {
        let region = host.strip_suffix(alias).and_then(|rest| rest.strip_suffix('.'));
        region.is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    CLOUDS
        .into_iter()
        .find(|aliases| aliases.iter().any(|alias| host == *alias || is_region_of(alias)))
}

/// The hosts of every cloud.
pub(crate) fn hosts() -> impl Iterator<Item = &'static str> {
    CLOUDS.into_iter().flatten().copied()
}

/// The aliases of each cloud's authority; the first is its preferred network name.
pub(crate) const CLOUDS: [&[&str]; 9] = [
    &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    &["login.microsoftonline.de"],
    &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    &["login-us.microsoftonline.com"],
    &["login.windows-ppe.net", "sts.windows-ppe.net", "login.microsoft-ppe.com"],
    &["login.sovcloud-identity.fr"],
    &["login.sovcloud-identity.de"],
    &["login.sovcloud-identity.sg"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_belongs_to_its_cloud() {
        assert_eq!(aliases_of("westeurope.login.microsoft.com"), Some(CLOUDS[0]));
        assert_eq!(aliases_of("LOGIN.microsoftonline.us"), Some(CLOUDS[3]));
        assert_eq!(aliases_of("evil.example.login.microsoft.com"), None);
        assert_eq!(aliases_of("login.microsoftonline.com.evil.example"), None);
    }
}
