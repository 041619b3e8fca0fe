//! A response body with a limit on pauses.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::body::SizeHint;
use tokio::time::Instant;
use tokio::time::Sleep;
use wasmtime_wasi_http::Error;

use super::failure;

/// A body that fails if nothing arrives for the duration of `pause`.
pub(super) struct TimedBody {
    body: Incoming,
    pause: Duration,
    end_of_pause: Pin<Box<Sleep>>,
}

impl TimedBody {
    pub(super) fn new(body: Incoming, pause: Duration) -> Self {
        Self { body, pause, end_of_pause: Box::pin(tokio::time::sleep(pause)) }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let next = Instant::now() + self.pause;
                self.end_of_pause.as_mut().reset(next);
                Poll::Ready(frame.map(|frame| frame.map_err(failure::receiving)))
            }
            Poll::Pending => {
                ready!(self.end_of_pause.as_mut().poll(context));
                Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
