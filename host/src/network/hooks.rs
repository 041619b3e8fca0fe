//! Connects wasmtime's `wasi:http` to our network.

use http::Request;
use http::Response;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::RequestOptions;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::WasiHttpHooks;

use super::Network;
use super::send::send;

/// Implements wasmtime's hooks with a [`Network`].
pub(crate) struct NetworkHooks(Network);

impl NetworkHooks {
    pub(crate) fn new(network: Network) -> Self {
        Self(network)
    }
}

impl WasiHttpHooks for NetworkHooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> SentRequest {
        let network = self.0.clone();
        Box::new(async move {
            if let Some(function) = &network.0.function {
                let response = function.answer(request).await?;
                let driven: Completion = Box::new(async { Ok(()) });
                return Ok((response, driven));
            }
            let (response, driver) = send(&network.0, request, options).await?;
            let driven: Completion = Box::new(async move {
                driver.await;
                Ok(())
            });
            Ok((response, driven))
        })
    }
}

type Completion = Box<dyn Future<Output = Result<(), Error>> + Send>;

type SentRequest = Box<dyn Future<Output = Result<(Response<WasiBody>, Completion), Error>> + Send>;
