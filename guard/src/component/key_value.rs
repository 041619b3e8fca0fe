//! No key-value stores: none can be opened, so no bucket and no operation on one ever exists.

use super::Component;
use super::bindings::exports::wasi::keyvalue0_2_0_draft as draft;
use super::bindings::exports::wasi::keyvalue0_2_0_draft2 as draft2;

/// A resource of which there are no instances.
pub(super) enum Never {}

impl draft::store::Guest for Component {
    type Bucket = Never;

    fn open(_identifier: String) -> Result<draft::store::Bucket, draft::store::Error> {
        Err(draft::store::Error::AccessDenied)
    }
}

impl draft::store::GuestBucket for Never {
    fn get(&self, _key: String) -> Result<Option<Vec<u8>>, draft::store::Error> {
        match *self {}
    }

    fn set(&self, _key: String, _value: Vec<u8>) -> Result<(), draft::store::Error> {
        match *self {}
    }

    fn delete(&self, _key: String) -> Result<(), draft::store::Error> {
        match *self {}
    }

    fn exists(&self, _key: String) -> Result<bool, draft::store::Error> {
        match *self {}
    }

    fn list_keys(
        &self,
        _cursor: Option<u64>,
    ) -> Result<draft::store::KeyResponse, draft::store::Error> {
        match *self {}
    }
}

impl draft::atomics::Guest for Component {
    fn increment(
        _bucket: draft::store::BucketBorrow<'_>,
        _key: String,
        _delta: u64,
    ) -> Result<u64, draft::store::Error> {
        Err(draft::store::Error::AccessDenied)
    }
}

impl draft2::store::Guest for Component {
    type Bucket = Never;

    fn open(_identifier: String) -> Result<draft2::store::Bucket, draft2::store::Error> {
        Err(draft2::store::Error::AccessDenied)
    }
}

impl draft2::store::GuestBucket for Never {
    fn get(&self, _key: String) -> Result<Option<Vec<u8>>, draft2::store::Error> {
        match *self {}
    }

    fn set(&self, _key: String, _value: Vec<u8>) -> Result<(), draft2::store::Error> {
        match *self {}
    }

    fn delete(&self, _key: String) -> Result<(), draft2::store::Error> {
        match *self {}
    }

    fn exists(&self, _key: String) -> Result<bool, draft2::store::Error> {
        match *self {}
    }

    fn list_keys(
        &self,
        _cursor: Option<String>,
    ) -> Result<draft2::store::KeyResponse, draft2::store::Error> {
        match *self {}
    }
}

impl draft2::atomics::Guest for Component {
    type Cas = Never;

    fn increment(
        _bucket: draft2::store::BucketBorrow<'_>,
        _key: String,
        _delta: i64,
    ) -> Result<i64, draft2::store::Error> {
        Err(draft2::store::Error::AccessDenied)
    }

    fn swap(_cas: draft2::atomics::Cas, _value: Vec<u8>) -> Result<(), draft2::atomics::CasError> {
        Err(draft2::atomics::CasError::StoreError(draft2::store::Error::AccessDenied))
    }
}

impl draft2::atomics::GuestCas for Never {
    // The name of the interface's static function, which is no constructor of the resource.
    fn new(
        _bucket: draft2::store::BucketBorrow<'_>,
        _key: String,
    ) -> Result<draft2::atomics::Cas, draft2::store::Error> {
        Err(draft2::store::Error::AccessDenied)
    }

    fn current(&self) -> Result<Option<Vec<u8>>, draft2::store::Error> {
        match *self {}
    }
}
