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

    /// Whether the body is a page for a browser, which no authority sends but proxies, firewalls and portals do.
    pub fn is_html(&self) -> bool {
        let is_labelled = self
            .header("content-type")
            .is_some_and(|media_type| begins_with(media_type.as_bytes(), b"text/html"));
        let body = self.body.expose().trim_ascii_start();
        is_labelled || begins_with(body, b"<!doctype html") || begins_with(body, b"<html")
    }
}

fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

/// Why there is no response. The texts contain nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The host does not allow this destination, or any HTTP.
    NotPermitted(String),
    /// The server's name could not be resolved.
    NotResolved(String),
    /// TLS failed, in most cases because the server's certificate is not trusted.
    NotTrusted(String),
    /// There was no connection for another reason, or the time was too short to tell.
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
            SendError::NotResolved(reason) => (NoAnswer::NotResolved, reason),
            SendError::NotTrusted(reason) => (NoAnswer::NotTrusted, reason),
            SendError::NotConnected(reason) => (NoAnswer::NotConnected, reason),
            SendError::Silent(reason) => (NoAnswer::Silent, reason),
            SendError::BrokenOff(reason) => (NoAnswer::BrokenOff, reason),
        };
        Self::Unreachable(Unreachable { kind, reason })
    }
}

/// 1 MiB, as in MSAL.NET: about a hundred times the longest token.
pub const MAX_BODY: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        HttpResponse {
            status: 200,
            headers: headers.collect(),
            body: Secret::from(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn a_repeated_or_unreadable_header_counts_as_absent() {
        let mut response = response(&[("a", "1"), ("b", "1"), ("b", "2")], "");
        response.headers.push(("c".to_owned(), vec![0xff]));
        assert_eq!(response.header("a"), Some("1"));
        for name in ["b", "c", "d"] {
            assert_eq!(response.header(name), None, "{name}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_label_or_its_beginning() {
        assert!(response(&[("content-type", "Text/HTML; charset=utf-8")], "{}").is_html());
        assert!(response(&[], " \r\n<!DOCTYPE html>").is_html());
        assert!(response(&[], "<HTML>").is_html());
        assert!(!response(&[("content-type", "application/json")], "{}").is_html());
        assert!(!response(&[], "<h").is_html());
    }

    #[test]
    fn the_url_has_the_query() {
        let endpoint = Endpoint {
            is_https: true,
            authority: "host.example".to_owned(),
            path: "/token".to_owned(),
        };
        let request = |query: Option<&str>| HttpRequest {
            method: Method::Get,
            endpoint: endpoint.clone(),
            query: query.map(str::to_owned),
            headers: Vec::new(),
            body: Secret::from(Vec::new()),
        };
        assert_eq!(request(None).to_url(), "https://host.example/token");
        assert_eq!(request(Some("a=1")).to_url(), "https://host.example/token?a=1");
    }
}
