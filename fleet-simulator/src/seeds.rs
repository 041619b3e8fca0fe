//! Draws a complete fleet from a seed.

use std::time::Duration;

use crate::authority::Authority;
use crate::authority::Behaviour;
use crate::call_args::CallArgs;
use crate::call_args::Credential;
use crate::call_args::Extra;
use crate::clocks::Clocks;
use crate::death::Death;
use crate::death::DeathMoment;
use crate::death::HostCall;
use crate::durations::ms;
use crate::durations::secs;
use crate::fleet::Fleet;
use crate::host_fault::HostFault;
use crate::random::Random;
use crate::store::Chances;
use crate::store::Fault;
use crate::store::Lie;
use crate::store::Store;

/// A fleet of 2 to 50 instances with random faults: none, one, or many at once.
pub fn fleet_of_seed(seed: u64) -> Fleet {
    // A different stream from that of the run itself.
    let mut random = Random::from_seed(!seed);
    let life = Life::draw(&mut random);
    let mut fleet = Fleet::new(seed);
    let instances = 2 + random.below(49) as u32;
    let mut left = instances;
    for others in (0..=random.below(3) as u32).rev() {
        // Leave at least one instance for each remaining group.
        let spare = left.saturating_sub(others);
        if spare > 0 {
            let size = if others == 0 { spare } else { 1 + random.below(spare.into()) as u32 };
            fleet = draw_group(fleet, size, life, &mut random);
            left -= size;
        }
    }
    if random.chance(0.3) {
        fleet = draw_faulty_hosts(fleet, life, &mut random);
    }
    let store = draw_store(&fleet, life, &mut random);
    let authority = draw_authority(&fleet, life, &mut random);
    fleet = fleet.store(store).authority(authority);
    if random.chance(0.3) {
        fleet = fleet.clocks(draw_clocks(instances, &mut random));
    }
    while random.chance(0.25) {
        fleet = fleet.killing(draw_death(instances, &mut random));
    }
    fleet
}

/// The lifetime of tokens, in seconds.
#[derive(Clone, Copy)]
struct Life {
    lifetime: u64,
    refresh_in: Option<u64>,
}

impl Life {
    fn draw(random: &mut Random) -> Self {
        let lifetime = match random.below(6) {
            0 => 20 + random.below(40),
            1 => 60 + random.below(600),
            2 => 600 + random.below(3_000),
            3 => 3_600 + random.below(5_000),
            _ => 3_600,
        };
        let refresh_in = match random.below(4) {
            0 => Some(lifetime / 2),
            1 => Some(5 + random.below(lifetime - 5)),
            // An impossible value, which the core ignores.
            2 if random.chance(0.1) => Some(lifetime + random.below(2)),
            _ => None,
        };
        Self { lifetime, refresh_in }
    }

    /// A moment in the life of a token: it is fetched, due for a refresh, no longer served from the cache, or expired.
    fn milestone(self, random: &mut Random) -> Duration {
        let end = self.lifetime - (self.lifetime / 2).min(300);
        secs(random.pick(&[
            0,
            self.refresh_in.unwrap_or(end).min(self.lifetime),
            end,
            self.lifetime,
        ]))
    }
}

/// A time near an interesting event: the arrival of a group, or a milestone of its token.
fn draw_time(fleet: &Fleet, life: Life, random: &mut Random) -> Duration {
    let arrivals: Vec<_> = fleet.setup.groups.iter().map(|group| group.arrival.clone()).collect();
    let arrival = random.pick(&arrivals);
    let time = random.within(&arrival) + life.milestone(random);
    (time + random.within(&(ms(0)..=secs(10)))).saturating_sub(secs(5))
}

