//! `wasi:keyvalue` over a [`Store`], in both drafts that hosts know.

mod draft;
mod draft2;

use std::sync::Arc;

use wasmtime::component::HasData;
use wasmtime::component::Linker;
use wasmtime::component::Resource;
use wasmtime::component::ResourceTable;
use wasmtime::component::ResourceTableError;

use crate::store::Store;
use crate::store::StoreError;

/// What the implementations of both drafts work on.
pub(crate) struct KeyValue<'a> {
    pub(crate) store: &'a Arc<dyn Store>,
    pub(crate) table: &'a mut ResourceTable,
}

/// Links `store` and `atomics` of both drafts.
pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> KeyValue<'_>,
) -> wasmtime::Result<()> {
    draft::add_to_linker(linker, view)?;
    draft2::add_to_linker(linker, view)
}

impl KeyValue<'_> {
    async fn open(&mut self, name: String) -> Result<Resource<Bucket>, StoreError> {
        self.store.open(&name).await?;
        Ok(self.table.push(Bucket { name })?)
    }

    fn name(&self, bucket: &Resource<Bucket>) -> Result<&str, StoreError> {
        Ok(&self.table.get(bucket)?.name)
    }

    async fn get(
        &mut self,
        bucket: &Resource<Bucket>,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let name = self.name(bucket)?;
        self.store.get(name, key).await
    }

    async fn set(
        &mut self,
        bucket: &Resource<Bucket>,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), StoreError> {
        let name = self.name(bucket)?;
        self.store.set(name, key, value).await
    }

    async fn delete(&mut self, bucket: &Resource<Bucket>, key: &str) -> Result<(), StoreError> {
        let name = self.name(bucket)?;
        self.store.delete(name, key).await
    }

    async fn exists(&mut self, bucket: &Resource<Bucket>, key: &str) -> Result<bool, StoreError> {
        let name = self.name(bucket)?;
        self.store.exists(name, key).await
    }

    async fn increment(
        &mut self,
        bucket: &Resource<Bucket>,
        key: &str,
        delta: i64,
    ) -> Result<i64, StoreError> {
        let name = self.name(bucket)?;
        self.store.increment(name, key, delta).await
    }
}

/// The host's side of a `bucket` resource.
#[expect(unreachable_pub, reason = "the generated code re-exports it")]
pub struct Bucket {
    name: String,
}

/// Names [`KeyValue`] as the data of the linked functions.
struct HasKeyValue;

impl HasData for HasKeyValue {
    type Data<'a> = KeyValue<'a>;
}

impl From<ResourceTableError> for StoreError {
    fn from(error: ResourceTableError) -> Self {
        Self::Other(error.to_string())
    }
}
