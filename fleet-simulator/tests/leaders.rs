//! What happens to the followers when the leader fails.

use std::time::Duration;

use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::CallArgs;
use msal_fleet_simulator::Credential;
use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::HostFault;
use msal_fleet_simulator::Outcome;
use msal_fleet_simulator::Report;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;
use msal_wasi::error::Cause;

/// The start of a window of the ticket counter.
const EDGE: Duration = secs(1_700_000_000);

fn authority() -> Authority {
    Authority::answering_after(ms(200))
}

#[test]
fn f05_a_dead_leader_costs_one_takeover_step() {
    for moment in [DeathMoment::Before, DeathMoment::During, DeathMoment::After] {
        for seed in 0..4 {
            let report = Fleet::new(seed)
                .authority(authority())
                .instances(1_000)
                .starting_at(EDGE + secs(3))
                .killing(Death::of_the_first(moment, HostCall::Send))
                .run();
            report.check_invariants();
            assert_eq!(report.deaths(), 1, "{moment:?}, seed {seed}");
            assert_eq!(report.served(), 999, "{moment:?}, seed {seed}");
            let requests = report.token_requests.len();
            assert!(requests <= 2, "{moment:?}, seed {seed}: {requests} requests");
            let slowest = report.slowest();
            assert!(slowest <= secs(4), "{moment:?}, seed {seed}: {slowest:?}");
        }
    }
}

#[test]
fn f05_two_dead_leaders_cost_one_step_and_one_lease() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority())
            .instances(100)
            .starting_at(EDGE + secs(1))
            .killing(Death::of_the_first(DeathMoment::During, HostCall::Send))
            .killing(Death::of_the_first(DeathMoment::During, HostCall::Send))
            .run();
        report.check_invariants();
        assert_eq!(report.deaths(), 2, "seed {seed}");
        assert_eq!(report.served(), 98, "seed {seed}");
        // The second leader takes over after one step; its lease lasts for five seconds.
        assert!(report.slowest() <= secs(8), "seed {seed}: {:?}", report.slowest());
        assert!(report.token_requests.len() <= 4, "seed {seed}");
    }
}

#[test]
fn f06_a_slow_leader_is_joined_by_one_follower_after_each_step() {
    for seed in 0..4 {
        let slow = Behaviour::Slow(secs(7));
        let report = Fleet::new(seed)
            .authority(authority().first(1, slow))
            .instances(200)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 200);
        assert_eq!(report.token_requests.len(), 2, "seed {seed}");
        assert!(report.token_requests[1].sent >= ms(2_500), "seed {seed}");
    }
    for seed in 0..4 {
        let slow = Behaviour::Slow(secs(7));
        let report = Fleet::new(seed)
            .authority(authority().during(secs(0)..=secs(60), slow))
            .instances(200)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 200);
        let sent_by = |time| report.token_requests.iter().filter(|r| r.sent < time).count();
        assert_eq!(sent_by(ms(2_450)), 1, "seed {seed}");
        assert!(sent_by(ms(4_950)) <= 2, "seed {seed}");
        // By now every ticket may take over, and leases decide. Several callers may see a lease that was written concurrently.
        let requests = report.token_requests.len();
        assert!(requests <= 10, "seed {seed}: {requests} requests");
    }
}

