//! Tests of the host's command line, its stores and providers, of composition, and of the built components.

mod command_line;
mod composition;
mod configured;
mod fleet;
mod imports;
mod plain_build;
mod providers;
mod proxies;
mod serve;
mod serve_limits;
#[cfg(unix)]
mod serve_stop;
mod served;
mod stores;
mod wasmtime;
