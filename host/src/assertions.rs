//! Assertions and signatures that the host makes for the component.

mod provider;
mod signer;

use std::sync::Arc;

use wasmtime::component::Linker;

pub use self::provider::AssertionProvider;
pub use self::provider::AssertionRequest;
pub use self::signer::Signer;

/// The provider and the signer that the embedder configured, if any.
#[derive(Clone, Default)]
pub(crate) struct Assertions {
    pub(crate) provider: Option<Arc<dyn AssertionProvider>>,
    pub(crate) signer: Option<Arc<dyn Signer>>,
}

/// Links both interfaces; `view` finds the configuration in the data of an instance. A component that imports neither
/// still links.
pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&T) -> &Assertions,
) -> wasmtime::Result<()> {
    provider::add_to_linker(linker, view)?;
    signer::add_to_linker(linker, view)
}
