//! `wasi:config@0.2.0-draft-2024-09-27`, through which Spin gives its variables.

use zeroize::Zeroizing;

use super::super::bindings::wasi::config0_2_0_draft_2024_09_27::store;
use crate::variables::Source;
use crate::variables::Unreadable;

/// Names are as they are: Spin allows lower case only. A variable that the manifest does not give to the component is unset.
#[derive(Default)]
pub(in crate::component) struct HostVariables {}

impl Source for HostVariables {
    fn name_of(&self, variable: &str) -> String {
        variable.to_owned()
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>, Unreadable> {
        store::get(name).map(|value| value.map(Zeroizing::new)).map_err(|_| Unreadable)
    }
}
