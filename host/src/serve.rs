//! Serves a composed `wasi:http` component.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime::component::Component;
use wasmtime::component::Linker;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::HostError;
use crate::Network;
use crate::guest::Guest;
use crate::runtime::Limits;
use crate::runtime::Runtime;
use crate::store::MemoryStore;
use crate::store::Store;
use crate::surroundings;
use crate::surroundings::Surroundings;

/// What a served component finds around it.
#[derive(Clone)]
pub struct ServeOptions {
    /// Its key-value store. Default: in memory.
    pub store: Arc<dyn Store>,
    /// Its way out. Default: any host.
    pub network: Network,
    /// Its environment variables. Default: none.
    pub environment: Vec<(String, String)>,
    /// Whether its standard output and error are this process's. Default: they are dropped.
    pub is_output_shown: bool,
    /// How long it may take over a request. Default: 60 s.
    pub time_limit: Duration,
    /// How many bytes of memory an instance may have. Default: 256 MiB.
    pub max_memory: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            network: Network::default(),
            environment: Vec::new(),
            is_output_shown: false,
            time_limit: Duration::from_secs(60),
            max_memory: 256 << 20,
        }
    }
}

impl std::fmt::Debug for ServeOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Environment variables are where people put secrets.
        formatter
            .debug_struct("ServeOptions")
            .field("network", &self.network)
            .field("environment", &self.environment.len())
            .field("time_limit", &self.time_limit)
            .field("max_memory", &self.max_memory)
            .finish_non_exhaustive()
    }
}

/// Serves HTTP/1.1 with a component that exports `wasi:http/incoming-handler`, a fresh instance for
/// each request, until `stop` is ready and the requests under way have been answered.
pub async fn serve(
    app: &[u8],
    listener: TcpListener,
    options: ServeOptions,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), HostError> {
    let app = Arc::new(App::new(app, options)?);
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(app.clone(), stream, stopped.clone()));
                }
                // Too many open files, as a rule: there will be fewer.
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    // Nobody listens when there is no connection left.
    let _ = stopping.send(true);
    while connections.join_next().await.is_some() {}
    Ok(())
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

async fn serve_connection(app: Arc<App>, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(|request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(app.answer(request).await) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|&is_stopped| is_stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// A component that answers requests.
struct App {
    runtime: Runtime,
    component: ProxyPre<Guest>,
    surroundings: Surroundings,
}

impl App {
    fn new(app: &[u8], options: ServeOptions) -> Result<Self, HostError> {
        let limits = Limits {
            instances: 64,
            // Interpreters come with dozens of adapters.
            modules: 40,
            memory: options.max_memory,
            time: options.time_limit,
            ..Limits::default()
        };
        let runtime = Runtime::new(limits)?;
        let component = Component::new(&runtime.engine, app)
            .map_err(|error| HostError::component(&error))?;
        let mut linker = Linker::new(&runtime.engine);
        surroundings::add_to_linker(&mut linker).map_err(|error| HostError::runtime(&error))?;
        let component = linker
            .instantiate_pre(&component)
            .and_then(ProxyPre::new)
            .map_err(|error| HostError::component(&error))?;
        let surroundings = Surroundings {
            store: options.store,
            network: options.network,
            environment: options.environment,
            is_output_shown: options.is_output_shown,
            ..Surroundings::default()
        };
        Ok(Self { runtime, component, surroundings })
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<HyperOutgoingBody> {
        let (sender, receiver) = oneshot::channel();
        let app = Arc::clone(&self);
        // A task of its own, since the instance goes on after the head of the response is there.
        let run = tokio::spawn(async move { app.run(request, sender).await });
        let failure = match receiver.await {
            Ok(Ok(response)) => return response,
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
        sender: oneshot::Sender<
            Result<
                Response<HyperOutgoingBody>,
                wasmtime_wasi_http::p2::bindings::http::types::ErrorCode,
            >,
        >,
    ) -> Result<(), HostError> {
        let limits = &self.runtime.limits;
        let _place = self.runtime.place().await?;
        let mut store = self.runtime.store(self.surroundings.guest(limits.memory))?;
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

fn bare_response(status: StatusCode) -> Response<HyperOutgoingBody> {
    let body = Full::default().map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
