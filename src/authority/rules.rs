//! The options that decide how an authority is parsed.

use super::cloud::InstanceMetadata;
use super::kind::AuthorityKind;
use super::region::Region;

/// The options that decide how an authority is parsed.
#[derive(Clone, Debug, Default)]
pub struct AuthorityRules {
    /// The kind of server, if the caller named one.
    pub kind: Option<AuthorityKind>,
    /// Whether plain HTTP to a loopback address is allowed.
    pub allow_insecure_loopback: bool,
    /// Whether unknown hosts are validated by Microsoft's instance discovery.
    pub validate: bool,
    /// The region whose endpoint is preferred.
    pub region: Option<Region>,
    /// Clouds in addition to Microsoft's.
    pub clouds: Vec<InstanceMetadata>,
}
