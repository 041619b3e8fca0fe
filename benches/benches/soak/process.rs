//! A host process, seen from outside.

use std::env;
use std::error::Error;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::worker;
use crate::worker::Message;
use crate::worker::Orders;

/// A report of a process.
pub(super) enum Report {
    Said(Message),
    /// It ended although no one stopped it.
    EndedByItself,
    /// It wrote something that is no message.
    NotUnderstood(String),
}

/// Another process of this program, as a host process. It is killed when dropped.
pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    reader: JoinHandle<()>,
    is_dismissed: Arc<AtomicBool>,
}

impl Process {
    /// Starts it. Its reports go to the channel under this number.
    pub(super) async fn start(
        number: usize,
        orders: &Orders,
        reports: UnboundedSender<(usize, Report)>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(env::current_exe()?)
            .arg(worker::ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().ok_or("a process has no input")?;
        let output = child.stdout.take().ok_or("a process has no output")?;
        input.write_all(format!("{}\n", serde_json::to_string(orders)?).as_bytes()).await?;
        let is_dismissed = Arc::new(AtomicBool::new(false));
        let reader = tokio::spawn(read(number, output, Arc::clone(&is_dismissed), reports));
        Ok(Self { child, input, reader, is_dismissed })
    }

    /// Lets it end its calls.
    pub(super) async fn stop(mut self) -> Result<(), Box<dyn Error>> {
        self.is_dismissed.store(true, Ordering::SeqCst);
        drop(self.input);
        self.reader.await?;
        let status = self.child.wait().await?;
        if status.success() { Ok(()) } else { Err("a host process failed".into()) }
    }

    /// Ends it at once.
    pub(super) async fn kill(mut self) -> Result<(), Box<dyn Error>> {
        self.is_dismissed.store(true, Ordering::SeqCst);
        self.child.kill().await?;
        Ok(self.reader.await?)
    }
}

/// Passes the reports on.
async fn read(
    number: usize,
    output: ChildStdout,
    is_dismissed: Arc<AtomicBool>,
    reports: UnboundedSender<(usize, Report)>,
) {
    let mut lines = BufReader::new(output).lines();
    // Nothing reads the reports after the end of the run.
    while let Ok(Some(line)) = lines.next_line().await {
        let _ = match serde_json::from_str(&line) {
            Ok(message) => reports.send((number, Report::Said(message))),
            // A killed process may leave half a line.
            Err(_) if is_dismissed.load(Ordering::SeqCst) => Ok(()),
            Err(_) => reports.send((number, Report::NotUnderstood(line))),
        };
    }
    if !is_dismissed.load(Ordering::SeqCst) {
        let _ = reports.send((number, Report::EndedByItself));
    }
}