#[test]
fn f07_followers_of_a_leader_that_failed_locally_try_themselves() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority())
            .instances(500)
            .with_args(CallArgs::default().cache_key(&[7; 32]).credentials(&[Credential::Provider]))
            .with_host_fault(HostFault::NoProvider)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_invariants();
        let is_own = |call: &Outcome| matches!(call.cause(), Some(Cause::InvalidCredential(_)));
        assert!(report.outcomes.iter().all(is_own), "seed {seed}");
        assert!(report.token_requests.is_empty(), "seed {seed}");
        // They read three releases, and then do not wait any longer.
        assert!(report.slowest() < ms(3_500), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f07_after_a_local_failure_one_follower_requests_the_token() {
    for seed in 0..8 {
        let args = CallArgs::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(authority())
            // Most followers take their ticket after the leader took its own and before it fails.
            .store(Store::linearizable().latency(ms(50)..=ms(52)))
            .starting_at(EDGE + secs(1))
            .instances(1)
            .with_args(args.clone().credentials(&[Credential::Provider]))
            .with_host_fault(HostFault::NoProvider)
            .instances(500)
            .arriving(ms(57)..=ms(60))
            .with_args(args)
            .run();
        report.check_invariants();
        assert_eq!((report.served(), report.token_requests.len()), (500, 1), "seed {seed}");
        // An announcement of the leader may overwrite its release; then the second ticket's turn comes.
        assert!(report.slowest() < secs(4), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f07_a_faulty_host_in_a_loop_does_not_send_all_others_off() {
    for seed in 0..8 {
        let report = Fleet::new(seed)
            .authority(authority())
            .starting_at(EDGE + secs(1))
            .instances(1)
            .calling(200, ms(10)..=ms(20))
            .with_host_fault(HostFault::NoTrust)
            .instances(500)
            .arriving(ms(500)..=ms(510))
            .run();
        report.check_invariants();
        let requests = report.requests_of_group(1);
        assert!(requests <= 16, "seed {seed}: {requests} requests");
        assert!(report.group(1).all(|call| call.answer().is_some()), "seed {seed}");
    }
}

#[test]
fn f08_in_a_long_outage_each_call_makes_its_own_attempt_and_waits_for_no_other() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority())
            .instances(600)
            .arriving(secs(0)..=secs(120))
            .with_host_fault(HostFault::NoConnection { after: secs(3) })
            .run();
        report.check_invariants();
        let later = report.outcomes.iter().filter(|call| call.started > secs(20));
        for call in later {
            let time = call.ended.saturating_sub(call.started);
            assert!(time < ms(3_300), "seed {seed}: {time:?}");
        }
    }
}

#[test]
fn f07_followers_ignore_a_lease_released_before_they_came() {
    for seed in 0..4 {
        let args = CallArgs::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(Authority::answering_after(secs(2)))
            .starting_at(EDGE + secs(1))
            .instances(1)
            .with_args(args.clone().credentials(&[Credential::Provider]))
            .with_host_fault(HostFault::NoProvider)
            .instances(100)
            .arriving(secs(1)..=secs(1))
            .with_args(args)
            .run();
        report.check_invariants();
        assert_eq!((report.served(), report.token_requests.len()), (100, 1), "seed {seed}");
    }
}

#[test]
fn f07_after_a_failure_and_a_local_failure_the_next_callers_do_not_wait() {
    for seed in 0..4 {
        let args = CallArgs::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(authority().during(secs(0)..=secs(3), Behaviour::RefusesTheScope))
            .starting_at(EDGE)
            .instances(50)
            .arriving(ms(100)..=ms(200))
            .with_args(args.clone())
            // The remembered failure has expired. All calls are in one window of the ticket counter.
            .instances(1)
            .arriving(ms(6_500)..=ms(6_500))
            .with_args(args.clone().credentials(&[Credential::Provider]))
            .with_host_fault(HostFault::NoProvider)
            .instances(50)
            .arriving(secs(7)..=ms(7_100))
            .with_args(args)
            .run();
        report.check_invariants();
        assert_eq!(report.served(), 50, "seed {seed}");
        assert_eq!([0, 2].map(|group| report.requests_of_group(group)), [1, 1], "seed {seed}");
        let slowest = report.group(2).map(Outcome::took).max().unwrap();
        assert!(slowest < secs(1), "seed {seed}: {slowest:?}");
    }
}

#[test]
fn f07_a_failure_that_began_in_an_earlier_window_starts_a_new_generation() {
    for seed in 0..4 {
        let authority = Authority::answering_after(secs(1));
        let report = Fleet::new(seed)
            .authority(authority.during(secs(0)..=secs(3), Behaviour::RefusesTheScope))
            .starting_at(EDGE - ms(100))
            .instances(1)
            // The first caller of the next window dies and leaves its ticket and those of its followers.
            .instances(1)
            .arriving(ms(200)..=ms(200))
            .killing(Death::of_at(1, DeathMoment::Before, HostCall::Send))
            .instances(20)
            .arriving(ms(300)..=ms(400))
            // The remembered failure has expired, the window has not ended.
            .instances(20)
            .arriving(secs(8)..=ms(8_100))
            .run();
        report.check_invariants();
        assert_eq!(
            [0, 2, 3].map(|group| report.requests_of_group(group)),
            [1, 0, 1],
            "seed {seed}"
        );
        let slowest = report.group(3).map(Outcome::took).max().unwrap();
        assert!(slowest < secs(2), "seed {seed}: {slowest:?}");
    }
}

#[test]
fn f08_a_long_throttle_is_not_cut_short_by_another_failure() {
    for seed in 0..4 {
        let throttle = Behaviour::Throttles { retry_after: secs(60) };
        let report = Fleet::new(seed)
            .authority(
                authority().first(1, Behaviour::IsSilent).during(secs(0)..=secs(50), throttle),
            )
            .starting_at(EDGE + secs(1))
            // The leader gets no answer, and the followers that take over are throttled.
            .instances(20)
            .instances(100)
            .arriving(secs(15)..=secs(50))
            .run();
        report.check_invariants();
        assert_eq!(report.requests_of_group(1), 0, "seed {seed}");
    }
}

#[test]
fn f08_a_throttle_is_not_cut_short_by_a_release() {
    for seed in 0..4 {
        let throttle = Behaviour::Throttles { retry_after: secs(60) };
        let report = Fleet::new(seed)
            .authority(Authority::answering_after(secs(4)).during(secs(0)..=secs(50), throttle))
            .starting_at(EDGE + secs(1))
            // The leader is throttled after 4 s.
            .instances(1)
            // It has the second ticket, takes over after 2.5 s, and fails 3 s later.
            .instances(1)
            .arriving(ms(100)..=ms(100))
            .with_host_fault(HostFault::NoConnection { after: secs(3) })
            .instances(100)
            .arriving(secs(15)..=secs(50))
            .run();
        report.check_invariants();
        assert_eq!(report.requests_of_group(2), 0, "seed {seed}");
    }
}

#[test]
fn callers_do_not_wait_for_a_token_that_cannot_be_cached() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority().lifetime(secs(0)))
            .instances(50)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_invariants();
        assert_eq!((report.served(), report.token_requests.len()), (50, 50), "seed {seed}");
        assert!(report.slowest() < secs(2), "seed {seed}: {:?}", report.slowest());
    }
}

