//! The host names of a cloud.

use super::AuthorityRules;
use super::cloud;

/// The host names that a host maps to: for requests, for cache keys and for the region.
pub(super) struct Names {
    pub(super) network: String,
    pub(super) cache: String,
    pub(super) regional: Option<String>,
}

impl Names {
    /// The caller's clouds take precedence over the built-in ones.
    pub(super) fn find(host: &str, rules: &AuthorityRules) -> Option<Self> {
        let mut own = rules.clouds.iter();
        if let Some(cloud) = own.find(|cloud| cloud.aliases.iter().any(|alias| alias == host)) {
            return Some(Self {
                network: cloud.preferred_network.clone(),
                cache: cloud.preferred_cache.clone(),
                regional: None,
            });
        }
        let cloud = cloud::find(host)?;
        let region = rules.region.as_ref();
        Some(Self {
            network: cloud.preferred_network.to_owned(),
            cache: cloud.preferred_cache.to_owned(),
            regional: region.map(|region| format!("{}.{}", region.as_str(), cloud.regional)),
        })
    }
}
