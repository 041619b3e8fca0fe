//! Serves a `wasi:http` component.

mod activity;
mod app;
mod clients;
mod connection;
mod idle;
mod options;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::activity::Activity;
use self::app::App;
use self::clients::Clients;
use self::idle::IdleConnections;
pub use self::options::ServeOptions;
use crate::HostError;

/// Serves HTTP/1.1 with a component that exports `wasi:http/incoming-handler`, in a fresh instance for
/// each request, until `stop` is ready and all started requests have been answered. See [`Server::new`]
/// for a component that imports the contract.
///
/// When `stop` is ready, new connections are refused and idle ones are closed at once. A request has
/// started when its head has arrived; for the rest of a head there are 5 s.
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
pub struct Server {
    app: Arc<App>,
    head_time_limit: Duration,
    max_connections: usize,
    clients: Arc<Clients>,
}

impl Server {
    /// Composes the component with the built-in one if it imports the contract, compiles and links it.
    /// A component that is composed already is used as it is.
    pub fn new(app: &[u8], options: ServeOptions) -> Result<Self, HostError> {
        let head_time_limit = options.head_time_limit.min(LONGEST);
        let max_connections = options.max_connections.max(1);
        let clients = Clients::new(options.max_connections_per_client);
        let app = Arc::new(App::new(app, options)?);
        Ok(Self { app, head_time_limit, max_connections, clients })
    }

    /// See [`serve`].
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()> + Send) {
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::select! {
            never = self.accept(&listener, &mut connections, &stopped) => match never {},
            () = stop => {}
        }
        drop(listener);
        // An error means that no connection is left to notify.
        let _ = stopping.send(true);
        // Each connection ends by itself: see `Activity`.
        while connections.join_next().await.is_some() {}
    }

    async fn accept(
        &self,
        listener: &TcpListener,
        connections: &mut JoinSet<()>,
        stopped: &watch::Receiver<bool>,
    ) -> Infallible {
        let idle = Arc::new(IdleConnections::default());
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Some(share) = self.clients.admit(peer.ip()) else { continue };
                    make_room(connections, &idle, self.max_connections).await;
                    connections.spawn(connection::serve(
                        stream,
                        Arc::clone(&self.app),
                        Activity::new(Arc::clone(&idle)),
                        share,
                        self.head_time_limit,
                        stopped.clone(),
                    ));
                }
                // Usually too many open files, which is temporary.
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}

/// Returns when there are fewer than `limit` connections, for which an idle connection is closed.
async fn make_room(connections: &mut JoinSet<()>, idle: &IdleConnections, limit: usize) {
    while connections.len() >= limit {
        if idle.close_longest() {
            connections.join_next().await;
        } else {
            tokio::select! {
                _ = connections.join_next() => {}
                () = idle.added() => {}
            }
        }
    }
}

/// hyper adds the limit to the current time, and panics if the sum is too late for the clock.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
