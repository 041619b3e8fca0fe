//! Judges a run and prints its figures.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Emulator;
use serde_json::Value;

use crate::episodes::Episode;
use crate::failure::Failure;
use crate::fault::Fault;
use crate::memory::Growth;
use crate::memory::MOST_KIB;
use crate::settings::Settings;
use crate::tally::Tally;

/// Prints the figures. Fails with a trace if a failed call is not explained, a `jti` was used twice, or a process grew.
pub(super) fn judge(
    settings: &Settings,
    tally: &Tally,
    episodes: &[Episode],
    emulator: &Emulator,
    elapsed: Duration,
    warm_up: Duration,
) -> Result<(), Box<dyn Error>> {
    let (calls, failed) = (tally.calls(), tally.failures.len());
    println!(
        "soak over {:?}: {calls} calls in {} s, {} from the cache, {failed} failed",
        settings.store,
        elapsed.as_secs(),
        tally.hits(),
    );
    let unexplained = print_faults(&tally.failures, episodes);
    let repeated = print_assertions(emulator);
    let grown = print_memory(tally, warm_up);

    for failure in unexplained.iter().take(TRACED) {
        trace(failure, episodes);
    }
    if !unexplained.is_empty() {
        return Err(format!("no fault explains {} failed calls", unexplained.len()).into());
    }
    if repeated > 0 {
        return Err(format!("{repeated} assertions repeat a jti").into());
    }
    if grown > 0 {
        return Err(format!("{grown} host processes grew by more than {MOST_KIB} KiB").into());
    }
    Ok(())
}

/// Prints how many failures each fault explains, and returns those that none does.
fn print_faults<'a>(failures: &'a [Failure], episodes: &[Episode]) -> Vec<&'a Failure> {
    let mut unexplained = Vec::new();
    let mut explained: BTreeMap<Fault, BTreeMap<String, usize>> = BTreeMap::new();
    for episode in episodes {
        explained.entry(episode.fault).or_default();
    }
    for failure in failures {
        // The last one that began: an earlier one may have an after-effect.
        match episodes.iter().rev().find(|episode| episode.explains(failure)) {
            Some(episode) => {
                let kinds = explained.entry(episode.fault).or_default();
                *kinds.entry(failure.kind.to_string()).or_default() += 1;
            }
            None => unexplained.push(failure),
        }
    }
    println!("\n| fault | times | failed calls that it explains |\n| --- | --- | --- |");
    for (fault, kinds) in explained {
        let times = episodes.iter().filter(|episode| episode.fault == fault).count();
        let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
        println!("| {fault} | {times} | {kinds} |");
    }
    println!("| none | | {} |", unexplained.len());
    unexplained
}

/// Prints the number of token requests and assertions, and returns how many repeat a `jti`.
fn print_assertions(emulator: &Emulator) -> usize {
    let requests = emulator.token_requests();
    let ids: Vec<_> = requests
        .iter()
        .filter_map(|request| request.parameter("client_assertion"))
        .map(jti)
        .collect();
    let different: BTreeSet<_> = ids.iter().flatten().collect();
    println!(
        "\n{} token requests, {} with an assertion, {} different jti",
        requests.len(),
        ids.len(),
        different.len()
    );
    ids.len() - different.len()
}

fn jti(assertion: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims["jti"].as_str().map(str::to_owned)
}

/// Prints the memory of the processes that lived long enough, and returns how many grew too much.
fn print_memory(tally: &Tally, warm_up: Duration) -> usize {
    println!(
        "\n| host process | calls | resident after {} s | at the end | growth |\n\
         | --- | --- | --- | --- | --- |",
        warm_up.as_secs()
    );
    let mut grown = 0;
    for (process, samples) in &tally.samples {
        if let Some(growth) = Growth::of(samples, warm_up) {
            println!(
                "| {process} | {} | {} KiB | {} KiB | {:+} KiB |",
                growth.calls,
                growth.first_kib,
                growth.last_kib,
                growth.kib()
            );
            grown += usize::from(growth.kib() > MOST_KIB);
        }
    }
    println!("\n{} host processes in all", tally.samples.len());
    grown
}

/// Prints a failed call and the episodes around it.
fn trace(failure: &Failure, episodes: &[Episode]) {
    let seconds =
        |us: u64| us.cast_signed().saturating_sub(failure.started_us.cast_signed()) as f64 / 1e6;
    println!(
        "\nunexplained: {} after {:.3} s, status {:?}, client {}: {}",
        failure.kind,
        seconds(failure.ended_us),
        failure.status,
        failure.client_id,
        failure.text
    );
    for episode in episodes {
        let (from, until) = (seconds(episode.from_us), episode.until_us.map(seconds));
        if from < AROUND_SECONDS && until.is_none_or(|until| until > -AROUND_SECONDS) {
            let until = until.map_or("its end".to_owned(), |until| format!("{until:+.3} s"));
            println!("  from {from:+.3} s until {until}: {}", episode.fault);
        }
    }
}

/// How many unexplained failures are shown.
const TRACED: usize = 20;

/// Which episodes are shown with them.
const AROUND_SECONDS: f64 = 30.0;
