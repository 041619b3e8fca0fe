//! Calls of the built component with arguments, answers and store contents by chance. `src/fuzzing/` does the same with the
//! core alone, guided by coverage; here the shell and the bindings take part.

use std::env;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use fastrand::Rng;
use http::Response;
use msal_artifact::Artifact;
use msal_host::Host;
use msal_host::Network;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthorityType;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::InstanceMetadata;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::Canary;
use msal_host_tests::Fault;
use msal_host_tests::JournalStore;
use msal_host_tests::Operation;
use msal_host_tests::built;
use msal_host_tests::key_file;
use msal_host_tests::key_text;

use crate::planted::SECRET;
use crate::planted::TOKEN;

/// `SEEDS=1000000 cargo test …` tries more, and `SEED=7` one of them again.
#[tokio::test(flavor = "multi_thread")]
async fn h06_no_arguments_answers_or_entries_trap_leak_or_run_for_ever() {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(1_000),
    };
    for seed in seeds {
        let play = tokio::spawn(play(seed));
        assert!(play.await.is_ok(), "SEED={seed}");
    }
}

async fn play(seed: u64) {
    let mut chance = Rng::with_seed(seed);
    let store = JournalStore::default();
    let host = host(&mut chance, &store);
    let application = application(&mut chance);
    let scope = text(&mut chance, &SCOPES);
    for _ in 0..chance.u8(1..4) {
        disturb(&mut chance, &store).await;
        let mut request = request(&mut chance, &scope);
        if chance.bool() {
            request.options.push(RequestOption::MaxWaitMs(0));
        }
        // The outer error would be a trap, or no fuel left.
        match chance.u8(..8) {
            0 => {
                let removed = host.remove_token_for_client(&application, &request).await.unwrap();
                check(&removed);
            }
            1 => {
                let exported = host.export_token_cache(&application, &[request]).await.unwrap();
                check(&exported.map(|_| "the tokens"));
            }
            2 => {
                let cache = text(&mut chance, &[]);
                check(&host.import_token_cache(&application, &cache).await.unwrap());
            }
            _ => {
                let result = host.acquire_token_for_client(&application, &request).await.unwrap();
                check(&result);
                let cached =
                    result.ok().filter(|it| it.metadata.token_source == TokenSource::Cache);
                assert!(cached.is_none_or(|it| it.expires_on > unix_time()), "an expired token");
            }
        }
    }
}

fn check(result: &impl Debug) {
    static CANARIES: OnceLock<[Canary; 2]> = OnceLock::new();
    let canaries =
        CANARIES.get_or_init(|| [Canary::new("secret", SECRET), Canary::new("token", TOKEN)]);
    let text = format!("{result:?}");
    let found = canaries.iter().find_map(|canary| canary.find(text.as_bytes()));
    assert!(found.is_none(), "{found:?} in {text}");
}

/// A host of the compiled component, whose authority answers by chance.
fn host(chance: &mut Rng, store: &JournalStore) -> Host {
    static COMPILED: OnceLock<Host> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let component = built(Artifact::ComponentDraft2);
        Host::builder().component(component).fuel(Some(MAX_FUEL)).build().unwrap()
    });
    let answers = Mutex::new(chance.fork());
    let network = Network::function(move |_| answer(&mut answers.lock().unwrap()));
    compiled.with_store(Arc::new(store.clone())).with_network(network)
}

fn answer(chance: &mut Rng) -> Response<Bytes> {
    let status = *pick(chance, &[200, 200, 200, 200, 204, 302, 400, 401, 403, 429, 503, 599]);
    let mut response = Response::builder().status(status);
    for (name, values) in HEADERS {
        if chance.u8(..4) == 0 {
            response = response.header(name, *pick(chance, values));
        }
    }
    let body = match chance.u8(..4) {
        0 => text(chance, &[]).into_bytes(),
        1 => bytes(chance, 64),
        _ => {
            let lifetime = text(chance, &["3599", "\"60\"", "0", "-1", "1e400", "null", "[]"]);
            format!(
                "{{\"token_type\":\"Bearer\",\"access_token\":\"{TOKEN}\",\"expires_in\":{lifetime}}}"
            )
            .into_bytes()
        }
    };
    response.body(body.into()).unwrap()
}

