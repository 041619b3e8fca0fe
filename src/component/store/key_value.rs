//! The key-value store, opened on first use.

#[cfg(feature = "draft")]
use super::super::bindings::wasi::keyvalue0_2_0_draft as keyvalue;
#[cfg(not(feature = "draft"))]
use super::super::bindings::wasi::keyvalue0_2_0_draft2 as keyvalue;

#[cfg(not(feature = "store-only"))]
use self::keyvalue::atomics;
use self::keyvalue::store;

use crate::application::StoreName;
use crate::sanitize::printable;

/// A bucket that is opened once. If that fails, it is not retried within the call.
#[derive(Default)]
pub(in crate::component) struct Store {
    bucket: Option<Result<store::Bucket, String>>,
}

impl Store {
    pub(in crate::component) fn get(
        &mut self,
        name: &StoreName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, String> {
        self.open(name)?.get(key).map_err(|error| describe("read", &error))
    }

    pub(in crate::component) fn set(
        &mut self,
        name: &StoreName,
        key: &str,
        value: &[u8],
    ) -> Result<(), String> {
        self.open(name)?.set(key, value).map_err(|error| describe("write", &error))
    }

    pub(in crate::component) fn delete(
        &mut self,
        name: &StoreName,
        key: &str,
    ) -> Result<(), String> {
        self.open(name)?.delete(key).map_err(|error| describe("delete from", &error))
    }

    /// The counter's new value. A negative value was not counted by this component.
    #[cfg(not(feature = "store-only"))]
    pub(in crate::component) fn increment(
        &mut self,
        name: &StoreName,
        key: &str,
    ) -> Result<u64, String> {
        let value = atomics::increment(self.open(name)?, key, 1)
            .map_err(|error| describe("count in", &error))?;
        #[cfg(not(feature = "draft"))]
        let value = u64::try_from(value).map_err(|_| String::new())?;
        Ok(value)
    }

    #[cfg(feature = "store-only")]
    pub(in crate::component) fn increment(
        &mut self,
        _name: &StoreName,
        _key: &str,
    ) -> Result<u64, String> {
        Err(String::new())
    }

    fn open(&mut self, name: &StoreName) -> Result<&store::Bucket, String> {
        let bucket = self.bucket.get_or_insert_with(|| {
            store::open(name.as_str()).map_err(|error| describe("open", &error))
        });
        bucket.as_ref().map_err(Clone::clone)
    }
}

/// A warning. The store's text may contain anything.
fn describe(action: &str, error: &store::Error) -> String {
    let reason = match error {
        store::Error::NoSuchStore => "there is no such store",
        store::Error::AccessDenied => "access denied (in Spin: name the store in key_value_stores)",
        store::Error::Other(reason) => &printable(reason, 200),
    };
    format!("cannot {action} the key-value store: {reason}")
}
