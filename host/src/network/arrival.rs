//! Whether any of an answer has arrived.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio_util::io::InspectReader;

use super::connection::Bytes;
use super::connection::Stream;

/// Notices the first byte that a server sends. hyper's error for a connection that ended is the same
/// before that byte and within the head, but only before it nobody has dealt with the request.
#[derive(Default)]
pub(super) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    /// The same stream, above TLS: what a handshake sends is no answer.
    pub(super) fn watch(&self, stream: Stream) -> impl Bytes + use<> {
        let has_begun = self.0.clone();
        InspectReader::new(stream, move |bytes: &[u8]| {
            // At the end of the stream there are none.
            if !bytes.is_empty() {
                has_begun.store(true, Ordering::Relaxed);
            }
        })
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
