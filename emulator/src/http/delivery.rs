use std::time::Duration;

use super::Response;

/// How an answer leaves: which bytes, in which pieces, how fast, and how it ends.
pub(crate) struct Delivery {
    pub(crate) delay_before: Duration,
    pub(crate) delay_per_piece: Duration,
    pub(crate) act: Act,
}

pub(crate) enum Act {
    /// Write the pieces and close in good order.
    Write(Vec<Vec<u8>>),
    /// Write the pieces and close as a server does that died.
    WriteAndBreakOff(Vec<Vec<u8>>),
    /// Write the pieces, then the last of them again for as long as the client listens.
    WriteEndlessly(Vec<Vec<u8>>),
    Close,
    Reset,
    Hang,
}

impl Delivery {
    /// The answer in one piece, at once.
    pub(crate) fn plain(response: &Response, date: &str) -> Self {
        let mut bytes = response.to_head(false, date);
        bytes.extend_from_slice(&response.body);
        Self {
            delay_before: Duration::ZERO,
            delay_per_piece: Duration::ZERO,
            act: Act::Write(vec![bytes]),
        }
    }
}