fn draw_group(fleet: Fleet, instances: u32, life: Life, random: &mut Random) -> Fleet {
    let point = life.milestone(random);
    let first = random.pick(&[secs(0), secs(0), secs(0), secs(5), secs(30), point, point]);
    let within = random.pick(&[ms(0), ms(100), secs(1), secs(20), secs(600)]);
    let pause = random.pick(&[
        ms(0)..=ms(10),
        ms(100)..=secs(3),
        secs(10)..=secs(60),
        secs(life.lifetime / 10)..=secs(life.lifetime),
    ]);
    let mut args = CallArgs::default();
    if random.chance(0.3) {
        args = args.tenant("fabrikam.com");
    }
    if random.chance(0.3) {
        args = args.scope("api://y/.default");
    }
    if random.chance(0.2) {
        args = args.client("another");
    }
    if random.chance(0.2) {
        args = args.cache_key(&[random.pick(&[1, 2]); 32]);
    }
    if random.chance(0.2) {
        let role = 1 + random.below(2) as u8;
        args = args.extra(random.pick(&[
            Extra::Attributes(role),
            Extra::Parameter(role),
            Extra::Claims(role),
        ]));
    }
    if random.chance(0.2) {
        args = args.credentials(random.pick(&[
            &[Credential::WrongSecret, Credential::Secret][..],
            &[Credential::Secret, Credential::WrongSecret],
            &[Credential::Secret, Credential::Provider],
            &[Credential::Provider, Credential::Secret],
            &[Credential::WrongSecret],
        ]));
    }
    match random.below(14) {
        0 => args = args.forced(),
        1 => args = args.challenged(),
        2 => args = args.deadline(random.within(&(ms(500)..=secs(20)))),
        3 => args = args.waiting(ms(0)),
        4 => args = args.waiting(random.within(&(ms(100)..=secs(25)))),
        5 => args = args.rejecting(random.below(3) as usize),
        6 => args = args.challenged().rejecting(random.below(3) as usize),
        _ => {}
    }
    fleet
        .instances(instances)
        .arriving(first..=first + within)
        .calling(1 + random.below(4) as u32, pause)
        .with_args(args)
}

/// Adds up to three instances like some that there are, on hosts with a fault.
fn draw_faulty_hosts(fleet: Fleet, life: Life, random: &mut Random) -> Fleet {
    let call = random.pick(&[HostCall::Get, HostCall::Random, HostCall::Send, HostCall::Set]);
    let after = random.within(&(ms(10)..=secs(20)));
    let fault = random.pick(&[
        HostFault::NoName,
        HostFault::NoConnection { after },
        HostFault::NoTrust,
        HostFault::Forbids,
        HostFault::NoProvider,
        HostFault::BadKeyFile,
        HostFault::NoMemory(call),
    ]);
    let mut healthy = random.pick(&fleet.setup.groups);
    if matches!(fault, HostFault::NoProvider | HostFault::BadKeyFile) {
        // With their credentials, the hosts would also lose the key that is derived from them.
        healthy.args = healthy.args.cache_key(&[1; 32]).credentials(&[Credential::Provider]);
    }
    let from = draw_time(&fleet, life, random);
    let until = from + random.within(&(secs(1)..=secs(100)));
    let times = random.pick(&[ms(0)..=Duration::MAX, from..=until]);
    let mut fleet = fleet;
    if matches!(fault, HostFault::NoProvider | HostFault::BadKeyFile) {
        // Hosts of the same configuration, whose provider works.
        fleet.setup.groups.push(healthy.clone());
    }
    let pause = random.pick(&[ms(0)..=ms(10), ms(100)..=secs(3), healthy.pause.clone()]);
    fleet
        .instances(1 + random.below(3) as u32)
        .arriving(healthy.arrival)
        .calling(1 + random.below(20) as u32, pause)
        .with_args(healthy.args)
        .with_host_fault_during(times, fault)
}

fn draw_store(fleet: &Fleet, life: Life, random: &mut Random) -> Store {
    let mut store = match random.below(8) {
        0 => Store::replicated(2 + random.below(4) as u32, random.within(&(ms(10)..=secs(60)))),
        1 => Store::delayed(random.within(&(ms(10)..=secs(60)))),
        _ => Store::linearizable(),
    };
    if random.chance(0.2) {
        store = store.without_atomics();
    }
    if random.chance(0.2) {
        let within = random.within(&(ms(1)..=ms(50)));
        store = store.lying(match random.below(7) {
            5.. => Lie::OlderValues { probability: random.pick(&[0.05, 0.5]) },
            0 => Lie::ManyAreFirst { within },
            1 => Lie::LostRacesAnswerOk { within },
            2 => Lie::CountsTwice { probability: 0.3 },
            3 => Lie::TicketsAreTaken { tickets: 1 + random.below(1_000) },
            _ => Lie::AlwaysReturns { count: random.pick(&[0, 1, 2, u64::MAX]) },
        });
    }
    if random.chance(0.3) {
        store = store.latency(ms(1)..=random.within(&(ms(1)..=ms(200))));
    }
    if random.chance(0.4) {
        store = store.failing_by_chance(draw_chances(random));
    }
    if random.chance(0.1) {
        let from = draw_time(fleet, life, random);
        store = store.down(from..=from + random.within(&(ms(10)..=secs(60))));
    }
    store
}

