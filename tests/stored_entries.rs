//! Entries of the present format are read, byte by byte, so that no build changes it unnoticed.
//!
//! Tokens that builds before 2026-11-29 sealed with a key of the credential are misses: since then the owner is part of the
//! derivation.

use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use msal_wasi::acquire::acquire_token_for_client;
use msal_wasi::application::ApplicationParts;
use msal_wasi::application::StoreName;
use msal_wasi::credential::AssertionRequest;
use msal_wasi::credential::CredentialParts;
use msal_wasi::host::Host;
use msal_wasi::http::HttpRequest;
use msal_wasi::http::HttpResponse;
use msal_wasi::http::SendError;
use msal_wasi::outcome::TokenSource;
use msal_wasi::request::TokenRequestParts;
use msal_wasi::secret::Secret;
use msal_wasi::time::Moment;
use msal_wasi::time::UnixTime;

#[test]
fn an_entry_sealed_with_the_secret_is_read() {
    is_served(SEALED_WITH_THE_SECRET, application(), request());
}

#[test]
fn an_entry_sealed_with_a_cache_key_for_a_request_with_extras_is_read() {
    let application = ApplicationParts {
        cache_keys: vec![vec![5; 32].into()],
        client_capabilities: vec!["cp1".to_owned()],
        ..application()
    };
    let request = TokenRequestParts {
        fmi_path: Some("/a".to_owned()),
        attributes: Some(r#"{"a":1}"#.to_owned()),
        ..request()
    };
    is_served(SEALED_WITH_A_CACHE_KEY, application, request);
}

fn is_served(
    (name, value): (&'static str, &str),
    application: ApplicationParts,
    request: TokenRequestParts,
) {
    let mut host = HostWithOneEntry { name, value: base16ct::lower::decode_vec(value).unwrap() };
    let call = pin!(acquire_token_for_client(&mut host, application, request));
    let Poll::Ready(result) = call.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("no future of this host waits")
    };
    let result = result.unwrap();
    assert_eq!(result.metadata.token_source, TokenSource::Cache);
    assert_eq!(result.access_token.expose(), "a-token");
    assert_eq!(result.expires_on, UnixTime::from_seconds(STORED_AT + 3_599));
}

fn application() -> ApplicationParts {
    ApplicationParts {
        client_id: "00001111-aaaa-2222-bbbb-3333cccc4444".to_owned(),
        authority: "contoso.onmicrosoft.com".to_owned(),
        credentials: vec![CredentialParts::Secret("a client secret".to_owned().into())],
        ..ApplicationParts::default()
    }
}

fn request() -> TokenRequestParts {
    TokenRequestParts {
        scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
        ..TokenRequestParts::default()
    }
}

/// A store with one entry, a minute after it was stored. Anything but reading it fails the test.
struct HostWithOneEntry {
    name: &'static str,
    value: Vec<u8>,
}

impl Host for HostWithOneEntry {
    async fn now(&mut self) -> Moment {
        Moment { wall: UnixTime::from_seconds(STORED_AT + 60), monotonic: Duration::ZERO }
    }

    async fn random(&mut self, _: &mut [u8]) {
        unreachable!()
    }

    async fn get(&mut self, _: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((key == self.name).then(|| self.value.clone()))
    }

    async fn set(&mut self, _: &StoreName, _: &str, _: &[u8]) -> Result<(), String> {
        unreachable!()
    }

    async fn delete(&mut self, _: &StoreName, _: &str) -> Result<(), String> {
        unreachable!()
    }

    async fn increment(&mut self, _: &StoreName, _: &str) -> Result<u64, String> {
        unreachable!()
    }

    async fn send(&mut self, _: HttpRequest, _: Duration) -> Result<HttpResponse, SendError> {
        unreachable!()
    }

    async fn assertion(&mut self, _: AssertionRequest) -> Result<Secret<String>, String> {
        unreachable!()
    }

    async fn sleep(&mut self, _: Duration) {
        unreachable!()
    }
}

const STORED_AT: u64 = 1_800_000_000;

/// Name and value, as the build of 2026-11-29 stored them.
const SEALED_WITH_THE_SECRET: (&str, &str) = (
    "mt1-xggec5itsjph2uxumik4xtvpm4l345kmttkchzgy22kw73zyonaa",
    "6d746b01996ea79bf570b47107070707070707070707070707070707070707070707070737cc80b40f513099cefb57e9c\
     b2652ff62fb87d9bc5586830e0f602832a5a21bfa536128e709d057f6f0d97b7ac9ff3b8d68d4e1323363c28bc602b5bf\
     7029fc60950a04314edbde11b7fe88adcbcfd1ae805dba4c8272fd0d95f80b8206c79a4936e7afb16ebcdf4e9965b0c59\
     44ce6ec20c11a2d2edc3cf4fc27da9a82b99dadf2e02c5a73e8cfda00e0556256c4fc",
);
/// Name and value, as the build of 2026-11-27 stored them.
const SEALED_WITH_A_CACHE_KEY: (&str, &str) = (
    "mt1-gkqyjwr4z5vnocfa6inwq464qhfnt53vyblghcueccauiblkjmtq",
    "6d746b0122de6115d97c0b5e0707070707070707070707070707070707070707070707078800dd28cb8f722c38f7192a\
     f65629a043de21067a9332df63696c8123c336c201149bf54615d4533bd686c6b13659a05068b0a0ee735c695e2c6368\
     ad04d7f5ab3e68e6e39f3680f8d69867d1b017656893a5de5e92da01333683c475339672bd37edf5392ca6fa8e0ad8f3\
     972173535482180e80d4569126672242bbbaeac3df2010a33acc8d61980d13f36f33283e",
);
