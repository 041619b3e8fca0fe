//! Compiles components.

mod cache;

use std::fmt;
use std::sync::Arc;

use msal_composition::Interfaces;
use wasmtime::Engine;
use wasmtime::component::Component;

pub use self::cache::CompiledCache;
use crate::HostError;

/// How a component is compiled, which takes seconds for a large one. Default: at each start, without a
/// notice.
#[derive(Clone, Default)]
pub struct Compilation {
    /// Where compiled code is kept for the next start. Default: nowhere.
    pub cache: Option<CompiledCache>,
    /// Called before a component is compiled, and not if its code comes from the cache.
    pub notice: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Compilation {
    pub(crate) fn compile(&self, engine: &Engine, bytes: &[u8]) -> Result<Component, HostError> {
        let entry = self.cache.as_ref().map(|cache| cache.entry(engine, bytes));
        if let Some(component) = entry.as_ref().and_then(|entry| entry.load(engine)) {
            return Ok(component);
        }
        // So that the notice is only about a component, and other files get a better message.
        Interfaces::of(bytes).map_err(|error| HostError::Component(error.to_string()))?;
        if let Some(notice) = &self.notice {
            notice();
        }
        let component =
            Component::new(engine, bytes).map_err(|error| HostError::component(&error))?;
        if let Some(entry) = entry {
            // If this fails, the next start compiles again.
            let _ = entry.store(&component);
        }
        Ok(component)
    }
}

impl fmt::Debug for Compilation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Compilation").field("cache", &self.cache).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
