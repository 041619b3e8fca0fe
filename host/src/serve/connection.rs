//! One connection.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::sync::watch;
use wasmtime_wasi_http::io::TokioIo;

use super::activity::Activity;
use super::app::App;
use super::clients::Share;

/// Answers the requests of one connection until its client closes it, a limit is exceeded, or the host
/// stops.
pub(super) async fn serve(
    stream: TcpStream,
    app: Arc<App>,
    activity: Arc<Activity>,
    _share: Share,
    head_time_limit: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(|request| {
        let app = Arc::clone(&app);
        // The request may wait for an instance as long as the instance may take.
        let answering = activity.answer(app.time_limit().saturating_mul(2));
        async move {
            let Some(answering) = answering else { return std::future::pending().await };
            let response = app.answer(request).await;
            Ok::<_, Infallible>(response.map(|body| {
                // The connection drops the body, and this function with it, when it has taken all of it.
                body.map_err(move |error| {
                    let _ = &answering;
                    error
                })
            }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Also ends a connection that is idle between two requests.
        .header_read_timeout(head_time_limit)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = activity.must_close() => return,
        _ = stopped.wait_for(|&is_stopped| is_stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = activity.must_close_after_stop() => {}
    }
}
