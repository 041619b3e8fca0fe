//! The options of `serve`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Compilation;
use crate::Configuration;
use crate::Network;
use crate::store::MemoryStore;
use crate::store::Store;

/// The environment of a served component.
#[derive(Clone)]
pub struct ServeOptions {
    /// The key-value store. Default: in memory.
    pub store: Arc<dyn Store>,
    /// The network. Default: every host is allowed.
    pub network: Network,
    /// Environment variables. Default: no variables.
    pub environment: Vec<(String, String)>,
    /// The variables of `wasi:config`. Default: no variables.
    pub configuration: Configuration,
    /// Whether standard output and error go to those of this process. Default: they are discarded.
    pub is_output_shown: bool,
    /// The time limit of an instance: from its start to the end of the response. Default: 60 s.
    pub time_limit: Duration,
    /// The time limit of a request's head. A connection without a request is closed after the same time.
    /// Default: 30 s.
    pub head_time_limit: Duration,
    /// The number of open connections, at least 1. At the limit, a new connection replaces the one that
    /// has waited longest for a request; if all connections have requests, it waits until one has been
    /// answered. Default: 512, half of the open files that many systems allow.
    pub max_connections: usize,
    /// The number of open connections of one client, at least 1; further ones are closed. A client is an
    /// IPv4 address or a /64 network of IPv6. Clients on this machine have no limit, because a proxy
    /// there stands for many. Default: 32, half of the instances: a connection has one request at a
    /// time, so that one client cannot occupy them all.
    pub max_connections_per_client: usize,
    /// The number of concurrent instances, at least 1. Each further request waits, at most as long as
    /// the time limit, and then gets status 503. Default: 64.
    pub max_instances: u32,
    /// The memory limit of an instance in bytes. Default: 256 MiB.
    pub max_memory: usize,
    /// How the component is compiled. Default: at each start, and nothing is written to a disk.
    pub compilation: Compilation,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            network: Network::default(),
            environment: Vec::new(),
            configuration: Configuration::new(),
            is_output_shown: false,
            time_limit: Duration::from_secs(60),
            head_time_limit: Duration::from_secs(30),
            max_connections: 512,
            max_connections_per_client: 32,
            max_instances: 64,
            max_memory: 256 << 20,
            compilation: Compilation::default(),
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Environment variables often contain secrets.
        formatter
            .debug_struct("ServeOptions")
            .field("network", &self.network)
            .field("environment", &self.environment.len())
            .field("configuration", &self.configuration)
            .field("time_limit", &self.time_limit)
            .field("head_time_limit", &self.head_time_limit)
            .field("max_connections", &self.max_connections)
            .field("max_connections_per_client", &self.max_connections_per_client)
            .field("max_instances", &self.max_instances)
            .field("max_memory", &self.max_memory)
            .field("compilation", &self.compilation)
            .finish_non_exhaustive()
    }
}
