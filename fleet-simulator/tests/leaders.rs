//! What becomes of the others when the one who asks fails.

use std::time::Duration;

use msal_fleet_simulator::Ask;
use msal_fleet_simulator::Authority;
use msal_fleet_simulator::Behaviour;
use msal_fleet_simulator::Death;
use msal_fleet_simulator::DeathMoment;
use msal_fleet_simulator::Fleet;
use msal_fleet_simulator::HostCall;
use msal_fleet_simulator::Outcome;
use msal_fleet_simulator::Report;
use msal_fleet_simulator::Store;
use msal_fleet_simulator::ms;
use msal_fleet_simulator::secs;
use msal_wasi::error::Cause;

/// At the start of one of the windows for which instances count.
const EDGE: Duration = secs(1_700_000_000);

fn authority() -> Authority {
    Authority::answering_after(ms(200))
}

#[test]
fn f05_a_dead_leader_costs_one_take_over_step() {
    for moment in [DeathMoment::Before, DeathMoment::During, DeathMoment::After] {
        for seed in 0..4 {
            let report = Fleet::new(seed)
                .authority(authority())
                .instances(1_000)
                .starting_at(EDGE + secs(3))
                .killing(Death::of_the_first(moment, HostCall::Send))
                .run();
            report.check_laws();
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
fn f05_two_dead_leaders_cost_two_steps() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority())
            .instances(100)
            .starting_at(EDGE + secs(1))
            .killing(Death::of_the_first(DeathMoment::During, HostCall::Send))
            .killing(Death::of_the_first(DeathMoment::During, HostCall::Send))
            .run();
        report.check_laws();
        assert_eq!(report.deaths(), 2, "seed {seed}");
        assert_eq!(report.served(), 98, "seed {seed}");
        // The second's turn after one step, and its claim, which holds for five seconds.
        assert!(report.slowest() <= secs(8), "seed {seed}: {:?}", report.slowest());
        assert!(report.token_requests.len() <= 4, "seed {seed}");
    }
}

#[test]
fn f06_a_slow_leader_is_joined_by_one_after_each_step() {
    for seed in 0..4 {
        let slow = Behaviour::Slow(secs(7));
        let report = Fleet::new(seed)
            .authority(authority().first(1, slow))
            .instances(200)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_laws();
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
        report.check_laws();
        assert_eq!(report.served(), 200);
        let sent_by = |time| report.token_requests.iter().filter(|r| r.sent < time).count();
        assert_eq!(sent_by(ms(2_450)), 1, "seed {seed}");
        assert!(sent_by(ms(4_950)) <= 2, "seed {seed}");
        // Then everybody's turn has come, and the claims decide; those that are written at once are read by several.
        let requests = report.token_requests.len();
        assert!(requests <= 10, "seed {seed}: {requests} requests");
    }
}

