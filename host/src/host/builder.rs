//! What a host is made from.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Component;
use wasmtime::component::Linker;

use super::Code;
use super::Exports;
use super::Host;
use super::Shared;
use super::Totals;
use crate::Flavour;
use crate::HostError;
use crate::Network;
use crate::assertions::AssertionProvider;
use crate::assertions::Signer;
use crate::runtime::Limits;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::surroundings;
use crate::surroundings::Surroundings;

/// Collects what a [`Host`] is made from. What is not set has a default.
#[derive(Clone, Default)]
pub struct HostBuilder {
    component: ComponentSource,
    limits: Limits,
    surroundings: Surroundings,
}

impl HostBuilder {
    /// The component: a [`Flavour`] that is built in, or the bytes of a file.
    #[must_use]
    pub fn component(mut self, component: impl Into<ComponentSource>) -> Self {
        self.component = component.into();
        self
    }

    /// Where the component keeps its sealed tokens. Default: in memory.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.surroundings.store = store;
        self
    }

    /// How the component reaches the authority. Default: any host.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.surroundings.network = network;
        self
    }

    /// Whether to keep memory ready for instances to come. Default: yes.
    #[must_use]
    pub fn pooling(mut self, is_pooling: bool) -> Self {
        self.limits.is_pooling = is_pooling;
        self
    }

    /// How many instances there may be at a time, 1 at least; further calls wait. Default: 128.
    #[must_use]
    pub fn max_instances(mut self, instances: u32) -> Self {
        self.limits.instances = instances.max(1);
        self
    }

    /// How many bytes of memory an instance may have. Default: 16 MiB.
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// How long a call may take, whatever its own deadline. Default: 60 s.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.limits.time = limit;
        self
    }

    /// Counts the fuel that calls use, and stops one that uses more than this. Counting costs time,
    /// so it is off by default.
    #[must_use]
    pub fn fuel(mut self, fuel: Option<u64>) -> Self {
        self.limits.fuel = fuel;
        self
    }

    /// Shows the component another time than the system's: that since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn wall_clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.surroundings.wall_clock = Some(Arc::new(now));
        self
    }

    /// Gives the component other random bytes than the system's. For tests only.
    #[must_use]
    pub fn random(mut self, fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        self.surroundings.random = Some(Arc::new(fill));
        self
    }

    /// Who makes the assertions of a `provider` credential. The component must be one that imports a
    /// provider, such as [`Flavour::Draft2Provider`].
    #[must_use]
    pub fn assertion_provider(mut self, provider: Arc<dyn AssertionProvider>) -> Self {
        self.surroundings.assertions.provider = Some(provider);
        self
    }

    /// Who signs for a component that the signing provider is plugged into.
    #[must_use]
    pub fn signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.surroundings.assertions.signer = Some(signer);
        self
    }

    /// Sets a variable that components see, such as a plugged-in provider's settings. Default: none.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.surroundings.environment.push((name.into(), value.into()));
        self
    }

    /// Lets components read a folder, under a name of its own. Default: none.
    #[must_use]
    pub fn read_only_folder(mut self, folder: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        self.surroundings.folders.push((folder.into(), name.into()));
        self
    }

    /// Compiles the component and links it, which takes a good part of a second.
    pub fn build(self) -> Result<Host, HostError> {
        let runtime = Runtime::new(self.limits)?;
        let compiled = Component::new(&runtime.engine, &self.component.0)
            .map_err(|error| HostError::component(&error))?;
        let exports = Exports::of(&compiled)?;
        let mut linker = Linker::new(&runtime.engine);
        surroundings::add_to_linker(&mut linker).map_err(|error| HostError::runtime(&error))?;
        let component =
            linker.instantiate_pre(&compiled).map_err(|error| HostError::component(&error))?;
        let code = Arc::new(Code { runtime, component, exports });
        let totals = Totals::default();
        Ok(Host(Arc::new(Shared { code, surroundings: self.surroundings, totals })))
    }
}

impl fmt::Debug for HostBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HostBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The bytes of a component.
#[derive(Clone)]
pub struct ComponentSource(Cow<'static, [u8]>);

impl Default for ComponentSource {
    fn default() -> Self {
        Flavour::default().into()
    }
}

impl From<Flavour> for ComponentSource {
    fn from(flavour: Flavour) -> Self {
        Self(Cow::Borrowed(flavour.component()))
    }
}

impl From<Vec<u8>> for ComponentSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

impl From<&[u8]> for ComponentSource {
    fn from(bytes: &[u8]) -> Self {
        Self(Cow::Owned(bytes.to_vec()))
    }
}

impl fmt::Debug for ComponentSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ComponentSource({} bytes)", self.0.len())
    }
}
