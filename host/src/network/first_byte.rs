//! Detects whether a response has started to arrive.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio_util::io::InspectReader;

use super::stream::ByteStream;
use super::stream::Stream;

/// Detects the first byte of a response. hyper reports a lost connection with the same error before
/// and after that byte, but only before it has the server sent no response at all.
#[derive(Default)]
pub(super) struct FirstByte(Arc<AtomicBool>);

impl FirstByte {
    /// Wraps the stream above TLS, because the bytes of a handshake are not a response.
    pub(super) fn watch(&self, stream: Stream) -> impl ByteStream + use<> {
        let has_arrived = self.0.clone();
        InspectReader::new(stream, move |bytes: &[u8]| {
            // At the end of the stream `bytes` is empty.
            if !bytes.is_empty() {
                has_arrived.store(true, Ordering::Relaxed);
            }
        })
    }

    pub(super) fn has_arrived(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
