use std::fmt;
use std::time::Duration;

use crate::http::Act;
use crate::http::Delivery;
use crate::http::Response;

/// One scripted answer, sent instead of the emulator's own and controlled down to its bytes.
///
/// Start with [`Scripted::status`] or [`Scripted::json`] for a fixed answer, or with
/// [`Scripted::token`], [`Scripted::error`] or [`Scripted::normal`] for an answer that the emulator
/// makes; the other methods change it.
#[derive(Clone)]
pub struct Scripted {
    source: Source,
    status: Option<u16>,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
    delay_before_headers: Duration,
    delay_per_chunk: Duration,
    chunk_size: Option<usize>,
    cut_after: Option<usize>,
    chunked: bool,
    endless: bool,
}

/// The source of the answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Normal,
    Token { expires_in: u64 },
    Error { status: u16, error: String, code: u32, text: String },
    Fixed,
    Raw(Vec<u8>),
    Close,
    Reset,
    Hang,
}

impl Scripted {
    /// The answer that the emulator would give without a script.
    pub fn normal() -> Self {
        Self::from_source(Source::Normal)
    }

    /// A token with this lifetime in seconds, issued without checking the request.
    pub fn token(expires_in: u64) -> Self {
        Self::from_source(Source::Token { expires_in })
    }

    /// An error in Entra's format, with IDs, timestamp and headers, such as
    /// `error(503, "temporarily_unavailable", 90033, "A transient error has occurred.")`.
    pub fn error(status: u16, error: &str, code: u32, text: &str) -> Self {
        let (error, text) = (error.to_owned(), text.to_owned());
        Self::from_source(Source::Error { status, error, code, text })
    }

    /// An answer with this status, without a body.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::from_source(Source::Fixed) }
    }

    /// An answer with this status and a JSON body.
    pub fn json(status: u16, body: serde_json::Value) -> Self {
        let content_type = "application/json; charset=utf-8";
        Self::status(status).header("Content-Type", content_type).body(body.to_string())
    }

    /// These bytes, then a graceful close.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::from_source(Source::Raw(bytes.into()))
    }

    /// Closes the connection after reading the request.
    pub fn close_without_answer() -> Self {
        Self::from_source(Source::Close)
    }

    /// Resets the connection (RST) after reading the request.
    pub fn reset() -> Self {
        Self::from_source(Source::Reset)
    }

    /// Sends nothing until the client or the emulator stops.
    pub fn hang() -> Self {
        Self::from_source(Source::Hang)
    }

    /// Changes the status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header. A `Content-Length`, `Transfer-Encoding`, `Date` or `Connection` header replaces
    /// the emulator's own and is not checked; a repeated header is sent twice.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Waits before the first byte.
    #[must_use]
    pub fn delay_before_headers(mut self, delay: Duration) -> Self {
        self.delay_before_headers = delay;
        self
    }

    /// Waits before every piece of the body (if the answer is raw, between the pieces).
    #[must_use]
    pub fn delay_per_chunk(mut self, delay: Duration) -> Self {
        self.delay_per_chunk = delay;
        self
    }

    /// Sends the body (if the answer is raw, the whole answer) in pieces of this many bytes.
    #[must_use]
    pub fn chunk_size(mut self, size: usize) -> Self {
        self.chunk_size = Some(size.max(1));
        self
    }

    /// Drops the connection after this many bytes of the answer, including the head. Over TLS, no
    /// `close_notify` is sent.
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut_after = Some(bytes);
        self
    }

    /// Sets whether the body is sent in the chunked coding, with one chunk for each piece.
    #[must_use]
    pub fn chunked(mut self, chunked: bool) -> Self {
        self.chunked = chunked;
        self
    }

    /// Repeats the last piece until the client disconnects. A chunked body never ends; a body with a
    /// `Content-Length` exceeds it.
    #[must_use]
    pub fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The answer to send, based on the emulator's answer if the script uses it.
    pub(crate) fn to_response(&self, made: Option<Response>) -> Response {
        let mut response = made.unwrap_or_else(|| Response::new(200));
        if let Some(status) = self.status {
            response.status = status;
        }
        if let Some(body) = &self.body {
            response.body = body.clone();
        }
        // A scripted header replaces the emulator's headers of that name.
        response.headers.retain(|(name, _)| {
            !self.headers.iter().any(|(scripted, _)| scripted.eq_ignore_ascii_case(name))
        });
        response.headers.extend(self.headers.iter().cloned());
        response
    }

    pub(crate) fn to_delivery(&self, response: &Response, date: &str) -> Delivery {
        let act = match &self.source {
            Source::Close => Act::Close,
            Source::Reset => Act::Reset,
            Source::Hang => Act::Hang,
            Source::Raw(bytes) => self.end(self.pieces(bytes)),
            Source::Normal | Source::Token { .. } | Source::Error { .. } | Source::Fixed => {
                let mut pieces = vec![response.to_head(self.chunked, date)];
                for piece in self.pieces(&response.body) {
                    pieces.push(if self.chunked { to_chunk(&piece) } else { piece });
                }
                if self.chunked && !self.endless {
                    pieces.push(to_chunk(b""));
                }
                self.end(pieces)
            }
        };
        Delivery {
            delay_before: self.delay_before_headers,
            delay_per_piece: self.delay_per_chunk,
            act,
        }
    }

    fn pieces(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let size = self.chunk_size.unwrap_or(bytes.len()).max(1);
        bytes.chunks(size).map(<[u8]>::to_vec).collect()
    }

    fn end(&self, mut pieces: Vec<Vec<u8>>) -> Act {
        let Some(mut left) = self.cut_after else {
            return if self.endless { Act::WriteEndlessly(pieces) } else { Act::Write(pieces) };
        };
        for piece in &mut pieces {
            piece.truncate(left);
            left -= piece.len();
        }
        pieces.retain(|piece| !piece.is_empty());
        Act::WriteAndDrop(pieces)
    }

    fn from_source(source: Source) -> Self {
        Self {
            source,
            status: None,
            headers: Vec::new(),
            body: None,
            delay_before_headers: Duration::ZERO,
            delay_per_chunk: Duration::ZERO,
            chunk_size: None,
            cut_after: None,
            chunked: false,
            endless: false,
        }
    }
}

