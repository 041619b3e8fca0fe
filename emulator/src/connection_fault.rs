use std::fmt;

/// A fault on a connection before a request is answered.
///
/// [`Emulator::script_connections`](crate::Emulator::script_connections) queues them; each new
/// connection takes one. Byte counts are those of the request, inside TLS if there is TLS.
#[derive(Clone, PartialEq, Eq)]
pub enum ConnectionFault {
    /// No fault.
    None,
    /// Close immediately.
    Close,
    /// Reset (RST) immediately.
    Reset,
    /// Accept and then do nothing.
    Hang,
    /// Close after the first bytes were received and before any is sent; with TLS, during the
    /// handshake.
    CloseAfterFirstBytes,
    /// Write these bytes immediately, outside TLS, and close.
    Garbage(Vec<u8>),
    /// Close after reading this many bytes of the request.
    CloseAfterRequestBytes(usize),
    /// Reset after reading this many bytes of the request.
    ResetAfterRequestBytes(usize),
    /// Answer with these bytes after reading the request's head, and close without reading the body.
    AnswerAfterHead(Vec<u8>),
}

impl fmt::Debug for ConnectionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Close => f.write_str("Close"),
            Self::Reset => f.write_str("Reset"),
            Self::Hang => f.write_str("Hang"),
            Self::CloseAfterFirstBytes => f.write_str("CloseAfterFirstBytes"),
            Self::Garbage(bytes) => write!(f, "Garbage({} bytes)", bytes.len()),
            Self::CloseAfterRequestBytes(count) => write!(f, "CloseAfterRequestBytes({count})"),
            Self::ResetAfterRequestBytes(count) => write!(f, "ResetAfterRequestBytes({count})"),
            Self::AnswerAfterHead(bytes) => write!(f, "AnswerAfterHead({} bytes)", bytes.len()),
        }
    }
}
