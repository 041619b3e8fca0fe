//! A host whose functions a test replaces, and whose linear memories it can read. Everything else is wasmtime's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use msal_artifact::Artifact;
use msal_emulator::demo;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::TokenRequest;
use msal_host_tests::built;
use wasmtime::Config;
use wasmtime::Engine;
use wasmtime::LinearMemory;
use wasmtime::MemoryCreator;
use wasmtime::MemoryType;
use wasmtime::Store;
use wasmtime::component::Component;
use wasmtime::component::ComponentType;
use wasmtime::component::Instance;
use wasmtime::component::Linker;
use wasmtime::component::Lower;
use wasmtime::component::Resource;
use wasmtime::component::ResourceTable;
use wasmtime::component::ResourceType;
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::WasiCtxView;
use wasmtime_wasi::WasiView;
use wasmtime_wasi_http::RequestOptions;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::WasiHttpHooks;
use wasmtime_wasi_http::WasiHttpView;

/// What the host's functions use.
pub(crate) struct Guest {
    pub(crate) table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    network: Network,
    values: Values,
}

/// The values of the store, by key.
type Values = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// The linear memories of an instance.
#[derive(Clone)]
pub(crate) struct Memories(Vec<Arc<Region>>);

impl Memories {
    /// A copy of their bytes. Only while the instance does not run, or waits for the host.
    pub(crate) fn read(&self) -> Vec<u8> {
        self.0.iter().flat_map(|memory| memory.read()).collect()
    }
}

/// An instance of the component in this host. It answers several calls, one after another.
pub(crate) struct OwnHost {
    store: Store<Guest>,
    instance: Instance,
    memories: Memories,
}

impl OwnHost {
    /// An instance in a host that answers token requests with this function, after some of its functions are replaced.
    pub(crate) async fn new(
        answer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
        replace: impl FnOnce(&mut Linker<Guest>) -> wasmtime::Result<()>,
    ) -> Self {
        let (engine, component) = &*COMPILED;
        let mut linker = Linker::new(engine);
        add_to_linker(&mut linker).unwrap();
        linker.allow_shadowing(true);
        replace(&mut linker).unwrap();
        let guest = Guest {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            network: Network(Arc::new(answer)),
            values: Values::default(),
        };
        let mut store = Store::new(engine, guest);
        // A loop in the component must leave time for the timeouts of the test.
        store.set_fuel(u64::MAX).unwrap();
        store.fuel_async_yield_interval(Some(10_000_000)).unwrap();
        CREATED.take();
        let instance = linker.instantiate_async(&mut store, component).await.unwrap();
        Self { store, instance, memories: Memories(CREATED.take()) }
    }

    /// Makes a call. The outer error is a trap.
    pub(crate) async fn acquire(
        &mut self,
        application: &Application,
        request: &TokenRequest,
    ) -> wasmtime::Result<Result<AuthenticationResult, AcquireError>> {
        let interface = self.instance.get_export_index(&mut self.store, None, INTERFACE).unwrap();
        let name = "acquire-token-for-client";
        let function =
            self.instance.get_export_index(&mut self.store, Some(&interface), name).unwrap();
        let function = self
            .instance
            .get_typed_func::<(&Application, &TokenRequest), (
                Result<AuthenticationResult, AcquireError>,
            )>(&mut self.store, function)?;
        let (answer,) = function.call_async(&mut self.store, (application, request)).await?;
        Ok(answer)
    }

    /// Its linear memories.
    pub(crate) fn memories(&self) -> Memories {
        self.memories.clone()
    }
}

/// A request for a token of the demo API.
pub(crate) fn request() -> TokenRequest {
    TokenRequest::new(demo::API_SCOPE)
}

fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    let mut store = linker.instance(KEY_VALUE)?;
    store.resource("bucket", ResourceType::host::<Bucket>(), |_, _| Ok(()))?;
    store.func_wrap("open", |_, (_name,): (String,)| {
        Ok((Ok::<_, StoreError>(Resource::<Bucket>::new_own(0)),))
    })?;
    store.func_wrap("[method]bucket.get", |guest, (_, key): (Resource<Bucket>, String)| {
        let values = &guest.data().values;
        Ok((Ok::<_, StoreError>(values.lock().unwrap().get(&key).cloned()),))
    })?;
    store.func_wrap(
        "[method]bucket.set",
        |guest, (_, key, value): (Resource<Bucket>, String, Vec<u8>)| {
            guest.data().values.lock().unwrap().insert(key, value);
            Ok((Ok::<_, StoreError>(()),))
        },
    )?;
    store.func_wrap("[method]bucket.delete", |guest, (_, key): (Resource<Bucket>, String)| {
        guest.data().values.lock().unwrap().remove(&key);
        Ok((Ok::<_, StoreError>(()),))
    })?;
    linker
        .instance(ATOMICS)?
        .func_wrap("increment", |_, (_, _key, delta): (Resource<Bucket>, String, i64)| {
            Ok((Ok::<_, StoreError>(delta),))
        })
}

