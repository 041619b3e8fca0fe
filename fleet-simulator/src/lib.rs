//! A fleet of instances of the component, in virtual time.
//!
//! The unmodified core of `msal-wasi` runs over a [`Host`](msal_wasi::host::Host) in which every call takes time and yields
//! to the other instances. Calls to the store and to the authority may fail, and an instance may die in any host call.
//! Instances are futures on one thread, and time advances when all of them wait. Everything random derives from the seed,
//! so a seed reproduces its run exactly: on another machine, under a debugger, or as a regression test.
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
//! report.check_invariants();
//! ```
//!
//! A run is described by:
//!
//! - [`Fleet`]: groups of instances, when they arrive, how often they call, with which [`CallArgs`] ([`Credential`]s,
//!   [`Extra`]s), and the [`HostFault`] of their hosts;
//! - [`Store`]: linearizable, replicated, delayed, or a custom [`Model`]; without atomics; with a [`Lie`]; with
//!   [`Fault`]s at chosen operations or at random ([`Chances`]); with outages;
//! - [`Authority`]: its latency, the lifetime of its tokens, and its [`Behaviour`] during a period, for one token, or for
//!   the first requests;
//! - [`Clocks`]: skewed, jumping;
//! - [`Death`]: before, during or after a host call, of a given instance or of the first instance that makes this call.
//!
//! A run is judged by [`Report::check_invariants`], which must pass in every run (see [`Invariant`]), and by the outcomes,
//! token requests and [`Trace`] in the [`Report`]. [`fleet_of_seed`] draws a complete fleet from a seed, with random faults;
//! `cargo run --release -p msal-fleet-simulator --example seeds` runs many seeds.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod authority;
mod call_args;
mod clocks;
mod death;
mod durations;
mod executor;
mod fleet;
mod group;
mod host_fault;
mod instance;
mod invariants;
mod outcome;
mod random;
mod report;
mod seeds;
mod setup;
mod store;
mod trace;
mod virtual_clock;
mod world;

pub use authority::Authority;
pub use authority::Behaviour;
pub use authority::Issued;
pub use authority::TokenRequest;
pub use authority::Verdict;
pub use call_args::CallArgs;
pub use call_args::Credential;
pub use call_args::Extra;
pub use call_args::TokenKey;
pub use clocks::Clocks;
pub use death::Death;
pub use death::DeathMoment;
pub use death::HostCall;
pub use durations::ms;
pub use durations::secs;
pub use fleet::Fleet;
pub use host_fault::HostFault;
pub use invariants::Invariant;
pub use invariants::Violation;
pub use outcome::Answer;
pub use outcome::Ending;
pub use outcome::Outcome;
pub use outcome::Sent;
pub use outcome::StoredValue;
pub use random::Random;
pub use report::Report;
pub use seeds::fleet_of_seed;
pub use store::Access;
pub use store::Chances;
pub use store::Fault;
pub use store::Lie;
pub use store::Model;
pub use store::Name;
pub use store::Store;
pub use store::Value;
pub use trace::Event;
pub use trace::EventKind;
pub use trace::Response;
pub use trace::Stored;
pub use trace::Trace;
