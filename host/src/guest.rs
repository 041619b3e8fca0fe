//! The state of one instance.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::WasiCtxView;
use wasmtime_wasi::WasiView;
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::WasiHttpView;

use crate::Configuration;
use crate::assertions::Assertions;
use crate::keyvalue::KeyValue;
use crate::memory::MemoryMeter;
use crate::network::NetworkHooks;
use crate::store::Store;
use crate::turns::Turn;

/// The data that the host's functions use when an instance calls them.
pub(crate) struct Guest {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) network: NetworkHooks,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) configuration: Configuration,
    pub(crate) assertions: Assertions,
    pub(crate) memory: MemoryMeter,
    /// `None` if the call waits, or started without one.
    pub(crate) turn: Option<Turn>,
}

impl Guest {
    pub(crate) fn key_value(&mut self) -> KeyValue<'_> {
        KeyValue { store: &self.store, table: &mut self.table }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.network }
    }
}
