//! `wasi:keyvalue` over a [`Store`], in both drafts that hosts support.

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

/// The data that the implementations of both drafts use.
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
        let value = self.store.get(name, key).await?;
        if value.as_ref().is_some_and(|value| value.len() > MAX_VALUE_LENGTH) {
            return Err(StoreError::Other("the value is longer than 4 MiB".to_owned()));
        }
        Ok(value)
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

/// Truncates an error's text, so that a store cannot fill a guest's memory.
fn guest_text(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT_LENGTH));
    text
}

/// Far above the size of a sealed token, and far below the memory limit of an instance.
const MAX_VALUE_LENGTH: usize = 4 << 20;
const MAX_TEXT_LENGTH: usize = 4 << 10;

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