/// Faults of the store, and other values in it.
async fn disturb(chance: &mut Rng, store: &JournalStore) {
    store.heal();
    for key in store.entries().into_keys() {
        if chance.u8(..8) == 0 {
            store.plant(&key, bytes(chance, 300)).await;
        }
    }
    for operation in [Operation::Get, Operation::Set, Operation::Delete, Operation::Increment] {
        if chance.u8(..16) == 0 {
            store.fail(operation, Fault::Value(bytes(chance, 300)));
        }
    }
}

fn application(chance: &mut Rng) -> Application {
    let credentials = (0..chance.u8(1..3)).map(|_| credential(chance)).collect();
    let mut options = Vec::new();
    // A repetition waits for a second.
    if chance.u8(..64) > 0 {
        options.push(ApplicationOption::DisableRetry);
    }
    for _ in 0..chance.u8(..3) {
        options.push(application_option(chance));
    }
    Application {
        client_id: text(chance, &["11112222-bbbb-3333-cccc-4444dddd5555", "client"]),
        authority: text(chance, &AUTHORITIES),
        credentials,
        options,
    }
}

fn credential(chance: &mut Rng) -> Credential {
    match chance.u8(..32) {
        0 => Credential::Provider,
        1 => Credential::Assertion(text(chance, &["a.b.c"])),
        2 => {
            let pem = text(chance, &[&key_text("rsa2048.pem")]);
            certificate(chance, CertificateSource::Pem(pem))
        }
        3 => {
            let mut file = key_file("rsa2048.pfx");
            let index = chance.usize(..file.len());
            file[index] = chance.u8(..);
            certificate(chance, CertificateSource::Pkcs12(file))
        }
        _ => Credential::Secret(SECRET.to_owned()),
    }
}

fn certificate(chance: &mut Rng, source: CertificateSource) -> Credential {
    let mut certificate = Certificate::new(source);
    for _ in 0..chance.u8(..3) {
        certificate.options.push(match chance.u8(..5) {
            0 => CertificateOption::Passphrase(text(chance, &["test-only-passphrase"])),
            1 => CertificateOption::SendX5c,
            2 => CertificateOption::Algorithm(SigningAlgorithm::Rs256),
            3 => CertificateOption::Thumbprint(text(chance, &[])),
            _ => CertificateOption::ExtraClaims(text(chance, &["{\"a\":1}"])),
        });
    }
    Credential::Certificate(certificate)
}

fn application_option(chance: &mut Rng) -> ApplicationOption {
    match chance.u8(..11) {
        0 => ApplicationOption::AuthorityType(*pick(
            chance,
            &[AuthorityType::Entra, AuthorityType::Generic],
        )),
        1 => ApplicationOption::ValidateAuthority,
        2 => ApplicationOption::InstanceMetadata(vec![InstanceMetadata {
            preferred_network: text(chance, &["login.cloud.example"]),
            preferred_cache: text(chance, &["login.cloud.example"]),
            aliases: vec![text(chance, &["login.cloud.example"])],
        }]),
        3 => ApplicationOption::AllowInsecureLoopback,
        4 => ApplicationOption::Region(text(chance, &["westeurope", "TryAutoDetect"])),
        5 => ApplicationOption::ClientCapabilities(vec![text(chance, &["cp1"])]),
        6 => ApplicationOption::CacheKeys(vec![bytes(chance, 33)]),
        7 => ApplicationOption::CacheStore(text(chance, &["default"])),
        8 => ApplicationOption::DisableCache,
        9 => ApplicationOption::AppName(text(chance, &["app"])),
        _ => ApplicationOption::AppVersion(text(chance, &["1.0"])),
    }
}

fn request(chance: &mut Rng, scope: &str) -> TokenRequest {
    let mut request = TokenRequest::new(scope);
    for _ in 0..chance.u8(..4) {
        request.options.push(request_option(chance));
    }
    request
}

