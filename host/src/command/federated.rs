//! A federated workload's token, which the platform keeps fresh in a file.

use std::path::PathBuf;

use async_trait::async_trait;
use msal_host::AssertionProvider;
use msal_host::AssertionRequest;

use super::file;

/// Reads the file anew for each token request.
pub(super) struct FederatedToken {
    path: PathBuf,
}

impl FederatedToken {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

#[async_trait]
impl AssertionProvider for FederatedToken {
    async fn get_assertion(&self, _request: AssertionRequest) -> Result<String, String> {
        file::read_secret(super::credential::FEDERATED_TOKEN_FILE, &self.path)
            .map_err(|failure| failure.to_string())
    }
}