fn draw_chances(random: &mut Random) -> Chances {
    let slow = Fault::Slow(random.within(&(ms(100)..=secs(5))));
    let faults = [
        Fault::Error,
        Fault::LostResponse,
        Fault::LostWrite,
        Fault::StaleRead,
        Fault::Corrupted,
        Fault::Torn,
        Fault::ForeignValue,
        slow,
    ];
    let mut chances = Chances::none();
    for fault in faults {
        if random.chance(0.4) {
            let probability = random.pick(&[0.005, 0.02, 0.1]);
            chances = chances.of(fault, probability);
        }
    }
    chances
}

fn draw_authority(fleet: &Fleet, life: Life, random: &mut Random) -> Authority {
    let fastest = random.within(&(ms(20)..=ms(300)));
    let slowest = fastest + random.pick(&[ms(0), ms(100), ms(1_000), secs(4)]);
    let mut authority =
        Authority::answering_within(fastest..=slowest).lifetime(secs(life.lifetime));
    if let Some(refresh_in) = life.refresh_in {
        authority = authority.refresh_in(secs(refresh_in));
    }
    if random.chance(0.5) {
        return authority;
    }
    let with_extras = fleet.setup.groups.iter().find(|group| group.args.has_extras());
    if let Some(group) = with_extras.filter(|_| random.chance(0.3)) {
        // The authority, or a service that it asks, cannot serve the extras.
        let behaviour = Behaviour::Fails { status: 503 };
        return authority.during_for(group.args.token_key(), ms(0)..=secs(600), behaviour);
    }
    let behaviour = match random.below(8) {
        0 => Behaviour::Slow(random.within(&(ms(500)..=secs(20)))),
        1 => Behaviour::Throttles { retry_after: secs(1 + random.below(100)) },
        2 => Behaviour::Fails { status: random.pick(&[500, 502, 503, 504]) },
        3 => Behaviour::RefusesTheCredential,
        4 => Behaviour::RefusesTheScope,
        5 => Behaviour::IsUnreachable,
        6 => Behaviour::IsSilent,
        _ => Behaviour::AnswersHtml,
    };
    match random.below(5) {
        0 => authority.first(1 + random.below(5) as usize, behaviour),
        kind @ 1..=3 => {
            let from = draw_time(fleet, life, random);
            let times = from..=from + random.within(&(ms(10)..=secs(120)));
            if kind == 1 {
                let keys: Vec<_> =
                    fleet.setup.groups.iter().map(|group| group.args.token_key()).collect();
                return authority.during_for(random.pick(&keys), times, behaviour);
            }
            authority.during(times, behaviour)
        }
        _ => authority.allowing(1 + random.below(4) as usize, secs(60), secs(1 + random.below(90))),
    }
}

fn draw_clocks(instances: u32, random: &mut Random) -> Clocks {
    let mut clocks =
        Clocks::exact().skewed_within(random.pick(&[secs(1), secs(30), secs(150), secs(300)]));
    while random.chance(0.5) {
        let instance = random.below(instances.into()) as u32;
        let at = random.within(&(ms(0)..=secs(4_000)));
        clocks =
            clocks.jumping(instance, at, random.pick(&[-86_400, -3_600, -60, 60, 3_600, 86_400]));
    }
    clocks
}

fn draw_death(instances: u32, random: &mut Random) -> Death {
    let moment = random.pick(&[DeathMoment::Before, DeathMoment::During, DeathMoment::After]);
    let call = random.pick(&[HostCall::Send, HostCall::Set, HostCall::Increment, HostCall::Sleep]);
    let instance = random.below(instances.into()) as u32;
    match random.below(3) {
        0 => Death::of_the_first(moment, call),
        1 => Death::of_at(instance, moment, call),
        _ => Death::of(instance, moment, 1 + random.below(20) as u32),
    }
}
