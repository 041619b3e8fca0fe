//! HTTP requests and responses, independent of a client.

use std::borrow::Cow;

use crate::authority::Endpoint;
use crate::error::Cause;
use crate::error::NoAnswer;
use crate::error::Unreachable;
use crate::secret::Secret;

/// A token request or a discovery request.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The URL.
    pub endpoint: Endpoint,
    /// The encoded query.
    pub query: Option<String>,
    /// All headers except those of the connection.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The form, whose length is sent as `Content-Length`; empty for discovery.
    pub body: Secret<Vec<u8>>,
}

impl HttpRequest {
    /// The complete URL.
    pub fn to_url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.endpoint),
            None => self.endpoint.to_string(),
        }
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fetches a document.
    Get,
    /// Sends a form.
    Post,
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, at most [`MAX_BODY`] bytes.
    pub body: Secret<Vec<u8>>,
}

impl HttpResponse {
    /// The value of a header that must be unique; `None` if it is absent, repeated or not UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }
}

/// Why there is no response. The texts contain nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The host does not allow this destination, or any HTTP.
    NotPermitted(String),
    /// There was no connection: name lookup, connecting or TLS failed, or the time was too short to tell.
    NotConnected(String),
    /// The server took the request and did not answer in time.
    Silent(String),
    /// The connection broke off before the answer.
    BrokenOff(String),
    /// The response is not HTTP, or is too large.
    Malformed(String),
}

impl From<SendError> for Cause {
    fn from(error: SendError) -> Self {
        let (kind, reason) = match error {
            SendError::NotPermitted(reason) => return Self::NotPermitted(reason),
            SendError::Malformed(reason) => return Self::unexpected(None, reason),
            SendError::NotConnected(reason) => (NoAnswer::NotConnected, reason),
            SendError::Silent(reason) => (NoAnswer::Silent, reason),
            SendError::BrokenOff(reason) => (NoAnswer::BrokenOff, reason),
        };
        Self::Unreachable(Unreachable { kind, reason })
    }
}

/// 1 MiB, as in MSAL.NET: about a hundred times the longest token.
pub const MAX_BODY: usize = 1 << 20;
