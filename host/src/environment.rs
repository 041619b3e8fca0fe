//! The environment of an instance.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rand_core::TryRng;
use wasmtime::component::Linker;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::HostWallClock;
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::WasiHttpCtx;

use crate::Configuration;
use crate::assertions;
use crate::assertions::Assertions;
use crate::configuration;
use crate::guest::Guest;
use crate::keyvalue;
use crate::memory::MemoryMeter;
use crate::network::Network;
use crate::network::NetworkHooks;
use crate::store::MemoryStore;
use crate::store::Store;
use crate::turns;

/// Everything that instances share. It grants only what was configured: no file, variable, argument or
/// standard stream of this process, and no socket outside the network.
#[derive(Clone)]
pub(crate) struct Environment {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) network: Network,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) configuration: Configuration,
    /// Folders that may be read, and the names that the component sees.
    pub(crate) folders: Vec<(PathBuf, String)>,
    pub(crate) assertions: Assertions,
    pub(crate) is_output_shown: bool,
    pub(crate) wall_clock: Option<WallClock>,
    pub(crate) random: Option<Random>,
}

/// A replacement for the system's clock.
pub(crate) type WallClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A replacement for the system's random bytes.
pub(crate) type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

impl Environment {
    /// Creates the state of a new instance.
    pub(crate) fn guest(&self, memory: usize) -> wasmtime::Result<Guest> {
        Ok(Guest {
            table: ResourceTable::new(),
            wasi: self.wasi()?,
            http: WasiHttpCtx::new(),
            network: NetworkHooks::new(self.network.clone()),
            store: Arc::clone(&self.store),
            configuration: self.configuration.clone(),
            assertions: self.assertions.clone(),
            memory: MemoryMeter::new(memory),
            turn: None,
        })
    }

    fn wasi(&self) -> wasmtime::Result<WasiCtx> {
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.variables);
        if self.is_output_shown {
            wasi.inherit_stdout().inherit_stderr();
        }
        if let Some(clock) = &self.wall_clock {
            wasi.wall_clock(CustomClock(Arc::clone(clock)));
        }
        if let Some(random) = &self.random {
            wasi.secure_random(CustomRandom(Arc::clone(random)));
        }
        for (folder, name) in &self.folders {
            wasi.preopened_dir(folder, name, FsPerms::ReadOnly)?;
        }
        Ok(wasi.build())
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            network: Network::default(),
            variables: Vec::new(),
            configuration: Configuration::new(),
            folders: Vec::new(),
            assertions: Assertions::default(),
            is_output_shown: false,
            wall_clock: None,
            random: None,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Environment").finish_non_exhaustive()
    }
}

/// Links everything that a component may import: WASI 0.2, `wasi:http`, both drafts of
/// `wasi:keyvalue`, two versions of `wasi:config`, and the interfaces for assertions.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    turns::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    keyvalue::add_to_linker(linker, Guest::key_value)?;
    configuration::add_to_linker(linker)?;
    assertions::add_to_linker(linker, |guest| &guest.assertions)
}

struct CustomClock(WallClock);

impl HostWallClock for CustomClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}

struct CustomRandom(Random);

impl TryRng for CustomRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}
