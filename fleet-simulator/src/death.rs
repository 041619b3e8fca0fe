//! When an instance is killed.

use std::fmt;

/// What an instance can ask of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostCall {
    /// Reads the clocks.
    Now,
    /// Asks for random bytes.
    Random,
    /// Reads an entry.
    Get,
    /// Writes an entry.
    Set,
    /// Deletes an entry.
    Delete,
    /// Adds to a counter.
    Increment,
    /// Sends a request.
    Send,
    /// Waits.
    Sleep,
}

/// Kills one instance at one of its host calls. It makes no sound, and nothing of it happens after.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    victim: Victim,
    call: Which,
    moment: DeathMoment,
}

#[derive(Clone, Copy, Debug)]
enum Victim {
    Instance(u32),
    WhoeverIsFirst,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    /// The instance's k-th host call, counted from one.
    Nth(u32),
    /// The first of this kind.
    Kind(HostCall),
}

/// When in the course of a host call somebody dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeathMoment {
    /// Nothing of the call happens.
    Before,
    /// It has its effect, and the answer comes too late.
    During,
    /// The answer is there.
    After,
}

impl Death {
    /// At an instance's k-th host call, counted from one.
    pub fn of(instance: u32, moment: DeathMoment, nth: u32) -> Self {
        Self { victim: Victim::Instance(instance), call: Which::Nth(nth), moment }
    }

    /// At an instance's first host call of this kind.
    pub fn of_at(instance: u32, moment: DeathMoment, call: HostCall) -> Self {
        Self { victim: Victim::Instance(instance), call: Which::Kind(call), moment }
    }

    /// Of whoever is the first of the fleet to come to a host call of this kind: `Send` kills a leader. Given twice, it
    /// kills the first two.
    pub fn of_the_first(moment: DeathMoment, call: HostCall) -> Self {
        Self { victim: Victim::WhoeverIsFirst, call: Which::Kind(call), moment }
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
            Victim::WhoeverIsFirst => true,
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
