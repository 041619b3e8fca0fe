//! What must hold for any bytes: one function for each fuzz target in `fuzz/`, which fails by panicking.
//!
//! The unit tests replay the inputs in `fuzz/corpus` and `fuzz/regressions`. Other builds do not contain this module.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a property that does not hold ends the run"
)]

mod answers;
mod arguments;
mod call;
#[cfg(test)]
mod corpus;
mod discovery;
mod entry;
mod key_files;
mod planted;
mod response;
mod script;
mod scripted_host;
mod unified_cache;

pub use answers::error_answer;
pub use answers::token_answer;
pub use arguments::authority_url;
pub use arguments::extra_parameters;
pub use call::whole_call;
pub use discovery::discovery;
pub use entry::cache_entry;
pub use key_files::pem;
pub use key_files::pkcs12;
pub use unified_cache::unified_cache;

use crate::time::UnixTime;

/// When every input is read.
const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
