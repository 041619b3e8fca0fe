use std::time::Duration;

use super::Response;

/// How an answer is sent: its bytes, their pieces, the delays, and the end of the connection.
pub(crate) struct Delivery {
    pub(crate) delay_before: Duration,
    pub(crate) delay_per_piece: Duration,
    pub(crate) act: Act,
}

pub(crate) enum Act {
    /// Write the pieces and close gracefully.
    Write(Vec<Vec<u8>>),
    /// Write the pieces and drop the connection, as when a server crashes.
    WriteAndDrop(Vec<Vec<u8>>),
    /// Write the pieces, then repeat the last one until the client disconnects.
    WriteEndlessly(Vec<Vec<u8>>),
    Close,
    Reset,
    Hang,
}

impl Delivery {
    /// The answer in one piece, without delay.
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
