//! One request over `wasi:http`, with a deadline and a limit on the size of the body.

use std::borrow::Cow;
use std::time::Duration;

use super::bindings::wasi::clocks::monotonic_clock;
use super::bindings::wasi::http::outgoing_handler;
use super::bindings::wasi::http::types::ErrorCode;
use super::bindings::wasi::http::types::Fields;
use super::bindings::wasi::http::types::FutureIncomingResponse;
use super::bindings::wasi::http::types::IncomingBody;
use super::bindings::wasi::http::types::IncomingResponse;
use super::bindings::wasi::http::types::Method;
use super::bindings::wasi::http::types::OutgoingBody;
use super::bindings::wasi::http::types::OutgoingRequest;
use super::bindings::wasi::http::types::RequestOptions;
use super::bindings::wasi::http::types::Scheme;
use super::bindings::wasi::io::poll;
use super::bindings::wasi::io::poll::Pollable;
use super::bindings::wasi::io::streams::InputStream;
use super::bindings::wasi::io::streams::OutputStream;
use super::bindings::wasi::io::streams::StreamError;
use super::wasi::to_nanoseconds;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::MAX_BODY;
use crate::http::Method as RequestMethod;
use crate::http::SendError;
use crate::sanitize::printable;
use crate::secret::Secret;

/// Sends a request and reads the whole answer, or fails at the deadline.
pub(super) fn send(request: HttpRequest, within: Duration) -> Result<HttpResponse, SendError> {
    let deadline = monotonic_clock::subscribe_duration(to_nanoseconds(within));
    let (outgoing, content) = to_outgoing(request)?;
    let body = outgoing.body().map_err(|()| internal("the host did not provide a request body"))?;
    let (options, limits_connecting) = to_options(within);
    let future =
        outgoing_handler::handle(outgoing, Some(options)).map_err(|code| to_error(&code))?;
    // Silence is the server's only if connecting would have failed sooner.
    let judge = |error| match error {
        SendError::Silent(reason) if !limits_connecting || within <= CONNECT_TIMEOUT => {
            SendError::NotConnected(reason)
        }
        other => other,
    };
    // A server may answer before it has read the whole body, so a failed write is not yet a failure.
    let written = write_body(body, content.expose(), &deadline);
    if let Err(error) = written
        && !matches!(error, SendError::NotPermitted(_) | SendError::Malformed(_))
        && deadline.ready()
    {
        return Err(judge(error));
    }
    let response = wait_for_head(&future, &deadline).map_err(judge)?;
    read_response(response, &deadline)
}

fn to_outgoing(request: HttpRequest) -> Result<(OutgoingRequest, Secret<Vec<u8>>), SendError> {
    let HttpRequest { method, endpoint, query, headers, body } = request;
    let own = |(name, value): (Cow<'static, str>, String)| (name.into_owned(), value.into_bytes());
    let mut headers: Vec<_> = headers.into_iter().map(own).collect();
    let method = match method {
        RequestMethod::Get => Method::Get,
        RequestMethod::Post => {
            // Without it, hosts send a chunked body, which login.microsoftonline.com answers with 404.
            let length = body.expose().len().to_string();
            headers.push(("content-length".to_owned(), length.into_bytes()));
            Method::Post
        }
    };
    // One call of the host, not one for each header.
    let headers = Fields::from_list(&headers)
        .map_err(|_| internal("the host refuses a header of the request"))?;
    let path = match query {
        Some(query) => format!("{}?{query}", endpoint.path),
        None => endpoint.path,
    };
    let outgoing = OutgoingRequest::new(headers);
    let scheme = if endpoint.is_https { Scheme::Https } else { Scheme::Http };
    outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(&endpoint.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&path)))
        .map_err(|()| internal("the host refuses the token endpoint's URL"))?;
    Ok((outgoing, body))
}

/// Returns the options, and whether the host limits the time to connect. Hosts differ in which of these they support. A
/// refusal is ignored, because the deadline holds anyway.
fn to_options(within: Duration) -> (RequestOptions, bool) {
    let options = RequestOptions::new();
    let connect = to_nanoseconds(within.min(CONNECT_TIMEOUT));
    let answer = to_nanoseconds(within.min(ANSWER_TIMEOUT));
    let limits_connecting = options.set_connect_timeout(Some(connect)).is_ok();
    let _ = options.set_first_byte_timeout(Some(answer));
    let _ = options.set_between_bytes_timeout(Some(answer));
    (options, limits_connecting)
}

fn write_body(body: OutgoingBody, bytes: &[u8], deadline: &Pollable) -> Result<(), SendError> {
    let stream = body.write().map_err(|()| internal("the host did not provide a request body"))?;
    let written = write_all(&stream, bytes, deadline);
    // A child resource must be dropped before its parent, on error paths too.
    drop(stream);
    written?;
    OutgoingBody::finish(body, None).map_err(|code| to_error(&code))
}

fn write_all(
    stream: &OutputStream,
    mut bytes: &[u8],
    deadline: &Pollable,
) -> Result<(), SendError> {
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(|error| broken(&error))?;
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        if room == 0 {
            wait(&stream.subscribe(), deadline)?;
            if deadline.ready() {
                return Err(too_late());
            }
            continue;
        }
        let (chunk, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        stream.write(chunk).map_err(|error| broken(&error))?;
        bytes = rest;
    }
    stream.flush().map_err(|error| broken(&error))
}

fn wait_for_head(
    future: &FutureIncomingResponse,
    deadline: &Pollable,
) -> Result<IncomingResponse, SendError> {
    wait(&future.subscribe(), deadline)?;
    match future.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(to_error(&code)),
        Some(Err(())) | None => Err(internal("the host gave no answer")),
    }
}