fn request_option(chance: &mut Rng) -> RequestOption {
    match chance.u8(..17) {
        0 => RequestOption::Tenant(text(chance, &AUTHORITIES)),
        1 => RequestOption::Claims(text(chance, &["{\"access_token\":{\"a\":null}}"])),
        2 => RequestOption::ClaimsFromClient(text(chance, &["{\"a\":1}"])),
        3 => RequestOption::ForceRefresh,
        4 => RequestOption::RefreshIfSha256(text(chance, &[&"0f".repeat(32)])),
        5 => RequestOption::CorrelationId(text(chance, &["11112222-bbbb-3333-cccc-4444dddd5555"])),
        6 => RequestOption::DeadlineMs(chance.u32(..2_000)),
        7 => RequestOption::FmiPath(text(chance, &["/a/b"])),
        8 => RequestOption::Attributes(text(chance, &["{\"a\":1}"])),
        9 => RequestOption::AttributeTokens(vec![text(chance, &["a.b.c"])]),
        10 => RequestOption::ExtraBodyParameters(pairs(chance)),
        11 => RequestOption::ExtraQueryParameters(pairs(chance)),
        12 => RequestOption::ExtraHeaders(pairs(chance)),
        13 => RequestOption::MinimumValiditySeconds(chance.u32(..)),
        14 => RequestOption::DeferRefresh,
        15 => RequestOption::SendX5c(chance.bool()),
        _ => RequestOption::ExtraAssertionClaims(text(chance, &["{\"b\":2}"])),
    }
}

fn pairs(chance: &mut Rng) -> Vec<(String, String)> {
    (0..chance.u8(..3))
        .map(|_| (text(chance, &["x-name", "scope"]), text(chance, &["v"])))
        .collect()
}

/// One of these texts, or an input that fuzzing of the core has found, and of either sometimes a part with a change.
fn text(chance: &mut Rng, texts: &[&str]) -> String {
    static FOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let found = FOUND.get_or_init(found_by_fuzzing);
    let mut bytes = match texts.is_empty() || chance.u8(..8) == 0 {
        true => pick(chance, found).clone(),
        false => pick(chance, texts).as_bytes().to_vec(),
    };
    if chance.u8(..8) == 0 {
        let (start, end) = (chance.usize(..=bytes.len()), chance.usize(..=bytes.len()));
        let inserted = self::bytes(chance, 4);
        bytes.splice(start.min(end)..start.max(end), inserted);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn found_by_fuzzing() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut files = Vec::new();
    for target in fs::read_dir(corpus).unwrap() {
        let entries = fs::read_dir(target.unwrap().path()).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// At most so many bytes.
fn bytes(chance: &mut Rng, most: usize) -> Vec<u8> {
    (0..chance.usize(..=most)).map(|_| chance.u8(..)).collect()
}

fn pick<'a, T>(chance: &mut Rng, items: &'a [T]) -> &'a T {
    &items[chance.usize(..items.len())]
}

fn unix_time() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or(Duration::ZERO).as_secs()
}

const SCOPES: [&str; 3] = ["https://graph.microsoft.com/.default", "api://x/.default", "a b"];
const AUTHORITIES: [&str; 9] = [
    "contoso.onmicrosoft.com",
    "contoso.onmicrosoft.com",
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "common",
    "https://login.microsoftonline.us/contoso.com/v2.0",
    "https://contoso.b2clogin.com/tfp/contoso.onmicrosoft.com/b2c_1_x",
    "https://contoso.ciamlogin.com/",
    "https://login.cloud.example/a/b",
    "http://127.0.0.1:1/contoso.com",
];
const HEADERS: [(&str, &[&str]); 4] = [
    ("content-type", &["application/json", "text/html", "text/plain", ""]),
    ("retry-after", &["0", "5", "-1", "Sun, 06 Nov 1994 08:49:37 GMT", "1e9"]),
    ("date", &["Sun, 06 Nov 2094 08:49:37 GMT", "now"]),
    ("location", &["https://evil.example/"]),
];
/// Ten signatures with the longest key.
const MAX_FUEL: u64 = 100_000_000_000;
