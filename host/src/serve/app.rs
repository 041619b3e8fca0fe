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
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use wasmtime::component::Linker;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::ServeOptions;
use crate::HostError;
use crate::composition::compose_if_needed;
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
            instances: options.max_instances.max(1),
            // Components with an interpreter have dozens of adapter modules.
            modules: 40,
            memory: options.max_memory,
            time: options.time_limit,
            ..Limits::default()
        };
        let runtime = Runtime::new(limits)?;
        let component = options.compilation.compile(&runtime.engine, &compose_if_needed(app)?)?;
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
            configuration: options.configuration,
            is_output_shown: options.is_output_shown,
            ..Environment::default()
        };
        Ok(Self { runtime, component, environment })
    }

    /// The time limit of an instance, and of the wait for it.
    pub(super) fn time_limit(&self) -> Duration {
        self.runtime.limits.time
    }

    /// Returns the component's response, a 503 without a body if no instance becomes free within the
    /// time limit, or a 500 without a body if the component fails.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Response<HyperOutgoingBody> {
        // The time limit of the instance starts later: a host with too many requests would otherwise
        // start each of them late, and then stop it before it can answer.
        match tokio::time::timeout(self.time_limit(), self.runtime.acquire_permit()).await {
            Ok(Ok(permit)) => self.answer_with(permit, request).await,
            Ok(Err(error)) => failed(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            Err(_) => failed(StatusCode::SERVICE_UNAVAILABLE, "no instance became free in time"),
        }
    }

    async fn answer_with(
        self: Arc<Self>,
        permit: OwnedSemaphorePermit,
        request: Request<Incoming>,
    ) -> Response<HyperOutgoingBody> {
        let (sender, receiver) = oneshot::channel();
        // A separate task, because the instance keeps running after the response head is returned.
        let run = tokio::spawn(async move {
            // Released after the instance is gone.
            let _permit = permit;
            let limit = self.time_limit();
            tokio::time::timeout(limit, self.run(request, sender))
                .await
                .map_err(|_| HostError::TimeLimit(limit))?
        });
        let abort = AbortOnDrop(Some(run.abort_handle()));
        let reason = match receiver.await {
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
        failed(StatusCode::INTERNAL_SERVER_ERROR, &reason)
    }

    async fn run(
        &self,
        request: Request<Incoming>,
        sender: oneshot::Sender<Result<Response<HyperOutgoingBody>, ErrorCode>>,
    ) -> Result<(), HostError> {
        let guest = self
            .environment
            .guest(self.runtime.limits.memory)
            .map_err(|error| HostError::runtime(&error))?;
        let mut store = self.runtime.store(guest)?;
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request);
        let request = request.map_err(|error| HostError::trap(&error))?;
        let out = store.data_mut().http().new_response_outparam(sender);
        let out = out.map_err(|error| HostError::trap(&error))?;
        let instance = self
            .component
            .instantiate_async(&mut store)
            .await
            .map_err(|error| HostError::trap(&error))?;
        instance
            .wasi_http_incoming_handler()
            .call_handle(&mut store, request, out)
            .await
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

/// Reports why a request failed, and returns a response without a body.
fn failed(status: StatusCode, reason: &str) -> Response<HyperOutgoingBody> {
    eprintln!("msal-host: a request failed: {}", reason.escape_debug());
    bare_response(status)
}

fn bare_response(status: StatusCode) -> Response<HyperOutgoingBody> {
    let body = Full::default().map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
