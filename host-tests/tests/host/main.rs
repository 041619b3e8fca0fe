//! What surrounds the component: the host's command line, its stores, composition, and the artefacts themselves.

mod command_line;
mod composition;
mod fleet;
mod imports;
mod plain_build;
mod providers;
mod serve;
mod stores;
