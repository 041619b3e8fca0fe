//! `wasi:config@0.2.0-rc.1`, as in wasmtime and wasmCloud.

use zeroize::Zeroizing;

use super::super::bindings::wasi::config0_2_0_rc_1::store;
use crate::variables::Source;
use crate::variables::Unreadable;

/// Names are as they are: in lower case.
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
