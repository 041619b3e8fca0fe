use super::DirectoryError;
use crate::ids::is_guid;

/// A tenant: a GUID and its verified domain names.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant's GUID, in lower case.
    pub id: String,
    /// Its verified domains, including `….onmicrosoft.com`.
    pub domains: Vec<String>,
}

impl Tenant {
    /// A tenant with this GUID and these domains.
    pub fn new(id: &str, domains: &[&str]) -> Self {
        Self {
            id: id.to_ascii_lowercase(),
            domains: domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
        }
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name)
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    pub(super) fn validate(&self) -> Result<(), DirectoryError> {
        if !is_guid(&self.id) {
            return Err(DirectoryError::new(format!("tenant id {:?} is not a GUID", self.id)));
        }
        match self.domains.iter().find(|domain| !is_domain(domain)) {
            Some(domain) => Err(DirectoryError::new(format!(
                "tenant {} has {domain:?}, which is not a domain name",
                self.id
            ))),
            None => Ok(()),
        }
    }
}

/// Whether `name` is a domain name to Entra.
pub(crate) fn is_domain(name: &str) -> bool {
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
