use super::DirectoryError;
use crate::ids::is_guid;

/// The version of access tokens that a resource accepts, which does not depend on the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceVersion {
    /// The audience is the resource's URI.
    V1,
    /// The audience is the resource's application ID.
    V2,
}

/// A resource that tokens are issued for.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its identifier URI, without `/.default`.
    pub identifier: String,
    /// Its application ID.
    pub app_id: String,
    /// The version of its tokens.
    pub version: ResourceVersion,
    /// Whether an application without a role is refused.
    pub assignment_required: bool,
}

impl Resource {
    /// A resource that accepts version 2 tokens and requires no assignment.
    pub fn new(identifier: &str, app_id: &str) -> Self {
        Self {
            identifier: identifier.to_owned(),
            app_id: app_id.to_ascii_lowercase(),
            version: ResourceVersion::V2,
            assignment_required: false,
        }
    }

    /// Makes it accept version 1 tokens.
    #[must_use]
    pub fn with_version_1_tokens(mut self) -> Self {
        self.version = ResourceVersion::V1;
        self
    }

    /// Refuses applications without a role.
    #[must_use]
    pub fn with_assignment_required(mut self) -> Self {
        self.assignment_required = true;
        self
    }

    /// Entra compares identifiers case-insensitively and drops one trailing slash:
    /// `https://x//.default` names `https://x/`.
    pub(crate) fn is_named(&self, identifier: &str) -> bool {
        let plain = |text: &str| text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        plain(&self.identifier) == plain(identifier)
            || self.app_id.eq_ignore_ascii_case(identifier)
            || identifier
                .strip_prefix("api://")
                .is_some_and(|app_id| self.app_id.eq_ignore_ascii_case(app_id))
    }

    /// Only Microsoft Graph evaluates tokens continuously for workload identities.
    pub(crate) fn evaluates_continuously(&self) -> bool {
        self.is_named("https://graph.microsoft.com")
    }

    pub(super) fn validate(&self) -> Result<(), DirectoryError> {
        if self.identifier.is_empty() || self.identifier.contains(char::is_whitespace) {
            return Err(DirectoryError::new(format!(
                "resource {:?} has an identifier that no scope can name",
                self.identifier
            )));
        }
        if !is_guid(&self.app_id) {
            return Err(DirectoryError::new(format!(
                "resource {} has an application id that is not a GUID",
                self.identifier
            )));
        }
        Ok(())
    }
}
