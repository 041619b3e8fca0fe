//! One request and its response.

use std::time::Duration;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::header::CONTENT_LENGTH;
use http::header::HOST;
use http::header::HeaderValue;
use http::header::PROXY_AUTHORIZATION;
use http::header::TRANSFER_ENCODING;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use tokio::time::timeout;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::RequestOptions;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::io::TokioIo;

use super::Settings;
use super::body::TimedBody;
use super::connection;
use super::failure;
use super::first_byte::FirstByte;
use super::proxy::Proxy;
use super::target::Target;

/// Sends a request over a new connection. The response body can be read while the returned handle of
/// the connection's task is alive.
pub(super) async fn send(
    settings: &Settings,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, AbortOnDropJoinHandle<()>), Error> {
    let mut target = Target::of(request.uri())?;
    if !settings.policy.is_allowed(&target.host, target.port) {
        return Err(Error::HttpRequestDenied);
    }
    if let Some(redirection) = &settings.redirection {
        redirection.redirect(&mut request)?;
        target = Target::of(request.uri())?;
    }
    let timeouts = Timeouts::new(options.unwrap_or_default());
    let proxy = connection::proxy(settings, request.uri(), &target)?;
    add_host(&mut request)?;
    // A proxy takes part in the exchange only if there is no tunnel.
    let forwarder = proxy.as_ref().filter(|_| !target.is_tls);
    match forwarder {
        Some(proxy) => authorize(&mut request, proxy),
        None => to_origin_form(&mut request)?,
    }

    let stream = timeout(timeouts.connect, connection::connect(settings, &target, proxy.as_ref()))
        .await
        .map_err(|_| proxy.as_ref().map_or(Error::ConnectionTimeout, Proxy::too_slow))??;
    let first_byte = FirstByte::default();
    let stream = first_byte.watch(stream);
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(failure::exchanging)?;
    let driver = wasmtime_wasi::runtime::spawn(async move {
        // A connection failure is reported by the future of the response or by its body.
        let _ = connection.await;
    });
    let response = timeout(timeouts.first_byte, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)
        .and_then(|answered| answered.map_err(failure::exchanging))
        .map_err(
            |error| if first_byte.has_arrived() { failure::within_head(error) } else { error },
        )?;
    if has_two_lengths(response.headers()) {
        return Err(Error::HttpResponseTransferCoding(None));
    }
    // Only a proxy sends this status. Others may be the server's.
    if let Some(proxy) = forwarder
        && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
    {
        return Err(proxy.refusal(response.status(), &target));
    }
    let pause = timeouts.between_bytes;
    Ok((response.map(|body| TimedBody::new(body, pause).boxed_unsync()), driver))
}

/// hyper lets the coding override the length, and wasmtime hides the coding from the component, but
/// [RFC 9112, section 6.3](https://www.rfc-editor.org/rfc/rfc9112#section-6.3) says that this ought to
/// be an error.
fn has_two_lengths(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH)
}

/// The timeouts that the component requests, capped by the host.
struct Timeouts {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Timeouts {
    fn new(options: RequestOptions) -> Self {
        let capped = |wanted: Option<Duration>, cap| wanted.unwrap_or(cap).min(cap);
        Self {
            connect: capped(options.connect_timeout, MAX_CONNECT_TIMEOUT),
            first_byte: capped(options.first_byte_timeout, MAX_PAUSE),
            between_bytes: capped(options.between_bytes_timeout, MAX_PAUSE),
        }
    }
}

const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_PAUSE: Duration = Duration::from_secs(600);

fn add_host(request: &mut Request<WasiBody>) -> Result<(), Error> {
    if !request.headers().contains_key(HOST)
        && let Some(authority) = request.uri().authority()
    {
        let value = HeaderValue::from_str(authority.as_str());
        request.headers_mut().insert(HOST, value.map_err(|_| Error::HttpRequestUriInvalid)?);
    }
    Ok(())
}

/// Adds the credentials for a proxy that forwards the request. Its target stays in absolute form.
fn authorize(request: &mut Request<WasiBody>, proxy: &Proxy) {
    if let Some(authorization) = &proxy.authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
    }
}

/// Converts the request target to origin form: path and query only, as for a server that is not a proxy.
fn to_origin_form(request: &mut Request<WasiBody>) -> Result<(), Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() =
        Uri::builder().path_and_query(path).build().map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok(())
}
