//! `wasi:keyvalue@0.2.0-draft`, the version in wasmtime and wasmCloud.

use wasmtime::component::Linker;
use wasmtime::component::Resource;

use self::generated::wasi::keyvalue::atomics;
use self::generated::wasi::keyvalue::store;
use super::Bucket;
use super::HasKeyValue;
use super::KeyValue;
use super::guest_text;
use crate::store::StoreError;

#[allow(missing_docs, reason = "generated code")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit/component/deps/keyvalue-draft",
        inline: "
            package msal:host;
            world draft {
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
            }
        ",
        world: "msal:host/draft",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket },
        trappable_error_type: { "wasi:keyvalue/store.error" => crate::store::StoreError },
    });
}

pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> KeyValue<'_>,
) -> wasmtime::Result<()> {
    store::add_to_linker::<_, HasKeyValue>(linker, view)?;
    atomics::add_to_linker::<_, HasKeyValue>(linker, view)
}

impl store::Host for KeyValue<'_> {
    async fn open(&mut self, identifier: String) -> Result<Resource<Bucket>, StoreError> {
        KeyValue::open(self, identifier).await
    }

    fn convert_error(&mut self, error: StoreError) -> wasmtime::Result<store::Error> {
        Ok(match error {
            StoreError::NoSuchStore => store::Error::NoSuchStore,
            StoreError::AccessDenied => store::Error::AccessDenied,
            StoreError::Other(message) => store::Error::Other(guest_text(message)),
        })
    }
}

impl store::HostBucket for KeyValue<'_> {
    async fn get(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        KeyValue::get(self, &bucket, &key).await
    }

    async fn set(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
        value: Vec<u8>,
    ) -> Result<(), StoreError> {
        KeyValue::set(self, &bucket, &key, value).await
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<(), StoreError> {
        KeyValue::delete(self, &bucket, &key).await
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<bool, StoreError> {
        KeyValue::exists(self, &bucket, &key).await
    }

    /// This draft's cursor is a number, which not every store supports. So this returns all keys from
    /// the cursor on in one page.
    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<u64>,
    ) -> Result<store::KeyResponse, StoreError> {
        let name = self.name(&bucket)?;
        let mut keys = Vec::new();
        let mut next = None;
        loop {
            let page = self.store.list_keys(name, next.as_deref()).await?;
            keys.extend(page.keys);
            next = page.cursor;
            if next.is_none() {
                break;
            }
        }
        let start = cursor.and_then(|cursor| usize::try_from(cursor).ok()).unwrap_or(0);
        keys.drain(..start.min(keys.len()));
        Ok(store::KeyResponse { keys, cursor: None })
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for KeyValue<'_> {
    async fn increment(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
        delta: u64,
    ) -> Result<u64, StoreError> {
        let delta = i64::try_from(delta).map_err(StoreError::other)?;
        let sum = KeyValue::increment(self, &bucket, &key, delta).await?;
        u64::try_from(sum).map_err(StoreError::other)
    }
}
