//! wasmtime, configured for many short-lived instances.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use wasmtime::Config;
use wasmtime::Enabled;
use wasmtime::Engine;
use wasmtime::EngineWeak;
use wasmtime::InstanceAllocationStrategy;
use wasmtime::PoolingAllocationConfig;
use wasmtime::Store;

use crate::HostError;
use crate::guest::Guest;
use crate::memory::MAX_TABLE_ELEMENTS;
use crate::turns::Turns;

/// The limits of instances.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Preallocate memory for instances in a pool.
    pub(crate) is_pooling: bool,
    /// The number of concurrent instances; further calls wait.
    pub(crate) instances: u32,
    /// The number of core modules, memories and tables in one component.
    pub(crate) modules: u32,
    /// Bytes of linear memory of one instance.
    pub(crate) memory: usize,
    /// Time for one call.
    pub(crate) time: Duration,
    /// Fuel for one call; `None` disables counting.
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

/// An engine, a permit for each instance, and the turns of calls.
pub(crate) struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    permits: Arc<Semaphore>,
    pub(crate) turns: Turns,
}

impl Runtime {
    pub(crate) fn new(limits: Limits) -> Result<Self, HostError> {
        let engine = engine(&limits).map_err(|error| HostError::runtime(&error))?;
        let weak = engine.weak();
        thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || tick(&weak))
            .map_err(|error| HostError::Runtime(error.to_string()))?;
        let permits = limits.instances.try_into().unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self { engine, limits, permits: Arc::new(Semaphore::new(permits)), turns: Turns::new() })
    }

    /// Waits until another instance is allowed. The permit must outlive the instance.
    pub(crate) async fn acquire_permit(&self) -> Result<OwnedSemaphorePermit, HostError> {
        let permits = Arc::clone(&self.permits);
        permits.acquire_owned().await.map_err(|error| HostError::Runtime(error.to_string()))
    }

    /// Creates the wasmtime store of one instance, whose code yields to other tasks at every tick.
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
        // The pool reserves address space, which a system may refuse. It only improves speed, so do without.
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
    config.wasm_wide_arithmetic(true);
    config.consume_fuel(limits.fuel.is_some());
    config
}

/// Memory that an instance touched stays mapped up to a limit and is reset for the next instance, which is faster than
/// unmapping it. 2 MiB is Spin's setting, and more than a call uses. Linux 6.7 and later tell which pages were touched;
/// elsewhere all of them are reset, and a slot's first instance pays a page fault for each.
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
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_memory_size(limits.memory.max(SLOT))
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// The minimum size of a slot in the pool. Lower memory limits are enforced by the `MemoryMeter` alone,
/// with the same error as without a pool.
const SLOT: usize = 16 << 20;

/// Advances the epoch while the engine exists.
fn tick(engine: &EngineWeak) {
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        thread::sleep(TICK);
    }
}

/// How long a busy instance may block a thread before it yields to other tasks.
const TICK: Duration = Duration::from_millis(10);
