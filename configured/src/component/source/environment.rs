//! Environment variables.

use zeroize::Zeroizing;

use super::super::bindings::wasi::cli::environment;
use crate::variables::Source;
use crate::variables::Unreadable;

/// The environment at the time of the call. Names are in upper case, as in the Azure SDKs.
pub(in crate::component) struct HostVariables(Vec<(String, Zeroizing<String>)>);

impl Default for HostVariables {
    fn default() -> Self {
        let variables = environment::get_environment().into_iter();
        Self(variables.map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }
}

impl Source for HostVariables {
    fn name_of(&self, variable: &str) -> String {
        variable.to_ascii_uppercase()
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, Unreadable> {
        let found = self.0.iter().find(|(other, _)| other == name);
        Ok(found.map(|(_, value)| value.clone()))
    }
}
