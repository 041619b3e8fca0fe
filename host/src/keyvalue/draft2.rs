//! `wasi:keyvalue@0.2.0-draft2`, the version in Spin.

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
        path: "../wit/component/deps/keyvalue-draft2",
        inline: "
            package msal:host;
            world draft2 {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
            }
        ",
        world: "msal:host/draft2",
        imports: { default: async | trappable },
        with: {
            "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket,
            "wasi:keyvalue/atomics.cas": crate::keyvalue::draft2::Swap,
        },
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

/// The host's side of a `cas` resource: the key, and the value that it had when the resource was made.
#[expect(unreachable_pub, reason = "the generated code re-exports it")]
pub struct Swap {
    bucket: String,
    key: String,
    current: Option<Vec<u8>>,
}

impl store::Host for KeyValue<'_> {
    async fn open(&mut self, identifier: String) -> Result<Resource<Bucket>, StoreError> {
        KeyValue::open(self, identifier).await
    }

    fn convert_error(&mut self, error: StoreError) -> wasmtime::Result<store::Error> {
        Ok(wire_error(error))
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

    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<String>,
    ) -> Result<store::KeyResponse, StoreError> {
        let name = self.name(&bucket)?;
        let page = self.store.list_keys(name, cursor.as_deref()).await?;
        Ok(store::KeyResponse { keys: page.keys, cursor: page.cursor })
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
        delta: i64,
    ) -> Result<i64, StoreError> {
        KeyValue::increment(self, &bucket, &key, delta).await
    }

    async fn swap(
        &mut self,
        swap: Resource<Swap>,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), atomics::CasError>> {
        let Swap { bucket, key, current } = self.table.delete(swap)?;
        let swapped = self.store.compare_and_swap(&bucket, &key, current.as_deref(), value).await;
        let present = match swapped {
            Ok(true) => return Ok(Ok(())),
            Ok(false) => self.store.get(&bucket, &key).await,
            Err(error) => Err(error),
        };
        Ok(Err(match present {
            Ok(current) => {
                atomics::CasError::CasFailed(self.table.push(Swap { bucket, key, current })?)
            }
            Err(error) => atomics::CasError::StoreError(wire_error(error)),
        }))
    }
}

impl atomics::HostCas for KeyValue<'_> {
    async fn new(
        &mut self,
        bucket: Resource<Bucket>,
        key: String,
    ) -> Result<Resource<Swap>, StoreError> {
        let bucket = self.name(&bucket)?.to_owned();
        let current = self.store.get(&bucket, &key).await?;
        Ok(self.table.push(Swap { bucket, key, current })?)
    }

    async fn current(&mut self, swap: Resource<Swap>) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.table.get(&swap)?.current.clone())
    }

    async fn drop(&mut self, swap: Resource<Swap>) -> wasmtime::Result<()> {
        self.table.delete(swap)?;
        Ok(())
    }
}

fn wire_error(error: StoreError) -> store::Error {
    match error {
        StoreError::NoSuchStore => store::Error::NoSuchStore,
        StoreError::AccessDenied => store::Error::AccessDenied,
        StoreError::Other(message) => store::Error::Other(guest_text(message)),
    }
}
