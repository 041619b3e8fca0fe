//! Searches the linear memory of an instance, after a call has ended, for what was secret in the call.
//!
//! The result is left out: it has the token, and the memory that returned it was freed by the call's end too.

use bytes::Bytes;
use http::Request;
use http::Response;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host_tests::Canary;
use serde_json::json;

use crate::own_host::OwnHost;
use crate::own_host::request;
use crate::planted::CACHE_KEY;
use crate::planted::Planted;
use crate::planted::SECRET;
use crate::planted::TOKEN;
use crate::planted::with_assertion;
use crate::planted::with_encrypted_key;
use crate::planted::with_key;
use crate::planted::with_pfx;
use crate::planted::with_secret;

#[tokio::test]
async fn g06_g07_neither_a_miss_nor_a_hit_leaves_a_secret_in_memory() {
    for planted in all() {
        for has_cache_keys in [true, false] {
            let application = application(&planted, has_cache_keys);
            let mut host = OwnHost::new(token, |_| Ok(())).await;
            for kind in ["miss", "hit"] {
                host.acquire(&application, &request()).await.unwrap().unwrap();
                search(kind, &planted, &host);
            }
        }
    }
}

#[tokio::test]
async fn g06_g07_a_refusal_that_echoes_the_secret_leaves_none_in_memory() {
    let refusal = |_: &Request<Bytes>| {
        let body = json!({"error": "invalid_client", "error_description": format!("no: {SECRET}")});
        Response::builder().status(401).body(body.to_string().into()).unwrap()
    };
    for planted in all() {
        let mut host = OwnHost::new(refusal, |_| Ok(())).await;
        let application = application(&planted, false);
        host.acquire(&application, &request()).await.unwrap().unwrap_err();
        search("refusal", &planted, &host);
    }
}

fn all() -> [Planted; 5] {
    [with_secret(), with_assertion(), with_key(), with_encrypted_key(), with_pfx()]
}

fn application(planted: &Planted, has_cache_keys: bool) -> Application {
    let cache_keys = ApplicationOption::CacheKeys(vec![CACHE_KEY.to_vec()]);
    Application {
        client_id: demo::CLIENT_ID.to_owned(),
        authority: demo::TENANT.to_owned(),
        credentials: vec![planted.credential.clone()],
        options: has_cache_keys.then_some(cache_keys).into_iter().collect(),
    }
}

fn search(kind: &str, planted: &Planted, host: &OwnHost) {
    // Most of it is zeros, which would take minutes to search.
    let memory = host.memories().read();
    let used = memory.split(|&byte| byte == 0).filter(|run| run.len() >= SHORTEST_TRACE);
    let mut memory = used.collect::<Vec<_>>().join(&0);
    let found = found(&planted.canaries, &memory);
    // Numbers of a key are in memory with their lowest byte first.
    memory.reverse();
    let reversed = self::found(&planted.canaries, &memory);
    assert!(found.is_empty() && reversed.is_empty(), "{kind}: {found:?} {reversed:?}");
}

fn found(canaries: &[Canary], memory: &[u8]) -> Vec<String> {
    canaries.iter().filter_map(|canary| canary.find(memory)).collect()
}

/// What a canary still recognises.
const SHORTEST_TRACE: usize = 8;

fn token(_request: &Request<Bytes>) -> Response<Bytes> {
    let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN});
    Response::builder()
        .header("content-type", "application/json")
        .body(body.to_string().into())
        .unwrap()
}
