//! When to stop.

use super::Failure;

/// Is ready when the process is asked to end: by Ctrl-C, or by SIGTERM where there is such a thing.
/// From this call on, neither ends it at once.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()> + Send, Failure> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;

        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::new)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::new)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without a handler the default one ends the process, which is as good.
        let _ = tokio::signal::ctrl_c().await;
    })
}
