use std::fmt;

use crate::Certificate;
use crate::bindings::msal::client_credentials::client_credentials as contract;

/// How the application authenticates. `Debug` shows the kind only.
#[derive(Clone)]
pub struct Credential(contract::Credential);

impl Credential {
    /// A client secret: its value, not its ID. At most 4 KiB.
    pub fn secret(secret: impl Into<String>) -> Self {
        Self(contract::Credential::Secret(secret.into()))
    }

    /// A client assertion signed elsewhere, such as a federated workload's token: a JWT of at most 64 KiB. Give a fresh
    /// one with each call. Tokens are cached only with [`cache_keys`](crate::Application::cache_keys).
    pub fn assertion(assertion: impl Into<String>) -> Self {
        Self(contract::Credential::Assertion(assertion.into()))
    }

    /// An assertion from the assertion provider, which is called for each token request and never on a cache hit.
    /// Requires a `-provider` flavour of the component. Caching as for [`assertion`](Self::assertion).
    pub fn provider() -> Self {
        Self(contract::Credential::Provider)
    }

    pub(crate) fn into_contract(self) -> contract::Credential {
        self.0
    }
}

impl From<Certificate> for Credential {
    fn from(certificate: Certificate) -> Self {
        Self(contract::Credential::Certificate(certificate.into_contract()))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match &self.0 {
            contract::Credential::Secret(_) => "Credential::secret(..)",
            contract::Credential::Certificate(_) => "Credential::from(Certificate(..))",
            contract::Credential::Assertion(_) => "Credential::assertion(..)",
            contract::Credential::Provider => "Credential::provider()",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_kind_only() {
        let credential = |it: Credential| format!("{it:?}");
        assert_eq!(credential(Credential::secret("hush")), "Credential::secret(..)");
        assert_eq!(credential(Credential::assertion("hush")), "Credential::assertion(..)");
        assert_eq!(
            credential(Certificate::pem("hush").passphrase("hush").into()),
            "Credential::from(Certificate(..))"
        );
    }
}
