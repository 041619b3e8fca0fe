//! Calls per second of several tasks on all cores, over one engine.

use std::error::Error;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use std::time::Instant;

use msal_host::Host;
use msal_host::contract::Application;
use msal_host::contract::TokenRequest;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

use crate::settings::Settings;
use crate::subject;
use crate::subject::application;
use crate::subject::call;
use crate::subject::request;
use crate::subject::secret;

/// The largest rates that the rounds gave.
#[derive(Clone, Copy, Default)]
pub(super) struct Rates {
    pub(super) tasks: usize,
    pub(super) hits: f64,
    pub(super) instances: f64,
}

/// A host and a runtime with a thread for each core.
pub(super) struct Throughput {
    runtime: Runtime,
    host: Host,
    duration: Duration,
    rates: Vec<Rates>,
}

impl Throughput {
    pub(super) fn new(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let cores = available_parallelism()?.get();
        let runtime = Builder::new_multi_thread().worker_threads(cores).enable_all().build()?;
        let host = subject::host(&settings.component, |builder| builder)?;
        let mut tasks = vec![1, cores, cores * 16];
        tasks.dedup();
        let rates = tasks.into_iter().map(|tasks| Rates { tasks, ..Rates::default() }).collect();
        let duration = Duration::from_secs(2).mul_f64(settings.scale());
        Ok(Self { runtime, host, duration, rates })
    }

    /// Measures everything once.
    pub(super) fn measure(&mut self) -> Result<(), Box<dyn Error>> {
        let arguments = Arc::new((application(secret()), request()));
        self.runtime.block_on(call(&self.host, &arguments.0, &arguments.1));
        for rates in &mut self.rates {
            let hits = per_second(&self.runtime, self.duration, rates.tasks, |end| {
                hits_until(end, self.host.clone(), Arc::clone(&arguments))
            })?;
            let instances = per_second(&self.runtime, self.duration, rates.tasks, |end| {
                instances_until(end, self.host.clone())
            })?;
            rates.hits = rates.hits.max(hits);
            rates.instances = rates.instances.max(instances);
        }
        Ok(())
    }

    pub(super) fn rates(&self) -> &[Rates] {
        &self.rates
    }
}

async fn hits_until(end: Instant, host: Host, arguments: Arc<(Application, TokenRequest)>) -> u64 {
    let mut count = 0;
    while Instant::now() < end {
        call(&host, &arguments.0, &arguments.1).await;
        count += 1;
    }
    count
}

async fn instances_until(end: Instant, host: Host) -> u64 {
    let mut count = 0;
    while Instant::now() < end {
        drop(host.instance().await.expect("an instance"));
        count += 1;
        // A call yields by itself.
        yield_now().await;
    }
    count
}

/// What the tasks count in a second, all together.
fn per_second<F: Future<Output = u64> + Send + 'static>(
    runtime: &Runtime,
    duration: Duration,
    tasks: usize,
    count_until: impl Fn(Instant) -> F,
) -> Result<f64, Box<dyn Error>> {
    runtime.block_on(async {
        let started = Instant::now();
        let end = started + duration;
        let running: Vec<_> = (0..tasks).map(|_| tokio::spawn(count_until(end))).collect();
        let mut count = 0;
        for task in running {
            count += task.await?;
        }
        Ok(count as f64 / started.elapsed().as_secs_f64())
    })
}
