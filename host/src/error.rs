//! Failures outside the contract: in the host, or because the component exceeded a limit.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use wasmtime::Trap;

/// A failure of the host. It contains nothing from a call's arguments.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HostError {
    /// The WebAssembly runtime cannot be set up on this machine.
    Runtime(String),
    /// The bytes are not a component that this host can run.
    Component(String),
    /// The bytes are not an app that can be composed with the component.
    App(String),
    /// All instances, of this number, were busy for as long as the time limit.
    Busy(u32),
    /// The component ran longer than the time limit.
    TimeLimit(Duration),
    /// The component failed because it needed more memory than the limit.
    MemoryLimit(usize),
    /// The component used up its fuel.
    Fuel(u64),
    /// The component trapped.
    Trap(String),
}

impl HostError {
    pub(crate) fn component(error: &wasmtime::Error) -> Self {
        Self::Component(one_line(error))
    }

    pub(crate) fn runtime(error: &wasmtime::Error) -> Self {
        Self::Runtime(one_line(error))
    }

    pub(crate) fn trap(error: &wasmtime::Error) -> Self {
        // The full error has a backtrace, which is useless: released components have no function names.
        match error.downcast_ref::<Trap>() {
            Some(trap) => Self::Trap(trap.to_string()),
            None => Self::Trap(one_line(error)),
        }
    }
}

impl Error for HostError {}

impl fmt::Display for HostError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(reason) => {
                write!(formatter, "the WebAssembly runtime cannot be set up: {reason}")
            }
            Self::Component(reason) => write!(formatter, "the component cannot be run: {reason}"),
            Self::App(reason) => write!(formatter, "the app cannot be used: {reason}"),
            Self::Busy(instances) => {
                write!(formatter, "all {instances} instances were busy until the time limit")
            }
            Self::TimeLimit(limit) => {
                write!(formatter, "the component was stopped after {} s", limit.as_secs_f64())
            }
            Self::MemoryLimit(limit) => {
                write!(formatter, "the component needs more than its {} KiB of memory", limit >> 10)
            }
            Self::Fuel(fuel) => {
                write!(formatter, "the component used up its {fuel} units of fuel")
            }
            Self::Trap(reason) => write!(formatter, "the component stopped: {reason}"),
        }
    }
}

/// The error and its causes, without line breaks.
fn one_line(error: &wasmtime::Error) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}