fn read_response(
    response: IncomingResponse,
    deadline: &Pollable,
) -> Result<HttpResponse, SendError> {
    let status = response.status();
    let headers = response.headers().entries();
    let headers =
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let body =
        response.consume().map_err(|()| internal("the host did not provide the answer's body"))?;
    let bytes = read_body(&body, deadline)?;
    Ok(HttpResponse { status, headers, body: Secret::from(bytes) })
}

fn read_body(body: &IncomingBody, deadline: &Pollable) -> Result<Vec<u8>, SendError> {
    let stream =
        body.stream().map_err(|()| internal("the host did not provide the answer's body"))?;
    read_all(&stream, deadline)
}

fn read_all(stream: &InputStream, deadline: &Pollable) -> Result<Vec<u8>, SendError> {
    let mut bytes = Vec::new();
    loop {
        match stream.read(READ_LENGTH) {
            // Waiting includes the deadline, so that a stream that is always ready and always empty ends too.
            Ok(chunk) if chunk.is_empty() => wait(&stream.subscribe(), deadline)?,
            Ok(chunk) if bytes.len().saturating_add(chunk.len()) > MAX_BODY => {
                return Err(SendError::Malformed("the body is larger than 1 MiB".to_owned()));
            }
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(after_the_head(broken(&error))),
        }
        if deadline.ready() {
            return Err(too_late());
        }
    }
}

/// Waits until something is ready, but not beyond the deadline.
fn wait(pollable: &Pollable, deadline: &Pollable) -> Result<(), SendError> {
    if poll::poll(&[pollable, deadline]).contains(&0) { Ok(()) } else { Err(too_late()) }
}

/// Classifies an error. Its text comes from the host and may contain anything.
fn to_error(code: &ErrorCode) -> SendError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            SendError::NotPermitted("the host does not allow requests to the authority".to_owned())
        }
        ErrorCode::InternalError(Some(text)) if text.contains(DENIAL) => {
            SendError::NotPermitted(describe(code))
        }
        ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseTrailerSectionSize(_)
        | ErrorCode::HttpResponseTrailerSize(_)
        | ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_)
        | ErrorCode::HttpUpgradeFailed => SendError::Malformed(describe(code)),
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => SendError::Silent(describe(code)),
        // The Node shim reports a reset connection as a protocol error.
        ErrorCode::ConnectionTerminated | ErrorCode::HttpProtocolError => {
            SendError::BrokenOff(describe(code))
        }
        ErrorCode::DnsError(_) => SendError::NotResolved(describe(code)),
        // Spin reports an unknown certificate authority as a protocol error.
        ErrorCode::TlsCertificateError
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsAlertReceived(_) => SendError::NotTrusted(describe(code)),
        _ => SendError::NotConnected(describe(code)),
    }
}

fn describe(code: &ErrorCode) -> String {
    match code {
        ErrorCode::DnsTimeout => "the name lookup timed out".to_owned(),
        ErrorCode::DnsError(_) => "the authority's host name cannot be resolved".to_owned(),
        ErrorCode::DestinationNotFound | ErrorCode::DestinationUnavailable => {
            "the authority's host cannot be reached".to_owned()
        }
        ErrorCode::ConnectionRefused => "the connection was refused".to_owned(),
        ErrorCode::ConnectionTerminated => "the connection broke".to_owned(),
        ErrorCode::ConnectionTimeout => "connecting timed out".to_owned(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            "the answer timed out".to_owned()
        }
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
            "TLS failed: the two sides do not agree, or the certificate cannot be trusted"
                .to_owned()
        }
        ErrorCode::TlsCertificateError => {
            "the authority's certificate cannot be trusted".to_owned()
        }
        ErrorCode::HttpProtocolError => {
            "the connection broke, or the answer is not HTTP".to_owned()
        }
        ErrorCode::HttpResponseIncomplete => "the answer is incomplete, or not HTTP".to_owned(),
        ErrorCode::HttpResponseTransferCoding(_) => {
            "the answer's transfer coding is invalid".to_owned()
        }
        ErrorCode::InternalError(Some(text)) => format!("the host says: {}", printable(text, 200)),
        ErrorCode::InternalError(None) => "the host failed".to_owned(),
        _ => "the host reports an HTTP error".to_owned(),
    }
}

fn broken(error: &StreamError) -> SendError {
    match error {
        StreamError::Closed => SendError::BrokenOff("the connection closed".to_owned()),
        StreamError::LastOperationFailed(error) => {
            match super::bindings::wasi::http::types::http_error_code(error) {
                Some(code) => to_error(&code),
                None => SendError::BrokenOff("the connection broke".to_owned()),
            }
        }
    }
}

/// After the status has arrived, a broken answer is not repeated: the server has processed the request.
fn after_the_head(error: SendError) -> SendError {
    match error {
        SendError::NotResolved(reason)
        | SendError::NotTrusted(reason)
        | SendError::NotConnected(reason)
        | SendError::Silent(reason)
        | SendError::BrokenOff(reason) => {
            SendError::Malformed(format!("the answer breaks off: {reason}"))
        }
        other => other,
    }
}

fn too_late() -> SendError {
    SendError::Silent("there was no answer before the deadline".to_owned())
}

/// A failure of the host, which says nothing about the authority and is not worth a retry.
fn internal(reason: &str) -> SendError {
    SendError::Malformed(reason.to_owned())
}

/// What hosts say in an internal error if outgoing HTTP is denied, by themselves or by a proxy.
const DENIAL: &str = "is not permitted";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const READ_LENGTH: u64 = 64 << 10;
