//! Kills an instance at a chosen host call.

use std::fmt;

/// The calls that an instance makes to its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCall {
    /// Reads the clocks.
    Now,
    /// Gets random bytes.
    Random,
    /// Reads an entry.
    Get,
    /// Writes an entry.
    Set,
    /// Deletes an entry.
    Delete,
    /// Increments a counter.
    Increment,
    /// Sends a token request.
    Send,
    /// Sleeps.
    Sleep,
}

/// Kills one instance at one of its host calls. The instance does nothing from then on, not even cleaning up.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    victim: Victim,
    call: Which,
    moment: DeathMoment,
}

#[derive(Clone, Copy, Debug)]
enum Victim {
    Instance(u32),
    First,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    /// The instance's nth host call, counted from one.
    Nth(u32),
    /// The first of this kind.
    Kind(HostCall),
}

/// The moment within a host call at which the instance dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathMoment {
    /// Before the call has an effect.
    Before,
    /// After the call had its effect, before the answer arrives.
    During,
    /// After the answer arrived.
    After,
}

impl Death {
    /// At an instance's nth host call, counted from one.
    pub fn of(instance: u32, moment: DeathMoment, nth: u32) -> Self {
        Self { victim: Victim::Instance(instance), call: Which::Nth(nth), moment }
    }

    /// At an instance's first host call of this kind.
    pub fn of_at(instance: u32, moment: DeathMoment, call: HostCall) -> Self {
        Self { victim: Victim::Instance(instance), call: Which::Kind(call), moment }
    }

    /// Kills the first instance of the fleet that makes a host call of this kind: `Send` kills a leader. Used twice, it
    /// kills the first two.
    pub fn of_the_first(moment: DeathMoment, call: HostCall) -> Self {
        Self { victim: Victim::First, call: Which::Kind(call), moment }
    }

    pub(crate) fn is_now(
        &self,
        instance: u32,
        moment: DeathMoment,
        call: HostCall,
        nth: u32,
    ) -> bool {
        let is_victim = match self.victim {
            Victim::Instance(victim) => victim == instance,
            Victim::First => true,
        };
        let is_call = match self.call {
            Which::Nth(wanted) => wanted == nth,
            Which::Kind(wanted) => wanted == call,
        };
        is_victim && is_call && self.moment == moment
    }
}

impl fmt::Display for HostCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Now => "now",
            Self::Random => "random",
            Self::Get => "get",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::Increment => "increment",
            Self::Send => "send",
            Self::Sleep => "sleep",
        })
    }
}
