//! The tables of `docs/fleet.md`.

use std::fmt::Write;
use std::time::Duration;

use crate::figures::Figures;
use crate::scenario::Authority;
use crate::scenario::BACK_OFF;
use crate::scenario::Scenario;

/// The figures as a table in Markdown.
pub(super) fn table<'a>(runs: impl Iterator<Item = (&'a Scenario, &'a Figures)>) -> String {
    let mut table = String::from(
        "| fleet over | calls | failed | token requests | at the start, at each expiry | all callers | at the start | at expiries | a token request |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (scenario, figures) in runs {
        let moments = if scenario.has_moments() && figures.requests > 0 {
            let counts: Vec<_> = figures.by_moment.iter().map(usize::to_string).collect();
            [counts.join(", "), figures.cold.to_string(), figures.expired.to_string()]
        } else {
            ["–"; 3].map(str::to_owned)
        };
        let [counts, cold, expired] = match scenario.authority {
            Authority::Issues(_) => moments,
            Authority::Fails(_) | Authority::Unreachable => {
                let [counts, ..] = moments;
                [counts, "–".to_owned(), "–".to_owned()]
            }
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {counts} | {} | {cold} | {expired} | {} |",
            scenario.name,
            figures.calls,
            figures.errors,
            figures.requests,
            figures.all,
            figures.request,
        );
    }
    table
}

/// The goals, and the results of each fleet with single flight, as a table in Markdown.
pub(super) fn goals<'a>(runs: impl Iterator<Item = (&'a Scenario, &'a Figures)>) -> String {
    let mut table = String::from("| fleet over | goal | here | |\n| --- | --- | --- | --- |\n");
    let mut add = |name: &str, goal: &str, here: String, is_met: bool| {
        let verdict = if is_met { "met" } else { "missed" };
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {name} | {goal} | {here} | {verdict} |");
    };
    for (scenario, figures) in
        runs.filter(|(it, figures)| it.is_single_flight && figures.requests > 0)
    {
        let name = scenario.name;
        match scenario.authority {
            Authority::Issues(_) => {}
            Authority::Fails(_) => {
                let most = figures.by_moment.iter().skip(1).max().copied().unwrap_or_default();
                let first = figures.by_moment.first().copied().unwrap_or_default();
                let goal = format!(
                    "one token request in {} s; at the start also its retry",
                    BACK_OFF.as_secs()
                );
                add(name, &goal, format!("{first}, then {most}"), first <= 2 && most <= 1);
                continue;
            }
            Authority::Unreachable => {
                let (most, p99) = (figures.most_requests, figures.expired.p99);
                let here = format!("{most} in {} ms", p99.as_millis());
                let goal = "p99 of calls after others have met it: one attempt, of 3 s";
                add(name, goal, here, most == 1 && p99 < CONNECTING);
                continue;
            }
        }
        if !scenario.has_moments() {
            let requests = format!("{} for {}", figures.requests, figures.calls);
            let is_met = figures.errors == 0 && figures.requests <= figures.calls;
            add(name, "every call a token, a request for each at most", requests, is_met);
            continue;
        }
        let most = figures.by_moment.iter().max().copied().unwrap_or_default();
        add(name, "one token request at a time", format!("{most}"), most == 1);
        let longest = figures.request.p50 + WAIT;
        for (moment, waits) in [("the start", &figures.cold), ("an expiry", &figures.expired)] {
            if waits.count > 0 {
                let goal =
                    format!("p99 at {moment}: a token request (p50) + {} ms", WAIT.as_millis());
                let here = format!("{} of {} ms", waits.p99.as_millis(), longest.as_millis());
                add(name, &goal, here, waits.p99 <= longest);
            }
        }
    }
    table
}

/// How much longer than a token request callers may wait.
const WAIT: Duration = Duration::from_millis(100);

/// How long a call may take that tries to connect once.
const CONNECTING: Duration = Duration::from_millis(3_100);
