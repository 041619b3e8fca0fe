//! No variables.

use super::Component;
use super::bindings::exports::wasi::cli::environment;
use super::bindings::exports::wasi::config0_2_0_draft_2024_09_27::store as draft;
use super::bindings::exports::wasi::config0_2_0_rc_1::store as rc;

impl environment::Guest for Component {
    fn get_environment() -> Vec<(String, String)> {
        Vec::new()
    }

    fn get_arguments() -> Vec<String> {
        Vec::new()
    }

    fn initial_cwd() -> Option<String> {
        None
    }
}

impl draft::Guest for Component {
    fn get(_key: String) -> Result<Option<String>, draft::Error> {
        Ok(None)
    }

    fn get_all() -> Result<Vec<(String, String)>, draft::Error> {
        Ok(Vec::new())
    }
}

impl rc::Guest for Component {
    fn get(_key: String) -> Result<Option<String>, rc::Error> {
        Ok(None)
    }

    fn get_all() -> Result<Vec<(String, String)>, rc::Error> {
        Ok(Vec::new())
    }
}