/// A constant rate of arrivals, then five calls after the outage.
fn crowd(seed: u64, per_second: u32, seconds: u64, authority: Authority) -> Report {
    let report = Fleet::new(seed)
        .authority(authority)
        .instances(per_second * u32::try_from(seconds).unwrap())
        .arriving_within(secs(seconds))
        .instances(5)
        .arriving(secs(seconds + 15)..=secs(seconds + 16))
        .run();
    report.check_invariants();
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()), "not all recover");
    report
}

#[test]
fn f07_followers_do_not_repeat_a_refused_request() {
    // With how long the failure is remembered.
    for (refusal, remembered) in
        [(Behaviour::RefusesTheCredential, 10), (Behaviour::RefusesTheScope, 5)]
    {
        for seed in 0..4 {
            let authority = authority().during(secs(0)..=secs(31), refusal);
            let report = crowd(seed, 50, 30, authority);
            let requests = report.requests_of_group(0);
            assert!(
                requests <= 1 + 30 / remembered,
                "{refusal:?}, seed {seed}: {requests} requests"
            );
            assert!(requests >= 3, "{refusal:?}, seed {seed}: only {requests} requests");
        }
    }
}

/// The most requests that an authority gets while it fails for a minute. A cycle is a request, its retry after at least a
/// second, and a failure remembered for at least five seconds. If the window of the ticket counter ends during a cycle, the first
/// caller of the next window sends a request, too.
fn explained_in_a_minute(report: &Report) -> usize {
    let answer = ms(200);
    let cycle = answer + secs(1) + answer + secs(5);
    let cycles = secs(60).as_millis().div_ceil(cycle.as_millis());
    let is_asking = |edge: Duration| {
        let until = |call: &Outcome| call.sends.last().map(|sent| sent.until);
        report.group(0).any(|call| call.started < edge && until(call) > Some(edge))
    };
    let windows = report.start.as_secs() / 10 + 1..;
    let edges = windows.map(|window| secs(window * 10) - report.start);
    let edges = edges.take_while(|edge| *edge <= secs(61)).filter(|edge| is_asking(*edge)).count();
    2 * (usize::try_from(cycles).unwrap() + edges)
}

