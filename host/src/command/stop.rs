//! Waits for a signal to stop.

use super::Failure;

/// Returns a future that is ready on Ctrl-C or, on Unix, SIGTERM. After this call, neither signal ends
/// the process by itself.
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
        // If no handler can be installed, the default one ends the process, which is fine too.
        let _ = tokio::signal::ctrl_c().await;
    })
}
