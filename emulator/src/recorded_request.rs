use std::fmt;

/// A request that the emulator received. It contains secrets, which `Debug` does not print.
#[derive(Clone)]
pub struct RecordedRequest {
    /// Its number, counted from 1 since the start.
    pub number: u64,
    /// When it had been read completely, in nanoseconds since the start.
    pub arrival_ns: u64,
    /// Whether it came over TLS.
    pub tls: bool,
    /// The server name of the TLS handshake.
    pub server_name: Option<String>,
    /// The exact bytes of the request line and the headers, including the empty line.
    pub raw_head: Vec<u8>,
    /// The method.
    pub method: String,
    /// The request target as sent, with its query.
    pub target: String,
    /// The headers in order.
    pub headers: Vec<(String, String)>,
    /// The body, with any chunked coding decoded.
    pub body: Vec<u8>,
    /// The body's pairs in order, decoded, if it was sent as a form.
    pub form: Vec<(String, String)>,
    /// The query's pairs in order, decoded.
    pub query: Vec<(String, String)>,
    /// The tenant's GUID, or the name in the path if there is no such tenant, or the default tenant if
    /// the path names none. Token requests only.
    pub tenant: Option<String>,
    /// The request's client ID. Token requests only.
    pub client_id: Option<String>,
    /// The status of the answer; `None` if the connection was closed or left open, or if raw bytes
    /// were sent.
    pub answer_status: Option<u16>,
}

impl RecordedRequest {
    /// The first value of a header, by case-insensitive name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first value of a form parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter.
    pub fn query_parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a POST to a token endpoint.
    pub fn is_token_request(&self) -> bool {
        self.method == "POST" && self.tenant.is_some()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.form.iter().map(|(name, _)| name).collect();
        f.debug_struct("RecordedRequest")
            .field("number", &self.number)
            .field("arrival_ns", &self.arrival_ns)
            .field("method", &self.method)
            .field("path", &self.target.split('?').next().unwrap_or_default())
            .field("parameters", &names)
            .field("answer_status", &self.answer_status)
            .finish_non_exhaustive()
    }
}