#[test]
fn f08_in_an_outage_one_caller_tries_per_remembered_failure() {
    let behaviour = Behaviour::Fails { status: 503 };
    let report = crowd(8, 1_000, 60, authority().during(secs(0)..=secs(61), behaviour));
    let requests = report.requests_of_group(0);
    println!("60,000 instances in an outage of a minute: {requests} requests");
    assert!(requests <= explained_in_a_minute(&report), "{requests} requests");
}

#[test]
fn f08_a_failing_authority_is_not_tried_by_every_caller() {
    for seed in 0..3 {
        let behaviour = Behaviour::Fails { status: 500 };
        let report = crowd(seed, 20, 60, authority().during(secs(0)..=secs(61), behaviour));
        let requests = report.requests_of_group(0);
        let explained = explained_in_a_minute(&report);
        assert!(requests <= explained, "seed {seed}: {requests} requests");
        assert!(requests >= explained / 2, "seed {seed}: only {requests}");
    }
}

#[test]
fn f08_a_failed_connection_affects_no_other_caller() {
    let report = Fleet::new(8)
        .authority(authority().first(2, Behaviour::IsUnreachable))
        .instances(1)
        .instances(20)
        .arriving_within(ms(4_000))
        .run();
    report.check_invariants();
    let failed = report.group(0).chain(report.group(1)).filter(|call| call.cause().is_some());
    assert!(failed.count() <= 2, "a call fails on its own requests only");
}

#[test]
fn f08_a_throttling_authority_gets_no_request_during_retry_after() {
    for seed in 0..3 {
        let behaviour = Behaviour::Throttles { retry_after: secs(20) };
        let authority = authority().during(secs(0)..=secs(61), behaviour);
        let report = Fleet::new(seed)
            .authority(authority)
            .instances(1_200)
            .arriving_within(secs(60))
            .with_args(CallArgs::default())
            .run();
        // An invariant checks that there is no request in between.
        report.check_invariants();
        assert!(report.token_requests.len() <= 5, "{} requests", report.token_requests.len());
    }
}

#[test]
fn f08_a_timeout_is_remembered_for_callers_with_no_longer_deadline() {
    for seed in 0..3 {
        let (short, long) = (ms(1_500), secs(30));
        let report = Fleet::new(seed)
            .authority(authority().during(secs(0)..=secs(31), Behaviour::IsSilent))
            .starting_at(EDGE)
            .instances(1_500)
            .arriving_within(secs(30))
            .with_args(CallArgs::default().deadline(short))
            // With its longer deadline it might get an answer.
            .instances(1)
            .arriving(secs(8)..=secs(8))
            .with_args(CallArgs::default().scope("api://y/.default").deadline(long))
            .run();
        report.check_invariants();
        // One request in five seconds, and one more for each window. Followers that have waited for two thirds of their
        // deadline send a request, too.
        let requests = report.requests_of_group(0);
        println!(
            "1,500 instances with short deadlines, 30 seconds of silence: {requests} requests"
        );
        assert!(requests <= 300, "seed {seed}: {requests} requests");
        assert_eq!(report.requests_of_group(1), 1, "seed {seed}");
    }
}

#[test]
fn f08_a_refresh_without_an_answer_is_remembered_for_misses() {
    let report = Fleet::new(8)
        .authority(
            authority().refresh_in(secs(1_800)).during(secs(1)..=secs(4_000), Behaviour::IsSilent),
        )
        .instances(1)
        .instances(1)
        .arriving(secs(2_000)..=secs(2_000))
        // The remembered failure applies to all callers with these scopes. This call bypasses the cached token.
        .instances(1)
        .arriving(secs(2_006)..=secs(2_006))
        .with_args(CallArgs::default().forced())
        .run();
    report.check_invariants();
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()), "it has the old token");
    assert!(report.group(2).all(|outcome| matches!(outcome.cause(), Some(Cause::Unreachable(_)))));
    assert_eq!((report.requests_of_group(1), report.requests_of_group(2)), (1, 0));
}
