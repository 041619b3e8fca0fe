//! The host processes. The first lives as long as the run; the others are restarted now and then.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::episodes::Episodes;
use crate::fault::Fault;
use crate::process::Process;
use crate::process::Report;
use crate::worker::Orders;

/// The host processes.
pub(super) struct Fleet {
    orders: Orders,
    reports: UnboundedSender<(usize, Report)>,
    /// The number of processes started so far.
    started: usize,
    processes: [Option<Process>; PROCESSES],
}

impl Fleet {
    pub(super) async fn start(
        orders: Orders,
        reports: UnboundedSender<(usize, Report)>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut fleet =
            Self { orders, reports, started: 0, processes: [const { None }; PROCESSES] };
        for place in 0..PROCESSES {
            fleet.start_process(place).await?;
        }
        Ok(fleet)
    }

    async fn start_process(&mut self, place: usize) -> Result<(), Box<dyn Error>> {
        let process = Process::start(self.started, &self.orders, self.reports.clone()).await?;
        self.started += 1;
        self.processes[place] = Some(process);
        Ok(())
    }

    /// Stops and kills processes in turn, and starts others in their places.
    pub(super) async fn restart_now_and_then(
        &mut self,
        episodes: &Episodes,
    ) -> Result<Infallible, Box<dyn Error>> {
        loop {
            for (place, fault) in [(1, Fault::HostStopped), (2, Fault::HostKilled)] {
                tokio::time::sleep(PAUSE).await;
                let episode = episodes.begin(fault);
                match (self.processes[place].take(), fault) {
                    (Some(process), Fault::HostKilled) => process.kill().await?,
                    (Some(process), _) => process.stop().await?,
                    (None, _) => {}
                }
                self.start_process(place).await?;
                episodes.end(episode);
            }
        }
    }

    /// Lets all processes end their calls.
    pub(super) async fn stop(self) -> Result<(), Box<dyn Error>> {
        for process in self.processes.into_iter().flatten() {
            process.stop().await?;
        }
        Ok(())
    }
}

const PROCESSES: usize = 3;

/// The time between two restarts.
const PAUSE: Duration = Duration::from_secs(7);
