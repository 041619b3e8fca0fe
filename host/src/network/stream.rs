//! Byte streams to a server: TCP, and TLS over any of them.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::Error;

use super::Settings;
use super::failure;
use super::target::Target;

/// A byte stream, with TLS or without.
pub(super) type Stream = Box<dyn ByteStream>;

/// The traits of a byte stream.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// Connects to the first address of a server that accepts a connection.
pub(super) async fn tcp(settings: &Settings, target: &Target) -> Result<Stream, Error> {
    let mut failure = failure::resolving();
    for address in addresses(settings, target).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Requests are small: waiting to fill a segment would only delay them.
                stream.set_nodelay(true).ok();
                return Ok(Box::new(stream));
            }
            Err(error) => failure = failure::connecting(&error),
        }
    }
    Err(failure)
}

/// Makes a TLS handshake over a stream, and checks that the certificate is for this name.
pub(super) async fn tls(
    configuration: Arc<ClientConfig>,
    name: ServerName<'static>,
    stream: Stream,
) -> Result<Stream, Error> {
    let stream = TlsConnector::from(configuration)
        .connect(name, stream)
        .await
        .map_err(|error| failure::handshaking(&error))?;
    Ok(Box::new(stream))
}

/// The addresses of a server. A credential is sent over plain `http` to this machine only, so `localhost` must mean it,
/// whatever a resolver says.
async fn addresses(settings: &Settings, target: &Target) -> Result<Vec<SocketAddr>, Error> {
    let mut addresses = all_addresses(settings, target).await?;
    if !target.is_tls && target.is_loopback() {
        addresses.retain(|address| {
            let ip = address.ip().to_canonical();
            ip.is_loopback() || ip.is_unspecified()
        });
        if addresses.is_empty() {
            return Err(Error::DestinationIpProhibited);
        }
    }
    Ok(addresses)
}

async fn all_addresses(settings: &Settings, target: &Target) -> Result<Vec<SocketAddr>, Error> {
    if let Some(address) = settings.resolution_of(target) {
        return Ok(vec![address]);
    }
    if let Some(address) = target.ip_address() {
        return Ok(vec![SocketAddr::new(address, target.port)]);
    }
    let addresses = tokio::net::lookup_host((target.bare_host(), target.port)).await;
    Ok(addresses.map_err(|_| failure::resolving())?.collect())
}
