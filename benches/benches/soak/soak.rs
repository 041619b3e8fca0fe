//! Runs a soak and judges it.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;
use std::time::Instant;

use msal_artifact::Artifact;
use msal_emulator::Emulator;
use msal_emulator::Strictness;
use msal_host_tests::Redis;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::applications;
use crate::episodes::Episodes;
use crate::fault::Fault;
use crate::faults;
use crate::fleet::Fleet;
use crate::process::Report;
use crate::report;
use crate::settings::Settings;
use crate::settings::StoreKind;
use crate::tally::Tally;
use crate::worker::Orders;

/// F25: makes the calls, and fails unless a fault explains every failed call, no `jti` was used twice, and no process
/// grew.
pub(super) async fn soak(settings: &Settings) -> Result<(), Box<dyn Error>> {
    let emulator = emulator()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tokens.db");
    let mut redis = Redis::down()?;
    let store = match settings.store {
        StoreKind::Redis => {
            redis.restart()?;
            redis.url()
        }
        StoreKind::Sqlite => format!("sqlite:{}", file.display()),
    };
    let orders = Orders {
        store,
        authority_address: emulator.https_address().to_string(),
        ca_certificate: emulator.ca_certificate_pem().to_owned(),
        component: msal_artifact::build(Artifact::ComponentDraft2)?,
    };

    let episodes = Episodes::default();
    let (sender, mut reports) = mpsc::unbounded_channel();
    let start = Instant::now();
    let mut fleet = Fleet::start(orders, sender).await?;
    let mut tally = Tally::default();
    let store_faults = async {
        match settings.store {
            StoreKind::Redis => faults::of_redis(&mut redis, &episodes).await,
            StoreKind::Sqlite => faults::of_sqlite(&file, &episodes).await,
        }
    };
    tokio::select! {
        done = collect(&mut tally, &mut reports, &episodes, settings) => done?,
        failed = faults::of_authority(&emulator, &episodes, settings.pause) => never(failed)?,
        failed = store_faults => never(failed)?,
        failed = fleet.restart_now_and_then(&episodes) => never(failed)?,
    }
    fleet.stop().await?;
    while let Ok((process, report)) = reports.try_recv() {
        tally.add(process, report)?;
    }
    let elapsed = start.elapsed();

    let warm_up = (settings.pause + faults::AUTHORITY_EPISODE) * 4;
    report::judge(settings, &tally, &episodes.to_vec(), &emulator, elapsed, warm_up)
}

/// The emulator with the applications. Tokens are served for 5 seconds, and a used `jti` is refused.
fn emulator() -> Result<Emulator, Box<dyn Error>> {
    let strictness = Strictness { strict_jti: true, require_jti: true, ..Strictness::entra() };
    let emulator = Emulator::builder()
        .token_lifetime(Some(TOKEN_LIFETIME_SECONDS))
        .strictness(strictness)
        .start()?;
    for number in 0..applications::COUNT {
        emulator.add_application(applications::registered(number))?;
    }
    Ok(emulator)
}

/// Collects reports until the calls are made and each fault of the authority was on.
async fn collect(
    tally: &mut Tally,
    reports: &mut UnboundedReceiver<(usize, Report)>,
    episodes: &Episodes,
    settings: &Settings,
) -> Result<(), Box<dyn Error>> {
    let mut shown = Instant::now();
    while tally.calls() < settings.calls || !episodes.include(&Fault::OF_AUTHORITY) {
        let (process, report) = reports.recv().await.ok_or("all host processes have ended")?;
        tally.add(process, report)?;
        if shown.elapsed() >= SHOW_PAUSE {
            eprintln!("{} calls, {} failed", tally.calls(), tally.failures.len());
            shown = Instant::now();
        }
    }
    Ok(())
}

/// The error of something that only ends with one.
fn never(result: Result<Infallible, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    match result {
        Err(error) => Err(error),
    }
}

/// Tokens with such a short lifetime are served for half of it.
const TOKEN_LIFETIME_SECONDS: u64 = 10;

const SHOW_PAUSE: Duration = Duration::from_secs(10);
