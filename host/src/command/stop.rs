//! Waits for signals to stop.

use super::Failure;

/// Ctrl-C and, on Unix, SIGTERM. As long as this exists, neither ends the process by itself.
#[cfg(unix)]
pub(super) struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    pub(super) fn install() -> Result<Self, Failure> {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;

        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::new)?,
            terminate: signal(SignalKind::terminate()).map_err(Failure::new)?,
        })
    }

    /// Waits for the next signal. Returns the exit status of a process that ends because of it.
    pub(super) async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 128 + 2,
            _ = self.terminate.recv() => 128 + 15,
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(super) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    pub(super) fn install() -> Result<Self, Failure> {
        Ok(Self)
    }

    /// Waits for the next Ctrl-C. Returns the exit status of a process that ends because of it.
    pub(super) async fn next(&mut self) -> i32 {
        // If no handler can be installed, the default one ends the process, which is fine too.
        let _ = tokio::signal::ctrl_c().await;
        1
    }
}
