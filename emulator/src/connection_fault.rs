use std::fmt;

/// A fault of a connection, before any request is answered.
///
/// [`Emulator::script_connections`](crate::Emulator::script_connections) queues them; each new
/// connection takes one. Faults that count bytes count those of the request, inside TLS if there is
/// TLS.
#[derive(Clone, PartialEq, Eq)]
pub enum ConnectionFault {
    /// No fault.
    None,
    /// Close at once.
    Close,
    /// Reset (RST) at once.
    Reset,
    /// Accept and then do nothing.
    Hang,
    /// Close when the first bytes have come and before any was sent, in the TLS handshake if there
    /// is one.
    CloseAfterFirstBytes,
    /// Write these bytes at once, outside TLS, and close.
    Garbage(Vec<u8>),
    /// Close when this many bytes of the request have been read.
    CloseAfterRequestBytes(usize),
    /// Reset when this many bytes of the request have been read.
    ResetAfterRequestBytes(usize),
    /// Answer with these bytes when the request's head has been read, and close with its body unread.
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
