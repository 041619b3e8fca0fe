//! Entries of the present format are read, byte by byte, so that no build changes it unnoticed. Those of earlier versions
//! are misses.

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

/// Name and value, as the first build of format version 3 stored them, with `0x07` for each random byte.
const SEALED_WITH_THE_SECRET: (&str, &str) = (
    "mt3-v3ts7qutqvcofqd337ra7bxtbmse2kfrsvkw46jfr6kywz6zzypq",
    "6d746b030707070707070707070707070707070707070707070707076547a565cd30c3ccade946761592b68e7cd2b314\
     dce277a5b267966e4e003e28ffcb0edfa785676882dfad3ca882f987738f2e786c2a4577f9f1c19240b7a98e6782ec86\
     76d1a0b7ed7d6b426220d457c0415eb9e80afd4235eedf4bcdbd66134bc4f5ee05e2f28ce28ef4dde715c74e85e8441f\
     81e7c484547009e51a6980e6bdcc027fb331f1c4dd24e2399e68df50",
);
const SEALED_WITH_A_CACHE_KEY: (&str, &str) = (
    "mt3-myxsgx3xx4y3r57pmpwo24bugkmhnnx5r7d6tmqkasikhsbnmltq",
    "6d746b030707070707070707070707070707070707070707070707073afa58a80359800149659efe168d4091f0f6ead7\
     ada51eac527e77520429c24e331647a903783d4b48f8941f1456006c1f50693fcb0b34b7e66e0b1e65459a4b03fd2fa1\
     5fbd211e2074228d3a85d575d3fbcd0f061fb4bf012130390a6eaea45c5c036f181a3d1034f0ba9f41f23f20cdd27500\
     1b0cf512c2ef5441606a356b643b084a0b50c097f55fec2e86fc5210",
);