/// The bucket of the store.
pub(crate) struct Bucket;

/// `wasi:keyvalue/store.error`.
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(crate) enum StoreError {
    #[component(name = "no-such-store")]
    #[expect(dead_code, reason = "the type must be complete")]
    NoSuchStore,
    #[component(name = "access-denied")]
    #[expect(dead_code, reason = "the type must be complete")]
    AccessDenied,
    #[component(name = "other")]
    #[expect(dead_code, reason = "the type must be complete")]
    Other(String),
}

pub(crate) const KEY_VALUE: &str = "wasi:keyvalue/store@0.2.0-draft2";
pub(crate) const ATOMICS: &str = "wasi:keyvalue/atomics@0.2.0-draft2";

/// The version of wasmtime's own functions.
pub(crate) fn wasi(interface: &str) -> String {
    format!("wasi:{interface}@0.2.12")
}

const INTERFACE: &str = "msal:client-credentials/client-credentials@0.1.0";

/// The component, compiled for all tests.
static COMPILED: LazyLock<(Engine, Component)> = LazyLock::new(|| {
    let mut config = Config::new();
    // Memory that a test can read has no guard pages.
    config
        .with_host_memory(Arc::new(Creator))
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_may_move(true)
        .memory_init_cow(false)
        .consume_fuel(true);
    let engine = Engine::new(&config).unwrap();
    let component = Component::new(&engine, built(Artifact::ComponentDraft2)).unwrap();
    (engine, component)
});

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

/// Answers each request after reading its whole body.
struct Network(Arc<Answer>);

type Answer = dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync;

impl WasiHttpHooks for Network {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Completion,
    ) -> SentRequest {
        let answer = Arc::clone(&self.0);
        Box::new(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let response = answer(&Request::from_parts(head, body));
            let response =
                response.map(|body| Full::new(body).map_err(|no| match no {}).boxed_unsync());
            let driven: Completion = Box::new(async { Ok(()) });
            Ok((response, driven))
        })
    }
}

type Completion = Box<dyn Future<Output = Result<(), wasmtime_wasi_http::Error>> + Send>;

type SentRequest = Box<
    dyn Future<Output = Result<(Response<WasiBody>, Completion), wasmtime_wasi_http::Error>> + Send,
>;

thread_local! {
    /// The memories that this test's thread has created.
    static CREATED: RefCell<Vec<Arc<Region>>> = const { RefCell::new(Vec::new()) };
}

struct Creator;

// SAFETY: the memory is allocated in full, zeroed, and never moves while the instance or the test has it.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        _reserved: Option<usize>,
        _guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let region =
            Arc::new(Region { bytes: Mutex::new(vec![0; CAPACITY]), size: Mutex::new(minimum) });
        CREATED.with_borrow_mut(|created| created.push(Arc::clone(&region)));
        Ok(Box::new(Memory(region)))
    }
}

/// The bytes of a linear memory. The vector never changes its length, so its bytes stay where they are.
struct Region {
    bytes: Mutex<Vec<u8>>,
    size: Mutex<usize>,
}

impl Region {
    fn read(&self) -> Vec<u8> {
        self.bytes.lock().unwrap()[..*self.size.lock().unwrap()].to_vec()
    }
}

struct Memory(Arc<Region>);

// SAFETY: see `Creator`.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        *self.0.size.lock().unwrap()
    }

    fn byte_capacity(&self) -> usize {
        CAPACITY
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > CAPACITY {
            return Err(wasmtime::Error::msg("the memory is full"));
        }
        *self.0.size.lock().unwrap() = new_size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.bytes.lock().unwrap().as_mut_ptr()
    }
}

/// The memory limit of an instance, as in the real host.
const CAPACITY: usize = 16 << 20;