impl fmt::Debug for Scripted {
    /// Bodies may contain tokens, so only the length is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Normal => "normal",
            Source::Token { .. } => "token",
            Source::Error { .. } => "error",
            Source::Fixed => "fixed",
            Source::Raw(_) => "raw",
            Source::Close => "close",
            Source::Reset => "reset",
            Source::Hang => "hang",
        };
        f.debug_struct("Scripted")
            .field("source", &source)
            .field("status", &self.status)
            .field("body_length", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

fn to_chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(scripted: &Scripted) -> String {
        let delivery = scripted.to_delivery(&scripted.to_response(None), "today");
        let (Act::Write(pieces) | Act::WriteAndDrop(pieces)) = delivery.act else {
            panic!("nothing is written");
        };
        String::from_utf8(pieces.concat()).unwrap()
    }

    #[test]
    fn a_chunked_body_has_one_chunk_for_each_piece() {
        let answer = written(&Scripted::status(200).body("abcde").chunked(true).chunk_size(2));
        assert!(answer.ends_with("\r\n\r\n2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n"), "{answer}");
        assert!(!answer.contains("Content-Length"));
    }

    #[test]
    fn cut_after_counts_the_head_too() {
        assert_eq!(written(&Scripted::status(200).body("abc").cut_after(12)), "HTTP/1.1 200");
    }

    #[test]
    fn two_different_lengths_can_be_sent() {
        let answer = written(
            &Scripted::status(200).header("Content-Length", "1").header("Content-Length", "2"),
        );
        assert_eq!(answer.matches("Content-Length").count(), 2);
    }

    #[test]
    fn debug_shows_no_body() {
        let shown = format!("{:?}", Scripted::status(200).body("a-token"));
        assert!(!shown.contains("a-token"), "{shown}");
    }
}
