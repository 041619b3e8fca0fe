//! The component in its surroundings, ready to be called.

mod builder;
mod exports;
mod instance;
mod statistics;

use std::fmt;
use std::sync::Arc;

use wasmtime::component::InstancePre;

pub use self::builder::ComponentSource;
pub use self::builder::HostBuilder;
use self::exports::Exports;
pub use self::instance::ReusedInstance;
pub use self::statistics::Statistics;
use self::statistics::Totals;
use crate::HostError;
use crate::contract::AcquireError;
use crate::contract::Application;
use crate::contract::AuthenticationResult;
use crate::contract::TokenRequest;
use crate::guest::Guest;
use crate::runtime::Runtime;
use crate::surroundings::Surroundings;

/// Acquires tokens by running the component, each call in a fresh instance. Clones share everything.
///
/// Calls need a tokio runtime, and may be made side by side.
#[derive(Clone)]
pub struct Host(Arc<Shared>);

struct Shared {
    runtime: Runtime,
    component: InstancePre<Guest>,
    exports: Exports,
    surroundings: Surroundings,
    totals: Totals,
}

impl Host {
    /// Starts with the built-in component, an empty store in memory and an unrestricted network.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// Returns an access token, from the cache or from the authority.
    ///
    /// The outer error is the host's, the inner one the component's answer.
    pub async fn acquire_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<AuthenticationResult, AcquireError>, HostError> {
        self.instance().await?.acquire_token_for_client(application, request).await
    }

    /// Forgets the cached token that the same arguments would be given.
    pub async fn remove_token_for_client(
        &self,
        application: &Application,
        request: &TokenRequest,
    ) -> Result<Result<(), AcquireError>, HostError> {
        self.instance().await?.remove_token_for_client(application, request).await
    }

    /// A fresh instance to make several calls in, one after another.
    pub async fn instance(&self) -> Result<ReusedInstance, HostError> {
        ReusedInstance::new(self.clone()).await
    }

    /// What all calls so far used.
    pub fn statistics(&self) -> Statistics {
        self.0.totals.statistics()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Host")
            .field("limits", &self.0.runtime.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
