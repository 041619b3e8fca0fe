//! A connection to the server of a request.

use std::net::IpAddr;
use std::net::SocketAddr;

use http::Uri;
use http::uri::Scheme;
use rustls::pki_types::ServerName;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::Error;

use super::Settings;
use super::failure;

/// Connects to the server of a URL, with TLS if its scheme is `https`.
pub(super) async fn connect(settings: &Settings, target: &Target) -> Result<Stream, Error> {
    let stream = target.tcp_stream(settings).await?;
    // Requests are small: waiting to fill a segment would only delay them.
    stream.set_nodelay(true).ok();
    if !target.is_tls {
        return Ok(Box::new(stream));
    }
    let configuration =
        settings.trust.configuration().map_err(|reason| Error::InternalError(Some(reason)))?;
    let stream = TlsConnector::from(configuration)
        .connect(target.server_name()?, stream)
        .await
        .map_err(|error| failure::handshaking(&error))?;
    Ok(Box::new(stream))
}

/// A byte stream, with TLS or without.
pub(super) type Stream = Box<dyn ByteStream>;

/// The traits of a byte stream.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// The server that a URL names.
pub(super) struct Target {
    /// As in the URL: an IPv6 address is in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    is_tls: bool,
}

impl Target {
    pub(super) fn of(uri: &Uri) -> Result<Self, Error> {
        let host =
            uri.host().filter(|host| !host.is_empty()).ok_or(Error::HttpRequestUriInvalid)?;
        let is_tls = uri.scheme() != Some(&Scheme::HTTP);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self { host: host.to_owned(), port, is_tls })
    }

    async fn tcp_stream(&self, settings: &Settings) -> Result<TcpStream, Error> {
        let mut failure = failure::resolving();
        for address in self.addresses(settings).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = failure::connecting(&error),
            }
        }
        Err(failure)
    }

    async fn addresses(&self, settings: &Settings) -> Result<Vec<SocketAddr>, Error> {
        let mapped = |resolution: &super::Resolution| resolution.address_of(&self.host, self.port);
        if let Some(address) = settings.resolutions.iter().find_map(mapped) {
            return Ok(vec![address]);
        }
        if let Ok(address) = self.bare_host().parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let addresses = tokio::net::lookup_host((self.bare_host(), self.port)).await;
        Ok(addresses.map_err(|_| failure::resolving())?.collect())
    }

    fn server_name(&self) -> Result<ServerName<'static>, Error> {
        ServerName::try_from(self.bare_host().to_owned()).map_err(|_| Error::HttpRequestUriInvalid)
    }

    fn bare_host(&self) -> &str {
        let inside = self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inside.unwrap_or(&self.host)
    }
}
