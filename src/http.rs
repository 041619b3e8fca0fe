//! One HTTP exchange as the flow sees it, without a network.

use std::borrow::Cow;

use crate::authority::Endpoint;
use crate::secret::Secret;

/// A request to an authority, or a question about one.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// What is done.
    pub method: Method,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// The query, encoded.
    pub query: Option<String>,
    /// Every header but those of the connection.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The form; its length is sent as `Content-Length`. Empty for a question.
    pub body: Secret<Vec<u8>>,
}

impl HttpRequest {
    /// The whole URL.
    pub fn to_url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.endpoint),
            None => self.endpoint.to_string(),
        }
    }
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks for a document.
    Get,
    /// Sends a form.
    Post,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, at most [`MAX_BODY`] bytes.
    pub body: Secret<Vec<u8>>,
}

impl HttpResponse {
    /// The value of a header that must not come twice; none if it does, or is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }
}

/// Why there is no answer. The texts hold nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The host does not allow the destination, or HTTP at all.
    NotPermitted(String),
    /// There was no connection, or it broke, or time ran out.
    Unreachable(String),
    /// What came is not HTTP, or larger than allowed.
    Malformed(String),
}

/// 1 MiB, as MSAL.NET: some hundred times the longest token.
pub const MAX_BODY: usize = 1 << 20;
