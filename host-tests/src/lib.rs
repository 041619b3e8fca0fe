//! Shared code of the tests of the built component: a [`World`] of emulator, store and host.
//!
//! Every [`World`] has its own emulator and store. All worlds share one compiled component.

mod black_hole;
mod built;
mod canary;
mod causes;
mod command_line;
mod fault;
mod issuer;
mod journal;
mod key_cases;
mod keys;
mod own_name;
mod proxy;
mod redis;
mod redis_security;
mod run;
mod wasmtime;
mod world;

pub use black_hole::BlackHole;
pub use built::built;
pub use canary::Canary;
pub use canary::encodings;
pub use causes::refusal;
pub use causes::rejection;
pub use causes::throttle;
pub use causes::unexpected;
pub use causes::unreachable_reason;
pub use command_line::command_line;
pub use fault::Fault;
pub use fault::Operation;
pub use issuer::Issuer;
pub use journal::JournalStore;
pub use key_cases::KEY_CASES;
pub use key_cases::KeyCase;
pub use keys::PASSPHRASE;
pub use keys::certificate_base64;
pub use keys::certificate_der;
pub use keys::certificate_of;
pub use keys::key_file;
pub use keys::key_file_path;
pub use keys::key_text;
pub use keys::unexpired_cache;
pub use own_name::own_name_or_skip;
pub use proxy::Proxy;
pub use redis::Redis;
pub use redis_security::RedisSecurity;
pub use run::Run;
pub use wasmtime::wasmtime_or_skip;
pub use world::World;
pub use world::options;
pub use world::request_options;
pub use world::secret;
