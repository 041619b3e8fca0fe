//! A connection to the server of a request, directly or through a proxy.

use http::Uri;
use wasmtime_wasi_http::Error;

use super::Settings;
use super::proxy::Proxy;
use super::stream;
use super::stream::Stream;
use super::target::Target;
use super::tunnel;

/// Returns the proxy for a request, if it needs one.
///
/// A loopback host has none, whatever the settings: a credential sent to it over plain `http` must not
/// leave the machine. A host with a fixed address has none either, because a proxy would not use it.
pub(super) fn proxy(
    settings: &Settings,
    uri: &Uri,
    target: &Target,
) -> Result<Option<Proxy>, Error> {
    if target.is_loopback() || settings.resolution_of(target).is_some() {
        return Ok(None);
    }
    settings.proxies.proxy(uri)
}

/// Connects to a server, with TLS if its scheme is `https`. With a proxy, that is a tunnel through it;
/// without TLS, it is a connection to the proxy itself.
pub(super) async fn connect(
    settings: &Settings,
    target: &Target,
    proxy: Option<&Proxy>,
) -> Result<Stream, Error> {
    let stream = match proxy {
        None => stream::tcp(settings, target).await?,
        Some(proxy) => {
            let stream = connect_to_proxy(settings, proxy).await?;
            if target.is_tls { tunnel::open(stream, target, proxy).await? } else { stream }
        }
    };
    if !target.is_tls {
        return Ok(stream);
    }
    let (name, configuration) = match &settings.redirection {
        Some(redirection) => (redirection.server_name(target)?, redirection.configuration()?),
        None => (target.server_name()?, None),
    };
    let configuration = configuration.map_or_else(|| settings.trust.configuration(), Ok)?;
    stream::tls(configuration, name, stream).await
}

async fn connect_to_proxy(settings: &Settings, proxy: &Proxy) -> Result<Stream, Error> {
    let connect = async {
        let stream = stream::tcp(settings, &proxy.server).await?;
        if proxy.server.is_tls {
            let configuration = settings.trust.configuration()?;
            stream::tls(configuration, proxy.server.server_name()?, stream).await
        } else {
            Ok(stream)
        }
    };
    connect.await.map_err(|error| proxy.unreachable(&error))
}
