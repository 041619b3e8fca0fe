//! A network that never leaves the process.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::WasiBody;

/// Answers each request after reading its whole body.
#[derive(Clone)]
pub(super) struct Function(Arc<Answer>);

type Answer = dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync;

impl Function {
    pub(super) fn new(
        answer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }

    pub(super) async fn answer(
        &self,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Error> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let response = (self.0)(&Request::from_parts(head, body));
        Ok(response
            .map(|body| Full::new(body).map_err(|never: Infallible| match never {}).boxed_unsync()))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Function(..)")
    }
}
