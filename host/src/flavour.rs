//! The components that are built in.

/// A build of the component, named for the draft of `wasi:keyvalue` that it imports. Both behave the
/// same on this host, which offers both drafts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Flavour {
    /// `0.2.0-draft2`, as for Spin.
    #[default]
    Draft2,
    /// `0.2.0-draft`, as for wasmtime and wasmCloud.
    Draft,
}

impl Flavour {
    /// The component, built from this workspace.
    pub fn component(self) -> &'static [u8] {
        match self {
            Self::Draft2 => include_bytes!(env!("MSAL_COMPONENT_DRAFT2")),
            Self::Draft => include_bytes!(env!("MSAL_COMPONENT_DRAFT")),
        }
    }
}
