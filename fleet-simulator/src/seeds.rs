//! Draws a whole run from a seed.

use crate::ask::Ask;
use crate::authority::Authority;
use crate::authority::Behaviour;
use crate::clocks::Clocks;
use crate::death::Death;
use crate::death::DeathMoment;
use crate::death::HostCall;
use crate::fleet::Fleet;
use crate::random::Random;
use crate::span::ms;
use crate::span::secs;
use crate::store::Chances;
use crate::store::Fault;
use crate::store::Lie;
use crate::store::Store;

/// A fleet of 2 to 50 instances with whatever the seed makes go wrong: nothing, one thing, or everything at once.
pub fn fleet_of_seed(seed: u64) -> Fleet {
    // Not the stream that the run itself draws from.
    let mut random = Random::from_seed(!seed);
    let mut fleet = Fleet::new(seed);
    for _ in 0..=random.below(3) {
        fleet = draw_group(fleet, &mut random);
    }
    let instances = fleet.groups.iter().map(|group| group.instances).sum();
    fleet = fleet.store(draw_store(&mut random)).authority(draw_authority(&mut random));
    if random.chance(0.3) {
        fleet = fleet.clocks(draw_clocks(instances, &mut random));
    }
    while random.chance(0.25) {
        fleet = fleet.killing(draw_death(instances, &mut random));
    }
    fleet
}

fn draw_group(fleet: Fleet, random: &mut Random) -> Fleet {
    let instances = 2 + random.below(15) as u32;
    let first =
        random.pick(&[secs(0), secs(0), secs(0), secs(5), secs(2_000), secs(3_500), secs(4_000)]);
    let within = random.pick(&[ms(0), ms(100), secs(1), secs(20), secs(600)]);
    let pause = random.pick(&[
        ms(0)..=ms(10),
        ms(100)..=secs(3),
        secs(10)..=secs(60),
        secs(300)..=secs(3_000),
    ]);
    let mut ask = Ask::default();
    if random.chance(0.3) {
        ask = ask.tenant("fabrikam.com");
    }
    if random.chance(0.3) {
        ask = ask.scope("api://y/.default");
    }
    if random.chance(0.2) {
        ask = ask.client("another");
    }
    match random.below(12) {
        0 => ask = ask.forced(),
        1 => ask = ask.challenged(),
        2 => ask = ask.deadline(random.within(&(ms(500)..=secs(20)))),
        3 => ask = ask.waiting(ms(0)),
        4 => ask = ask.waiting(random.within(&(ms(100)..=secs(25)))),
        _ => {}
    }
    fleet
        .instances(instances)
        .arriving(first..=first + within)
        .calling(1 + random.below(4) as u32, pause)
        .asking(ask)
}

fn draw_store(random: &mut Random) -> Store {
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
        store = store.lying(match random.below(5) {
            0 => Lie::ManyAreFirst { within },
            1 => Lie::LostRacesAnswerOk { within },
            2 => Lie::CountsTwice { probability: 0.3 },
            3 => Lie::PlacesAreTaken { places: 1 + random.below(1_000) },
            _ => Lie::AlwaysCounts { place: random.pick(&[0, 1, 2, u64::MAX]) },
        });
    }
    if random.chance(0.3) {
        store = store.latency(ms(1)..=random.within(&(ms(1)..=ms(200))));
    }
    if random.chance(0.4) {
        store = store.failing_by_chance(draw_chances(random));
    }
    if random.chance(0.1) {
        let from = random.within(&(ms(0)..=secs(30)));
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

fn draw_authority(random: &mut Random) -> Authority {
    let fastest = random.within(&(ms(20)..=ms(300)));
    let slowest = fastest + random.pick(&[ms(0), ms(100), ms(1_000), secs(4)]);
    let mut authority = Authority::answering_within(fastest..=slowest);
    if random.chance(0.5) {
        let lifetime = 3_600 + random.below(5_000);
        authority = authority.lifetime(lifetime);
        if random.chance(0.5) {
            authority = authority.refresh_in(lifetime / 2);
        }
    }
    if random.chance(0.5) {
        return authority;
    }
    let behaviour = match random.below(8) {
        0 => Behaviour::Slow(random.within(&(ms(500)..=secs(20)))),
        1 => Behaviour::Throttles { retry_after: 1 + random.below(100) },
        2 => Behaviour::Fails { status: random.pick(&[500, 502, 503, 504]) },
        3 => Behaviour::RefusesTheCredential,
        4 => Behaviour::RefusesTheScope,
        5 => Behaviour::IsUnreachable,
        6 => Behaviour::IsSilent,
        _ => Behaviour::TalksNonsense,
    };
    match random.below(3) {
        0 => authority.first(1 + random.below(5) as usize, behaviour),
        1 => {
            let from = random.within(&(ms(0)..=secs(30)));
            authority.during(from..=from + random.within(&(ms(10)..=secs(120))), behaviour)
        }
        _ => authority.allowing(1 + random.below(4) as usize, secs(60), 1 + random.below(90)),
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