#[test]
fn f07_those_who_wait_for_one_that_fails_by_itself_find_out_for_themselves() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority())
            .instances(500)
            .asking(Ask::default().cache_key(&[7; 32]).without_proof())
            .starting_at(EDGE + secs(1))
            .run();
        report.check_laws();
        let is_own = |call: &Outcome| matches!(call.cause(), Some(Cause::InvalidCredential(_)));
        assert!(report.outcomes.iter().all(is_own), "seed {seed}");
        assert!(report.token_requests.is_empty(), "seed {seed}");
        // They look into the notes twice, and nobody waits for a turn after that.
        assert!(report.slowest() < secs(2), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f07_one_that_fails_by_itself_is_followed_by_one_that_asks() {
    for seed in 0..8 {
        let ask = Ask::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(authority())
            // Most of the others take their places after it has, and before it fails.
            .store(Store::linearizable().latency(ms(50)..=ms(52)))
            .starting_at(EDGE + secs(1))
            .instances(1)
            .asking(ask.clone().without_proof())
            .instances(500)
            .arriving(ms(57)..=ms(60))
            .asking(ask)
            .run();
        report.check_laws();
        assert_eq!((report.served(), report.token_requests.len()), (500, 1), "seed {seed}");
        assert!(report.slowest() < secs(3), "seed {seed}: {:?}", report.slowest());
    }
}

#[test]
fn f07_that_somebody_gave_up_earlier_is_no_news() {
    for seed in 0..4 {
        let ask = Ask::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(Authority::answering_after(secs(2)))
            .starting_at(EDGE + secs(1))
            .instances(1)
            .asking(ask.clone().without_proof())
            .instances(100)
            .arriving(secs(1)..=secs(1))
            .asking(ask)
            .run();
        report.check_laws();
        assert_eq!((report.served(), report.token_requests.len()), (100, 1), "seed {seed}");
    }
}

#[test]
fn f07_an_election_after_a_failure_and_one_that_fails_by_itself_keeps_nobody_waiting() {
    for seed in 0..4 {
        let ask = Ask::default().cache_key(&[7; 32]);
        let report = Fleet::new(seed)
            .authority(authority().during(secs(0)..=secs(3), Behaviour::RefusesTheScope))
            .starting_at(EDGE)
            .instances(50)
            .arriving(ms(100)..=ms(200))
            .asking(ask.clone())
            // The mark is over. All of it is in one window of the election.
            .instances(1)
            .arriving(ms(6_500)..=ms(6_500))
            .asking(ask.clone().without_proof())
            .instances(50)
            .arriving(secs(7)..=ms(7_100))
            .asking(ask)
            .run();
        report.check_laws();
        assert_eq!(report.served(), 50, "seed {seed}");
        assert_eq!([0, 2].map(|group| report.requests_of_group(group)), [1, 1], "seed {seed}");
        let slowest = report.group(2).map(Outcome::took).max().unwrap();
        assert!(slowest < secs(1), "seed {seed}: {slowest:?}");
    }
}

#[test]
fn f07_a_failure_is_followed_by_a_new_election_whatever_window_it_began_in() {
    for seed in 0..4 {
        let authority = Authority::answering_after(secs(1));
        let report = Fleet::new(seed)
            .authority(authority.during(secs(0)..=secs(3), Behaviour::RefusesTheScope))
            .starting_at(EDGE - ms(100))
            .instances(1)
            // The first of the next window dies, and leaves its place and those behind it.
            .instances(1)
            .arriving(ms(200)..=ms(200))
            .killing(Death::of_at(1, DeathMoment::Before, HostCall::Send))
            .instances(20)
            .arriving(ms(300)..=ms(400))
            // The mark is over, and the window is not.
            .instances(20)
            .arriving(secs(8)..=ms(8_100))
            .run();
        report.check_laws();
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
            // The first is told nothing, and those who take over are told to wait.
            .instances(20)
            .instances(100)
            .arriving(secs(15)..=secs(50))
            .run();
        report.check_laws();
        assert_eq!(report.requests_of_group(1), 0, "seed {seed}");
    }
}

#[test]
fn a_token_that_cannot_be_kept_is_not_waited_for() {
    for seed in 0..4 {
        let report = Fleet::new(seed)
            .authority(authority().lifetime(secs(0)))
            .instances(50)
            .starting_at(EDGE + secs(1))
            .run();
        report.check_laws();
        assert_eq!((report.served(), report.token_requests.len()), (50, 50), "seed {seed}");
        assert!(report.slowest() < secs(2), "seed {seed}: {:?}", report.slowest());
    }
}

/// So many a second for so long.
fn crowd(seed: u64, per_second: u32, seconds: u64, authority: Authority) -> Report {
    let report = Fleet::new(seed)
        .authority(authority)
        .instances(per_second * u32::try_from(seconds).unwrap())
        .arriving_within(secs(seconds))
        .instances(5)
        .arriving(secs(seconds + 15)..=secs(seconds + 16))
        .run();
    report.check_laws();
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()), "not all recover");
    report
}

#[test]
fn f07_a_refusal_is_not_asked_for_again_by_each_who_waits() {
    // How long the mark holds, less one second for the fraction that a clock does not show.
    for (refusal, mark) in
        [(Behaviour::RefusesTheCredential, 10 - 1), (Behaviour::RefusesTheScope, 5 - 1)]
    {
        for seed in 0..4 {
            let authority = authority().during(secs(0)..=secs(31), refusal);
            let report = crowd(seed, 50, 30, authority);
            let requests = report.requests_of_group(0);
            assert!(requests <= 1 + 30 / mark, "{refusal:?}, seed {seed}: {requests} requests");
            assert!(requests >= 3, "{refusal:?}, seed {seed}: no real retries");
        }
    }
}

