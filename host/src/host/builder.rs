//! The settings of a host.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Linker;

use super::Code;
use super::Exports;
use super::Host;
use super::Shared;
use super::Totals;
use crate::Compilation;
use crate::Configuration;
use crate::HostError;
use crate::Network;
use crate::assertions::AssertionProvider;
use crate::assertions::Signer;
use crate::environment;
use crate::environment::Environment;
use crate::runtime::Limits;
use crate::runtime::Runtime;
use crate::store::Store;

/// Builds a [`Host`]. Every setting has a default.
#[derive(Clone, Default)]
pub struct HostBuilder {
    component: ComponentSource,
    compilation: Compilation,
    limits: Limits,
    environment: Environment,
}

impl HostBuilder {
    /// Sets the component: the bytes of a file. Default: the built-in component, over
    /// `wasi:keyvalue@0.2.0-draft2` and with the import of an assertion provider.
    #[must_use]
    pub fn component(mut self, component: impl Into<ComponentSource>) -> Self {
        self.component = component.into();
        self
    }

    /// Sets the store for the sealed tokens. Default: in memory.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.environment.store = store;
        self
    }

    /// Sets the network. Default: every host is allowed.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.environment.network = network;
        self
    }

    /// Sets whether memory for instances is preallocated in a pool. Default: yes.
    #[must_use]
    pub fn pooling(mut self, is_pooling: bool) -> Self {
        self.limits.is_pooling = is_pooling;
        self
    }

    /// Sets the number of concurrent instances, at least 1; further calls wait. Default: 128.
    #[must_use]
    pub fn max_instances(mut self, instances: u32) -> Self {
        self.limits.instances = instances.max(1);
        self
    }

    /// Sets the memory limit of an instance in bytes. Default: 16 MiB.
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// Sets the time limit of a call, independent of the call's own deadline. Default: 60 s.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = limit;
        self
    }

    /// Counts the fuel that calls use, and stops a call that uses more than this. Off by default,
    /// because counting costs time.
    #[must_use]
    pub fn fuel(mut self, fuel: Option<u64>) -> Self {
        self.limits.fuel = fuel;
        self
    }

    /// Replaces the system's wall clock with a function that returns the time since the Unix epoch.
    #[must_use]
    pub fn wall_clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.environment.wall_clock = Some(Arc::new(now));
        self
    }

    /// Replaces the system's source of random bytes. For tests only.
    #[must_use]
    pub fn random(mut self, fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        self.environment.random = Some(Arc::new(fill));
        self
    }

    /// Sets the provider of assertions for a `provider` credential. The component must import a
    /// provider, as the built-in one does. Default: such a credential fails.
    #[must_use]
    pub fn assertion_provider(mut self, provider: Arc<dyn AssertionProvider>) -> Self {
        self.environment.assertions.provider = Some(provider);
        self
    }

    /// Sets the signer for a component with the signing provider plugged in.
    #[must_use]
    pub fn signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.environment.assertions.signer = Some(signer);
        self
    }

    /// Sets an environment variable for the component, such as a setting of a plugged-in provider.
    /// Default: no variables.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.variables.push((name.into(), value.into()));
        self
    }

    /// Sets the variables that the component reads through `wasi:config`, such as those of the configured component.
    /// Default: no variables.
    #[must_use]
    pub fn configuration(mut self, configuration: Configuration) -> Self {
        self.environment.configuration = configuration;
        self
    }

    /// Lets the component read a folder under the given name. Default: no folders.
    #[must_use]
    pub fn read_only_folder(mut self, folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        self.environment.folders.push((folder.into(), name.into()));
        self
    }

    /// Sets how the component is compiled. Default: at each start, and nothing is written to a disk.
    #[must_use]
    pub fn compilation(mut self, compilation: Compilation) -> Self {
        self.compilation = compilation;
        self
    }

    /// Compiles and links the component, which takes a large part of a second without a
    /// [`CompiledCache`](crate::CompiledCache).
    pub fn build(self) -> Result<Host, HostError> {
        let runtime = Runtime::new(self.limits)?;
        let compiled =
            self.compilation.compile(&runtime.engine, self.component.bytes_for_own_engine())?;
        let exports = Exports::of(&compiled)?;
        let mut linker = Linker::new(&runtime.engine);
        environment::add_to_linker(&mut linker).map_err(|error| HostError::runtime(&error))?;
        let component =
            linker.instantiate_pre(&compiled).map_err(|error| HostError::component(&error))?;
        let code = Arc::new(Code { runtime, component, exports });
        let totals = Totals::default();
        Ok(Host(Arc::new(Shared { code, environment: self.environment, totals })))
    }
}

impl fmt::Debug for HostBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HostBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The bytes of a component. Default: the built-in one.
///
/// A release build has it twice: its own engine runs the one with WebAssembly's wide arithmetic, which signs with a
/// certificate three times as fast, and [`compose`](crate::compose) takes the one that runs everywhere.
#[derive(Clone, Default)]
pub struct ComponentSource(Option<Vec<u8>>);

impl ComponentSource {
    /// The bytes that run on every host.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(include_bytes!(env!("MSAL_COMPONENT")))
    }

    /// The bytes for this crate's engine.
    pub(crate) fn bytes_for_own_engine(&self) -> &[u8] {
        #[cfg(has_wide_component)]
        let built_in = include_bytes!(env!("MSAL_COMPONENT_WIDE"));
        #[cfg(not(has_wide_component))]
        let built_in = include_bytes!(env!("MSAL_COMPONENT"));
        self.0.as_deref().unwrap_or(built_in)
    }
}

impl From<Vec<u8>> for ComponentSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Some(bytes))
    }
}

impl From<&[u8]> for ComponentSource {
    fn from(bytes: &[u8]) -> Self {
        Self(Some(bytes.to_vec()))
    }
}

impl fmt::Debug for ComponentSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ComponentSource({} bytes)", self.bytes().len())
    }
}
