//! What a run measures, and on what.

use std::env;
use std::error::Error;
use std::fs;
use std::thread::available_parallelism;

use time::OffsetDateTime;
use tokio::runtime::Builder;

use crate::costs::Costs;
use crate::document::grouped;
use crate::figures::Figures;
use crate::ours::Ours;
use crate::peers::Peers;
use crate::settings::Settings;
use crate::throughput::Rates;
use crate::throughput::Throughput;

/// Everything that a run measured.
pub(super) struct Run {
    pub(super) figures: Figures,
    pub(super) rates: Vec<Rates>,
    pub(super) costs: Costs,
    /// When it ran, and with which versions of everything.
    pub(super) setting: String,
}

impl Run {
    /// Measures all libraries in turn, several times.
    pub(super) fn of(settings: &Settings, peers: &Peers) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let costs = runtime.block_on(Costs::of(&settings.component))?;
        let ours = runtime.block_on(Ours::new(settings))?;
        let mut throughput = Throughput::new(settings)?;
        let mut figures = Figures::default();
        let mut versions = Vec::new();
        for round in 1..=ROUNDS {
            eprintln!("round {round} of {ROUNDS}\n  ours");
            runtime.block_on(ours.measure(&mut figures));
            throughput.measure()?;
            versions = peers.measure(&mut figures)?;
        }
        let setting = setting(settings, &versions)?;
        Ok(Self { figures, rates: throughput.rates().to_vec(), costs, setting })
    }
}

fn setting(settings: &Settings, versions: &[String]) -> Result<String, Box<dyn Error>> {
    let today = OffsetDateTime::now_utc();
    let calls = if settings.is_quick { "; a quick run, with a tenth of the calls" } else { "" };
    Ok(format!(
        "{} {} {}, {} cores of {}, wasmtime {}, component of {} bytes, {}{calls}.\n",
        today.day(),
        today.month(),
        today.year(),
        available_parallelism()?,
        processor(),
        wasmtime_version().ok_or("Cargo.lock has the version of wasmtime")?,
        grouped(settings.component.len()),
        versions.join(", "),
    ))
}

/// The name of the processor, where the system tells it, or the architecture.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(": ")).map(|(_, name)| name.trim());
    name.unwrap_or(env::consts::ARCH).to_owned()
}

fn wasmtime_version() -> Option<&'static str> {
    let lock = include_str!("../../../Cargo.lock");
    let (_, rest) = lock.split_once("name = \"wasmtime\"\nversion = \"")?;
    rest.split('"').next()
}

/// How often everything is measured. The smallest median counts, so that a disturbance does not.
const ROUNDS: u32 = 3;