/// How many requests an authority may see that fails for a minute: a request, its retry after at least a second, and a
/// mark of five seconds, less one for the fraction that a clock does not show. If the window of the counter ends meanwhile,
/// whoever comes then is the first of the next, and asks too.
fn explained_in_a_minute(report: &Report) -> usize {
    let answer = ms(200);
    let cycle = answer + secs(1) + answer + secs(5 - 1);
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
fn f08_an_outage_sees_one_caller_and_its_retry_in_each_back_off() {
    let behaviour = Behaviour::Fails { status: 503 };
    let report = crowd(8, 1_000, 60, authority().during(secs(0)..=secs(61), behaviour));
    let requests = report.requests_of_group(0);
    println!("60,000 instances in an outage of a minute: {requests} requests");
    assert!(requests <= explained_in_a_minute(&report), "{requests} requests");
}

#[test]
fn f08_an_authority_that_cannot_be_reached_is_not_tried_by_all() {
    for behaviour in [Behaviour::IsUnreachable, Behaviour::Fails { status: 500 }] {
        for seed in 0..3 {
            let authority = authority().during(secs(0)..=secs(61), behaviour);
            let report = crowd(seed, 20, 60, authority);
            let requests = report.requests_of_group(0);
            let explained = explained_in_a_minute(&report);
            assert!(requests <= explained, "{behaviour:?}, seed {seed}: {requests} requests");
            assert!(requests >= explained / 2, "{behaviour:?}, seed {seed}: no real retries");
        }
    }
}

#[test]
fn f08_a_throttling_authority_is_left_alone_for_as_long_as_it_says() {
    for seed in 0..3 {
        let behaviour = Behaviour::Throttles { retry_after: secs(20) };
        let authority = authority().during(secs(0)..=secs(61), behaviour);
        let report = Fleet::new(seed)
            .authority(authority)
            .instances(1_200)
            .arriving_within(secs(60))
            .asking(Ask::default())
            .run();
        // That nobody asks in between is a law.
        report.check_laws();
        assert!(report.token_requests.len() <= 5, "{} requests", report.token_requests.len());
    }
}

#[test]
fn f08_an_authority_that_is_silent_is_left_alone_by_those_with_no_more_patience() {
    for seed in 0..3 {
        let (impatient, patient) = (ms(1_500), secs(30));
        let report = Fleet::new(seed)
            .authority(authority().during(secs(0)..=secs(31), Behaviour::IsSilent))
            .starting_at(EDGE)
            .instances(1_500)
            .arriving_within(secs(30))
            .asking(Ask::default().deadline(impatient))
            // It would have been answered for all that the others know.
            .instances(1)
            .arriving(secs(8)..=secs(8))
            .asking(Ask::default().scope("api://y/.default").deadline(patient))
            .run();
        report.check_laws();
        // Each fifth second at most, and with each window one more; those who wait for the one who asks for longer than
        // two thirds of their time ask too.
        let requests = report.requests_of_group(0);
        println!("1,500 impatient instances, 30 seconds of silence: {requests} requests");
        assert!(requests <= 300, "seed {seed}: {requests} requests");
        assert_eq!(report.requests_of_group(1), 1, "seed {seed}");
    }
}

#[test]
fn f08_a_refresh_that_got_no_answer_keeps_those_who_miss_from_asking() {
    let report = Fleet::new(8)
        .authority(
            authority().refresh_in(secs(1_800)).during(secs(1)..=secs(4_000), Behaviour::IsSilent),
        )
        .instances(1)
        .instances(1)
        .arriving(secs(2_000)..=secs(2_000))
        // The note is for all who want these scopes, and this one passes over the token.
        .instances(1)
        .arriving(secs(2_006)..=secs(2_006))
        .asking(Ask::default().forced())
        .run();
    report.check_laws();
    assert!(report.group(1).all(|outcome| outcome.answer().is_some()), "it has the old token");
    assert!(report.group(2).all(|outcome| matches!(outcome.cause(), Some(Cause::Unreachable(_)))));
    assert_eq!((report.requests_of_group(1), report.requests_of_group(2)), (1, 0));
}
