//! The built-in components.

/// A build of the component, named after the draft of `wasi:keyvalue` that it imports. All behave the
/// same on this host, which offers both drafts and a provider.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Flavour {
    /// `0.2.0-draft2`, as for Spin.
    #[default]
    Draft2,
    /// `0.2.0-draft`, as for wasmtime and wasmCloud.
    Draft,
    /// [`Flavour::Draft2`] that also imports an assertion provider.
    Draft2Provider,
}

impl Flavour {
    /// The component, built from this workspace.
    pub fn component(self) -> &'static [u8] {
        match self {
            Self::Draft2 => include_bytes!(env!("MSAL_COMPONENT_DRAFT2")),
            Self::Draft => include_bytes!(env!("MSAL_COMPONENT_DRAFT")),
            Self::Draft2Provider => include_bytes!(env!("MSAL_COMPONENT_DRAFT2_PROVIDER")),
        }
    }
}
