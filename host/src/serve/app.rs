//! A component that answers requests.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use wasmtime::component::Component;
use wasmtime::component::Linker;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::ServeOptions;
use crate::HostError;
use crate::environment;
use crate::environment::Environment;
use crate::guest::Guest;
use crate::runtime::Limits;
use crate::runtime::Runtime;

/// A component that answers requests.
pub(super) struct App {
    runtime: Runtime,
    component: ProxyPre<Guest>,
    environment: Environment,
}

impl App {
    pub(super) fn new(app: &[u8], options: ServeOptions) -> Result<Self, HostError> {
        let limits = Limits {
            instances: 64,
            // Components with an interpreter have dozens of adapter modules.
            modules: 40,
            memory: options.max_memory,
            time: options.time_limit,
            ..Limits::default()
        };
        let runtime = Runtime::new(limits)?;
        let component =
            Component::new(&runtime.engine, app).map_err(|error| HostError::component(&error))?;
        let mut linker = Linker::new(&runtime.engine);
        environment::add_to_linker(&mut linker).map_err(|error| HostError::runtime(&error))?;
        let component = linker
            .instantiate_pre(&component)
            .and_then(ProxyPre::new)
            .map_err(|error| HostError::component(&error))?;
        let environment = Environment {
            store: options.store,
            network: options.network,
            variables: options.environment,
            is_output_shown: options.is_output_shown,
            ..Environment::default()
        };
        Ok(Self { runtime, component, environment })
    }

    /// The time limit of a request.
    pub(super) fn time_limit(&self) -> Duration {
        self.runtime.limits.time
    }

    /// Returns the component's response, or a 500 without a body if there is none.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Response<HyperOutgoingBody> {
        let (sender, receiver) = oneshot::channel();
        let app = Arc::clone(&self);
        // A separate task, because the instance keeps running after the response head is returned.
        let run = tokio::spawn(async move { app.run(request, sender).await });
        let abort = AbortOnDrop(Some(run.abort_handle()));
        let failure = match receiver.await {
            Ok(Ok(response)) => {
                abort.cancel();
                return response;
            }
            Ok(Err(code)) => format!("the component answered with {code:?}"),
            Err(_) => match run.await {
                Ok(Ok(())) => "the component did not answer".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            },
        };
        eprintln!("msal-host: a request failed: {}", failure.escape_debug());
        bare_response(StatusCode::INTERNAL_SERVER_ERROR)
    }

    async fn run(
        &self,
        request: Request<Incoming>,
        sender: oneshot::Sender<Result<Response<HyperOutgoingBody>, ErrorCode>>,
    ) -> Result<(), HostError> {
        let limits = &self.runtime.limits;
        let _permit = self.runtime.acquire_permit().await?;
        let guest =
            self.environment.guest(limits.memory).map_err(|error| HostError::runtime(&error))?;
        let mut store = self.runtime.store(guest)?;
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request);
        let request = request.map_err(|error| HostError::trap(&error))?;
        let out = store.data_mut().http().new_response_outparam(sender);
        let out = out.map_err(|error| HostError::trap(&error))?;
        let work = async {
            let instance = self.component.instantiate_async(&mut store).await?;
            instance.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
        };
        tokio::time::timeout(limits.time, work)
            .await
            .map_err(|_| HostError::TimeLimit(limits.time))?
            .map_err(|error| HostError::trap(&error))
    }
}

/// Aborts an instance when its client disconnects, unless cancelled before.
struct AbortOnDrop(Option<AbortHandle>);

impl AbortOnDrop {
    fn cancel(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.abort();
        }
    }
}

fn bare_response(status: StatusCode) -> Response<HyperOutgoingBody> {
    let body = Full::default().map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
