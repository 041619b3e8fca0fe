//! wasmtime, set up for many short-lived instances.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use wasmtime::Config;
use wasmtime::Engine;
use wasmtime::EngineWeak;
use wasmtime::InstanceAllocationStrategy;
use wasmtime::PoolingAllocationConfig;
use wasmtime::Store;

use crate::HostError;
use crate::guest::Guest;
use crate::memory::MOST_TABLE_ELEMENTS;

/// What instances may use.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Keep memory ready for instances to come.
    pub(crate) is_pooling: bool,
    /// Instances at a time; further calls wait.
    pub(crate) instances: u32,
    /// Core modules, and as many memories and tables, in one component.
    pub(crate) modules: u32,
    /// Bytes of linear memory of one instance.
    pub(crate) memory: usize,
    /// Time for one call.
    pub(crate) time: Duration,
    /// Fuel for one call; `None` does not count any.
    pub(crate) fuel: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            is_pooling: true,
            instances: 128,
            modules: 8,
            memory: 16 << 20,
            time: Duration::from_secs(60),
            fuel: None,
        }
    }
}

/// An engine, and a place for each instance.
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    places: Arc<Semaphore>,
}

impl Runtime {
    pub(crate) fn new(limits: Limits) -> Result<Self, HostError> {
        let engine = engine(&limits).map_err(|error| HostError::runtime(&error))?;
        let weak = engine.weak();
        thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || tick(&weak))
            .map_err(|error| HostError::Runtime(error.to_string()))?;
        let places = limits.instances.try_into().unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self { engine, limits, places: Arc::new(Semaphore::new(places)) })
    }

    /// Waits until there is room for one more instance. Keep the place longer than the instance.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, HostError> {
        let places = Arc::clone(&self.places);
        places.acquire_owned().await.map_err(|error| HostError::Runtime(error.to_string()))
    }

    /// A store for one instance, whose code gives way to other tasks at every tick.
    pub(crate) fn store(&self, guest: Guest) -> Result<Store<Guest>, HostError> {
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.memory);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        if let Some(fuel) = self.limits.fuel {
            store.set_fuel(fuel).map_err(|error| HostError::runtime(&error))?;
        }
        Ok(store)
    }
}

fn engine(limits: &Limits) -> wasmtime::Result<Engine> {
    if limits.is_pooling {
        // The pool reserves address space, which a system may refuse; the pool is for speed only.
        let pool = InstanceAllocationStrategy::Pooling(pool(limits));
        if let Ok(engine) = Engine::new(config(limits).allocation_strategy(pool)) {
            return Ok(engine);
        }
    }
    Engine::new(&config(limits))
}

fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.consume_fuel(limits.fuel.is_some());
    config
}

/// Memory that an instance touched stays mapped up to a limit and is cleared by hand for the next
/// one, which is faster than giving it back. 2 MiB is Spin's choice, and more than a call uses.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let parts = limits.instances.saturating_mul(limits.modules);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_stacks(limits.instances)
        .total_core_instances(parts)
        .total_memories(parts)
        .total_tables(parts)
        .max_core_instances_per_component(limits.modules)
        .max_memories_per_component(limits.modules)
        .max_tables_per_component(limits.modules)
        .max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20)
        .table_elements(MOST_TABLE_ELEMENTS)
        .max_memory_size(limits.memory.max(SLOT))
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10);
    pool
}

/// The least that a slot of the pool can grow to. Lower limits are kept by the meter alone, with the
/// same error as without a pool.
const SLOT: usize = 16 << 20;

/// Advances the epoch for as long as the engine lives.
fn tick(engine: &EngineWeak) {
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        thread::sleep(TICK);
    }
}

/// How long a busy instance may keep a thread from other tasks.
const TICK: Duration = Duration::from_millis(10);
