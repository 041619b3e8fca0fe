//! Serves a composed `wasi:http` component.

mod app;
mod options;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime_wasi_http::io::TokioIo;

use self::app::App;
pub use self::options::ServeOptions;
use crate::HostError;

/// Serves HTTP/1.1 with a component that exports `wasi:http/incoming-handler`, in a fresh instance for
/// each request, until `stop` is ready and all started requests have been answered.
pub async fn serve(
    app: &[u8],
    listener: TcpListener,
    options: ServeOptions,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), HostError> {
    Server::new(app, options)?.run(listener, stop).await;
    Ok(())
}

/// A component that is ready to serve.
pub struct Server(Arc<App>);

impl Server {
    /// Compiles and links the component.
    pub fn new(app: &[u8], options: ServeOptions) -> Result<Self, HostError> {
        Ok(Self(Arc::new(App::new(app, options)?)))
    }

    /// See [`serve`].
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()> + Send) {
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve_connection(self.0.clone(), stream, stopped.clone()));
                    }
                    // Usually too many open files, which is temporary.
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        // An error means that no connection is left to notify.
        let _ = stopping.send(true);
        // A request ends within the time limit, but a client may keep its connection open longer.
        let drained = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(self.0.time_limit(), drained).await;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
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
