use super::Directory;
use super::DirectoryError;

/// An OpenID Connect issuer below its own path.
///
/// It answers `GET {prefix}/.well-known/openid-configuration`, `GET {prefix}/keys` and
/// `POST {prefix}/token` on any host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcIssuer {
    /// The path, such as `/realms/demo`; empty for the root.
    pub prefix: String,
    /// The `issuer` in its configuration. `None`: the requested URL up to the prefix.
    pub issuer: Option<String>,
    /// The `token_endpoint` in its configuration. `None`: `{prefix}/token` on the requested host.
    pub token_endpoint: Option<String>,
    /// The tenant, by GUID or domain, of its applications. `None`: the directory's first tenant.
    pub tenant: Option<String>,
}

impl OidcIssuer {
    /// An issuer with the URL that the client requests. A trailing slash of `prefix` is dropped.
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.trim_end_matches('/').to_owned(),
            issuer: None,
            token_endpoint: None,
            tenant: None,
        }
    }

    /// Sets the `issuer` in the configuration, which may be wrong.
    #[must_use]
    pub fn with_issuer(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.to_owned());
        self
    }

    /// Sets the `token_endpoint` in the configuration, which may be wrong. The emulator also serves its
    /// path, on any host, unless the path is one of the emulator's routes.
    #[must_use]
    pub fn with_token_endpoint(mut self, url: &str) -> Self {
        self.token_endpoint = Some(url.to_owned());
        self
    }

    /// Sets the tenant of its applications, by GUID or domain.
    #[must_use]
    pub fn in_tenant(mut self, tenant: &str) -> Self {
        self.tenant = Some(tenant.to_owned());
        self
    }

    pub(crate) fn has_token_endpoint_at(&self, path: &str) -> bool {
        let named = self.token_endpoint.as_deref().and_then(path_of);
        path.strip_prefix(&self.prefix) == Some("/token") || named == Some(path)
    }

    pub(super) fn validate(&self, directory: &Directory) -> Result<(), DirectoryError> {
        let prefix = &self.prefix;
        let is_path = prefix.is_empty() || prefix.starts_with('/');
        if !is_path || prefix.contains(['?', '#']) {
            return Err(DirectoryError::new(format!("OIDC issuer {prefix:?} has an invalid path")));
        }
        match &self.tenant {
            Some(tenant) if directory.tenant(tenant).is_none() => Err(DirectoryError::new(
                format!("OIDC issuer {prefix:?} is in tenant {tenant}, which is unknown"),
            )),
            _ => Ok(()),
        }
    }
}

fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.find('/').map(|slash| &rest[slash..])?;
    path.split(['?', '#']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_token_endpoint_is_matched_by_path() {
        let issuer = OidcIssuer::new("/a/").with_token_endpoint("https://evil.example/t?x=1");
        assert!(issuer.has_token_endpoint_at("/a/token"));
        assert!(issuer.has_token_endpoint_at("/t"));
        assert!(!issuer.has_token_endpoint_at("/token"));
        assert!(OidcIssuer::new("/").has_token_endpoint_at("/token"));
        assert!(!OidcIssuer::new("").with_token_endpoint("nothing").has_token_endpoint_at("/"));
    }
}
