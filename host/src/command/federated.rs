//! A federated workload's token in a file that the platform keeps up to date.

use std::path::PathBuf;

use async_trait::async_trait;
use msal_host::AssertionProvider;
use msal_host::AssertionRequest;

use super::file;

/// Reads the file again for each token request.
#[derive(Debug)]
pub(super) struct FederatedToken {
    name: &'static str,
    path: PathBuf,
}

impl FederatedToken {
    /// The token in a file, and the flag or variable that names it.
    pub(super) fn new(name: &'static str, path: impl Into<PathBuf>) -> Self {
        Self { name, path: path.into() }
    }
}

#[async_trait]
impl AssertionProvider for FederatedToken {
    async fn get_assertion(&self, _request: AssertionRequest) -> Result<String, String> {
        file::read_secret(self.name, &self.path).map_err(|failure| failure.to_string())
    }
}
