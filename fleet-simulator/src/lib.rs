//! A fleet of instances of the component, in virtual time.
//!
//! The core of `msal-wasi` runs as it is, over a [`Host`](msal_wasi::host::Host) whose every call takes time and lets the
//! others run; those to the store and to the authority may go wrong, and the instance may die in any. Instances are futures on one thread; time passes when all of them wait. A seed decides
//! everything that chance decides, so one seed makes the same run again: on another machine, under a debugger, or as a
//! test of the fault that it found.
//!
//! ```
//! use msal_fleet_simulator::Authority;
//! use msal_fleet_simulator::Fleet;
//! use msal_fleet_simulator::Store;
//! use msal_fleet_simulator::ms;
//!
//! let report = Fleet::new(7)
//!     .instances(10)
//!     .arriving_within(ms(50))
//!     .store(Store::linearizable())
//!     .authority(Authority::answering_after(ms(200)))
//!     .run();
//! assert_eq!(report.served(), 10);
//! println!("{} token requests", report.token_requests.len());
//! report.check_laws();
//! ```
//!
//! What there is to describe a run with:
//!
//! - [`Fleet`]: groups of instances, when they come, how often they call, and what each [`Ask`]s for;
//! - [`Store`]: linearizable, replicated, delayed, or a [`Model`] of your own; without atomics; with a [`Lie`]; with
//!   [`Fault`]s at chosen operations or by [`Chances`]; down for a while;
//! - [`Authority`]: its latency, its tokens' lives, and its [`Behaviour`] during a time, to requests for one token, or to
//!   the first requests;
//! - [`Clocks`]: skewed, jumping;
//! - [`Death`]: before, during or after a host call of one instance, or of whoever is the first to make it.
//!
//! What there is to judge it by: [`Report::check_laws`], which holds for every run ([`Law`] names each), and the
//! outcomes, token requests and [`Trace`] in the [`Report`]. [`fleet_of_seed`] draws a whole fleet from a seed, with any
//! faults; `cargo run --release -p msal-fleet-simulator --example seeds` runs many.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod ask;
mod authority;
mod clocks;
mod death;
mod executor;
mod fleet;
mod group;
mod instance;
mod laws;
mod outcome;
mod random;
mod report;
mod seeds;
mod span;
mod store;
mod trace;
mod virtual_clock;
mod world;

pub use ask::Ask;
pub use ask::TokenKey;
pub use authority::Authority;
pub use authority::Behaviour;
pub use authority::Issued;
pub use authority::TokenRequest;
pub use authority::Verdict;
pub use clocks::Clocks;
pub use death::Death;
pub use death::DeathMoment;
pub use death::HostCall;
pub use fleet::Fleet;
pub use laws::Broken;
pub use laws::Law;
pub use outcome::Answer;
pub use outcome::Ending;
pub use outcome::Kept;
pub use outcome::Outcome;
pub use outcome::Sent;
pub use random::Random;
pub use report::Report;
pub use seeds::fleet_of_seed;
pub use span::ms;
pub use span::secs;
pub use store::Chances;
pub use store::Fault;
pub use store::Lie;
pub use store::Model;
pub use store::Name;
pub use store::Store;
pub use store::Value;
pub use store::Visit;
pub use trace::Event;
pub use trace::Stored;
pub use trace::Told;
pub use trace::Trace;
pub use trace::What;
