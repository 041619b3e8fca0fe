//! How to serve.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Network;
use crate::store::MemoryStore;
use crate::store::Store;

/// What a served component finds around it.
#[derive(Clone)]
pub struct ServeOptions {
    /// Its key-value store. Default: in memory.
    pub store: Arc<dyn Store>,
    /// Its way out. Default: any host.
    pub network: Network,
    /// Its environment variables. Default: none.
    pub environment: Vec<(String, String)>,
    /// Whether its standard output and error are this process's. Default: they are dropped.
    pub is_output_shown: bool,
    /// How long it may take over a request. Default: 60 s.
    pub time_limit: Duration,
    /// How many bytes of memory an instance may have. Default: 256 MiB.
    pub max_memory: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            network: Network::default(),
            environment: Vec::new(),
            is_output_shown: false,
            time_limit: Duration::from_secs(60),
            max_memory: 256 << 20,
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Environment variables are where people put secrets.
        formatter
            .debug_struct("ServeOptions")
            .field("network", &self.network)
            .field("environment", &self.environment.len())
            .field("time_limit", &self.time_limit)
            .field("max_memory", &self.max_memory)
            .finish_non_exhaustive()
    }
}
