//! The authority is asked as little as can be.

use std::time::Duration;

use super::Broken;
use super::Law;
use super::bound;
use crate::authority::TokenRequest;
use crate::authority::Verdict;
use crate::death::HostCall;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::trace::Event;
use crate::trace::Told;
use crate::trace::What;

pub(super) fn check(report: &Report, broken: &mut Vec<Broken>) {
    let mut of_call = vec![0_u32; report.outcomes.len()];
    for request in &report.token_requests {
        let requests = &mut of_call[request.outcome];
        *requests += 1;
        if *requests == bound::OF_ONE_CALL + 1 {
            broken.push(breaks(Law::FewRequests, request, "one call asks again and again".into()));
        }
    }
    let bound = bound::of_fleet(report);
    if let Some(request) = report.token_requests.get(bound) {
        let how = format!("{} requests, and {bound} explained", report.token_requests.len());
        broken.push(breaks(Law::FewRequests, request, how));
    }
    if report.fleet.store.is_healthy() && report.fleet.clocks.are_exact() {
        for (index, request) in report.token_requests.iter().enumerate() {
            broken.extend(check_throttle(report, request, &report.token_requests[index + 1..]));
        }
    }
}

/// Nobody asks who came after this answer was noted, before its time is over.
fn check_throttle(
    report: &Report,
    throttled: &TokenRequest,
    later: &[TokenRequest],
) -> Option<Broken> {
    let Verdict::Throttled(seconds) = throttled.verdict else {
        return None;
    };
    let noted = report.outcomes.get(throttled.outcome).filter(|outcome| outcome.survived())?;
    let answered = throttled.answered.filter(|&answered| answered <= noted.ended)?;
    // The note counts in whole seconds of a wall clock.
    let until = answered + bound::capped(seconds).saturating_sub(bound::A_SECOND);
    let early = later.iter().find(|request| {
        let started = report.outcomes[request.outcome].started;
        request.key == throttled.key
            && request.sent < until
            && started > noted.ended
            && !is_overwritten(report, noted, started)
    })?;
    let left = until - early.sent;
    Some(breaks(Law::ThrottleIsHonoured, early, format!("{left:?} before it may")))
}

/// Whether somebody has written over what this call noted who read before it was there: claims and marks share a name.
fn is_overwritten(report: &Report, noted: &Outcome, until: Duration) -> bool {
    let events = report.trace.events();
    let events = &events[..events.partition_point(|event| event.at <= until)];
    let is_of = |event: &&Event, outcome: &Outcome| {
        event.instance == outcome.instance && event.at >= outcome.started
    };
    let name = |event: &Event| match event.what {
        What::Stored { call: HostCall::Set, name, told: Told::Done, .. } => Some(name),
        _ => None,
    };
    let own = events
        .iter()
        .rfind(|event| is_of(event, noted) && event.at <= noted.ended && name(event).is_some());
    own.is_some_and(|own| {
        let racers = report.outcomes.iter().filter(|outcome| outcome.started <= noted.ended);
        let racers: Vec<_> = racers.filter(|outcome| outcome.ended >= own.at).collect();
        let later = events.iter().filter(|event| event.at > own.at && name(event) == name(own));
        later
            .into_iter()
            .any(|event| racers.iter().any(|racer| is_of(&event, racer) && event.at <= racer.ended))
    })
}

fn breaks(law: Law, request: &TokenRequest, how: String) -> Broken {
    Broken { law, instance: Some(request.instance), at: request.at, how }
}
