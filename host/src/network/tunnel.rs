//! A tunnel through a proxy: the CONNECT method of
//! [RFC 9110, section 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6).

use bytes::Bytes;
use http::HeaderValue;
use http::Request;
use http::header::HOST;
use http::header::PROXY_AUTHORIZATION;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use wasmtime_wasi_http::Error;

use super::failure;
use super::proxy::Proxy;
use super::stream::Stream;
use super::target::Target;

/// Asks a proxy to connect to a server, and returns the stream to that server.
pub(super) async fn open(stream: Stream, target: &Target, proxy: &Proxy) -> Result<Stream, Error> {
    let request = to_request(target, proxy)?;
    let failed = |error: hyper::Error| proxy.unreachable(&failure::exchanging(error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends when the stream is handed over.
    let _driver = wasmtime_wasi::runtime::spawn(async move {
        // A connection failure is reported by the future of the response.
        let _ = connection.with_upgrades().await;
    });
    let response = sender.send_request(request).await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(proxy.refusal(response.status(), target));
    }
    let stream = hyper::upgrade::on(response).await.map_err(failed)?;
    Ok(Box::new(TokioIo::new(stream)))
}

fn to_request(target: &Target, proxy: &Proxy) -> Result<Request<Empty<Bytes>>, Error> {
    let authority = target.authority();
    let host = HeaderValue::from_str(&authority).map_err(|_| Error::HttpRequestUriInvalid)?;
    let mut request =
        Request::connect(authority).body(Empty::new()).map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(HOST, host);
    if let Some(authorization) = &proxy.authorization {
        request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
    }
    Ok(request)
}
