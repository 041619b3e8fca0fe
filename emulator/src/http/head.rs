use super::ReadError;

/// A client sends about two dozen headers; a test may send many more.
const MAX_HEADERS: usize = 128;

/// The head of a request: everything before the body.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
}

/// How the end of the body is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

impl Head {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => {
                return Err(ReadError::Malformed("the head is incomplete"));
            }
            Err(_) => return Err(ReadError::Malformed("the head is not HTTP/1.1")),
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(ReadError::Malformed("the request line is incomplete"));
        };
        Ok(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: request
                .headers
                .iter()
                .map(|it| (it.name.to_owned(), text(it.value)))
                .collect(),
        })
    }

    /// Refuses ambiguous framing, which enables request smuggling.
    pub(super) fn framing(&self) -> Result<Framing, ReadError> {
        let lengths: Vec<&str> = self.values("content-length").collect();
        let codings: Vec<&str> = self.values("transfer-encoding").collect();
        match (lengths.as_slice(), codings.as_slice()) {
            ([], []) => Ok(Framing::Length(0)),
            ([length], []) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().map(Framing::Length).map_err(|_| ReadError::TooLarge)
            }
            ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
            _ => Err(ReadError::Malformed("the framing of the body is ambiguous")),
        }
    }

    pub(super) fn expects_continue(&self) -> bool {
        self.values("expect").any(|value| value.eq_ignore_ascii_case("100-continue"))
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing_of(headers: &str) -> Result<Framing, ReadError> {
        Head::parse(format!("POST / HTTP/1.1\r\n{headers}\r\n").as_bytes()).unwrap().framing()
    }

    #[test]
    fn one_length_or_one_coding_frames_a_body() {
        assert_eq!(framing_of("Content-Length: 12\r\n").unwrap(), Framing::Length(12));
        assert_eq!(framing_of("Transfer-Encoding: chunked\r\n").unwrap(), Framing::Chunked);
        assert_eq!(framing_of("").unwrap(), Framing::Length(0));
    }

    #[test]
    fn ambiguous_framing_is_refused() {
        for headers in [
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: +1\r\n",
            "Transfer-Encoding: gzip\r\n",
        ] {
            assert!(framing_of(headers).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn garbage_is_not_a_head() {
        assert!(Head::parse(b"\x16\x03\x01\x02\x00\r\n\r\n").is_err());
    }
}
