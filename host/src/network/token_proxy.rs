//! The server that takes token requests in place of the authority: the identity bindings of AKS.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use http::Request;
use http::Uri;
use http::header::HOST;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use wasmtime_wasi_http::Error;

use super::NetworkError;
use super::target::Target;
use super::tls;
use crate::trust::CaCertificates;

/// A server that takes token requests in place of the authority, as the identity bindings of AKS need. Requests go to its
/// URL with the path of the authority's token endpoint appended, and with its host in `Host`.
#[derive(Clone, Debug, Default)]
pub struct TokenProxy {
    /// `https://HOST[:PORT][/PATH]`
    pub url: String,
    /// The server's name in the TLS handshake and in its certificate. Default: the URL's host.
    pub server_name: Option<String>,
    /// Whom to trust. Default: as for other servers.
    pub trust: TokenProxyTrust,
}

/// The certificate authorities for a [`TokenProxy`].
#[derive(Clone, Debug, Default)]
pub enum TokenProxyTrust {
    /// Those for all servers.
    #[default]
    Default,
    /// Only those in this text of a PEM file.
    Pem(String),
    /// Only those in this PEM file, which is read for each connection, because the platform renews it.
    File(PathBuf),
}

/// A checked [`TokenProxy`].
#[derive(Debug)]
pub(super) struct Redirection {
    /// Without a slash at its end.
    base: String,
    server_name: Option<ServerName<'static>>,
    trust: TokenProxyTrust,
}

impl Redirection {
    pub(super) fn new(proxy: TokenProxy) -> Result<Self, NetworkError> {
        let invalid = |reason: &str| NetworkError::TokenProxy(reason.to_owned());
        let uri: Uri = proxy.url.parse().map_err(|_| invalid(INVALID))?;
        let has_user = uri.authority().is_none_or(|authority| authority.as_str().contains('@'));
        if uri.scheme_str() != Some("https")
            || has_user
            || uri.query().is_some()
            || proxy.url.contains('#')
        {
            return Err(invalid(INVALID));
        }
        let server_name = proxy.server_name.map(ServerName::try_from).transpose();
        let redirection = Self {
            base: proxy.url.trim_end_matches('/').to_owned(),
            server_name: server_name.map_err(|_| invalid("the server name is not a host name"))?,
            trust: proxy.trust,
        };
        redirection.authorities().map_err(|reason| invalid(&reason))?;
        Ok(redirection)
    }

    /// Sends the request to this server.
    pub(super) fn redirect<B>(&self, request: &mut Request<B>) -> Result<(), Error> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("{}{path}", self.base).parse();
        *request.uri_mut() = uri.map_err(|_| Error::HttpRequestUriInvalid)?;
        request.headers_mut().remove(HOST);
        Ok(())
    }

    /// The TLS configuration, unless it is that of all servers.
    pub(super) fn configuration(&self) -> Result<Option<Arc<ClientConfig>>, Error> {
        let failed = |reason| Error::InternalError(Some(reason));
        let Some(authorities) = self.authorities().map_err(failed)? else { return Ok(None) };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().cloned());
        tls::configuration(roots).map(Some).map_err(failed)
    }

    pub(super) fn server_name(&self, target: &Target) -> Result<ServerName<'static>, Error> {
        self.server_name.clone().map_or_else(|| target.server_name(), Ok)
    }

    fn authorities(&self) -> Result<Option<CaCertificates>, String> {
        let text = match &self.trust {
            TokenProxyTrust::Default => return Ok(None),
            TokenProxyTrust::Pem(text) => text.clone().into_bytes(),
            TokenProxyTrust::File(path) => fs::read(path)
                .map_err(|error| format!("the token proxy's CA file cannot be read: {error}"))?,
        };
        let found = CaCertificates::from_pem(text);
        found
            .map(Some)
            .map_err(|error| format!("the token proxy's CA certificate cannot be used: {error}"))
    }
}

const INVALID: &str = "the URL of the token proxy is not https://HOST[:PORT][/PATH]";

#[cfg(test)]
mod tests {
    use super::*;

    fn redirection(url: &str) -> Result<Redirection, NetworkError> {
        Redirection::new(TokenProxy { url: url.to_owned(), ..TokenProxy::default() })
    }

    #[test]
    fn the_path_of_the_token_endpoint_is_appended() {
        for (url, expected) in [
            ("https://proxy.example", "https://proxy.example/t/oauth2/v2.0/token?a=b"),
            ("https://proxy.example:6443/", "https://proxy.example:6443/t/oauth2/v2.0/token?a=b"),
            ("https://p.example/base/x", "https://p.example/base/x/t/oauth2/v2.0/token?a=b"),
        ] {
            let mut request = Request::post("https://login.example/t/oauth2/v2.0/token?a=b")
                .header(HOST, "login.example")
                .body(())
                .unwrap();
            redirection(url).unwrap().redirect(&mut request).unwrap();
            assert_eq!(request.uri(), expected);
            assert!(!request.headers().contains_key(HOST));
        }
    }

    /// As in the Azure SDKs.
    #[test]
    fn other_urls_are_refused() {
        for url in [
            "",
            "http://proxy.example",
            "https://user@proxy.example",
            "https://proxy.example?a=b",
            "https://proxy.example#a",
            "proxy.example",
        ] {
            assert!(redirection(url).is_err(), "{url}");
        }
    }
}
