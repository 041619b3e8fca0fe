use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;

use super::head::Framing;
use super::head::Head;

/// Larger requests are answered with 413 before they are read completely.
const MAX_REQUEST: usize = 2 * 1024 * 1024;
const MAX_HEAD: usize = 64 * 1024;

/// A request as received.
#[derive(Default)]
pub(crate) struct Request {
    /// The bytes up to and including the empty line.
    pub(crate) raw_head: Vec<u8>,
    pub(crate) method: String,
    /// The request target as sent.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The body, with any chunked coding decoded.
    pub(crate) body: Vec<u8>,
    pub(crate) tls: bool,
    pub(crate) server_name: Option<String>,
}

/// Why a request could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The client closed the connection.
    Closed,
    /// The bytes are not a valid request.
    Malformed(&'static str),
    /// The request exceeds the size limit.
    TooLarge,
}

impl Request {
    /// Reads one request.
    pub(crate) async fn read<S>(stream: &mut S) -> Result<Self, ReadError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = Vec::new();
        let head_length = loop {
            if let Some(at) = find(&buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if buffer.len() > MAX_HEAD {
                return Err(ReadError::TooLarge);
            }
            fill(stream, &mut buffer).await?;
        };
        let mut rest = buffer.split_off(head_length);
        let head = Head::parse(&buffer)?;
        let framing = head.framing()?;
        if head.expects_continue() && rest.is_empty() {
            let written = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
            written.map_err(|_| ReadError::Closed)?;
        }
        let body = loop {
            if let Some(body) = whole_body(framing, &rest)? {
                break body;
            }
            if rest.len() > MAX_REQUEST {
                return Err(ReadError::TooLarge);
            }
            fill(stream, &mut rest).await?;
        };
        Ok(Self {
            raw_head: buffer,
            method: head.method,
            target: head.target,
            headers: head.headers,
            body,
            tls: false,
            server_name: None,
        })
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The path's segments, percent-decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path().trim_start_matches('/').split('/').map(percent_decode).collect()
    }

    /// The path as sent, without the query.
    pub(crate) fn path(&self) -> &str {
        self.origin_form().split('?').next().unwrap_or_default()
    }

    /// The query's pairs.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.origin_form().split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The `Host` header: the host and port that the client intends to reach.
    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap_or_default()
    }

    /// The scheme and the host of the request.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.host())
    }

    /// The body's pairs, if the content type is that of a form.
    pub(crate) fn form(&self) -> Option<Vec<(String, String)>> {
        let content_type = self.header("content-type")?.split(';').next()?.trim();
        content_type
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            .then(|| form_urlencoded::parse(&self.body).into_owned().collect())
    }

    fn origin_form(&self) -> &str {
        match self.target.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                rest.find('/').map_or("/", |slash| &rest[slash..])
            }
            _ => &self.target,
        }
    }
}

async fn fill<S: AsyncRead + Unpin>(stream: &mut S, into: &mut Vec<u8>) -> Result<(), ReadError> {
    let mut piece = [0; 16 * 1024];
    match stream.read(&mut piece).await {
        Ok(0) | Err(_) => Err(ReadError::Closed),
        Ok(read) => {
            into.extend_from_slice(&piece[..read]);
            Ok(())
        }
    }
}

fn whole_body(framing: Framing, bytes: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
    match framing {
        Framing::Length(length) if length > MAX_REQUEST => Err(ReadError::TooLarge),
        Framing::Length(length) => Ok(bytes.get(..length).map(<[u8]>::to_vec)),
        Framing::Chunked => unchunk(bytes),
    }
}

fn unchunk(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
    let mut body = Vec::new();
    loop {
        let (line, size) = match httparse::parse_chunk_size(bytes) {
            Ok(httparse::Status::Complete(parsed)) => parsed,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(ReadError::Malformed("a chunk size is not a number")),
        };
        let size = usize::try_from(size).map_err(|_| ReadError::TooLarge)?;
        if size > MAX_REQUEST {
            return Err(ReadError::TooLarge);
        }
        let rest = &bytes[line..];
        if size == 0 {
            let ended = rest.starts_with(b"\r\n") || find(rest, b"\r\n\r\n").is_some();
            return Ok(ended.then_some(body));
        }
        let Some(chunk) = rest.get(..size + 2) else { return Ok(None) };
        if !chunk.ends_with(b"\r\n") {
            return Err(ReadError::Malformed("a chunk has another length than its size"));
        }
        body.extend_from_slice(&chunk[..size]);
        bytes = &rest[size + 2..];
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Decodes a path segment. The form decoder would decode `+` to a space.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        assert_eq!(unchunk(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").unwrap().unwrap(), b"abcde");
        assert_eq!(unchunk(b"3\r\nabc\r\n0\r\n").unwrap(), None);
        assert!(unchunk(b"3\r\nabcd\r\n").is_err());
        assert!(unchunk(b"-1\r\n").is_err());
        assert_eq!(unchunk(b"fffffff\r\n"), Err(ReadError::TooLarge));
    }

    #[test]
    fn the_parsers_do_not_panic() {
        let mut ids = crate::ids::Ids::new(1);
        let alphabet = b"0123456789abcdef\r\n\r\n;:% PGET/HTTP.1-";
        for length in 0..3000 {
            let drawn = ids.bytes(length % 100);
            let bytes: Vec<u8> =
                drawn.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()]).collect();
            let _ = unchunk(&bytes);
            let _ = Head::parse(&bytes).map(|head| head.framing());
            let target = String::from_utf8_lossy(&bytes).into_owned();
            let _ = Request { target, ..Request::default() }.segments();
        }
    }

    #[test]
    fn a_path_is_decoded_segment_by_segment() {
        let target = "http://h:1/a%2Fb/c+d?x=y+z".to_owned();
        let request = Request { target, ..Request::default() };
        assert_eq!(request.segments(), ["a/b", "c+d"]);
        assert_eq!(request.query(), [("x".to_owned(), "y z".to_owned())]);
    }

    #[test]
    fn only_a_form_is_read_as_a_form() {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let request = Request { headers, body: b"a=b".to_vec(), ..Request::default() };
        assert_eq!(request.form(), None);
    }
}
