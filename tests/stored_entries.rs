//! Entries of the present format are read, byte by byte, so that no build changes it unnoticed. Those of format version 1 are
//! misses.

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

/// Name and value, as the first build of format version 2 stored them, with `0x07` for each random byte.
const SEALED_WITH_THE_SECRET: (&str, &str) = (
    "mt2-laono6qsj3edrboggy4gdtaopcu5p25pgsuqoc3de4uov2755d5q",
    "6d746b020707070707070707070707070707070707070707070707072924d729903f1adf635fee1a6ab6489a756f7114e\
     e20d99f9bba4e292c5d37f8598d9fcf67674fcc451b67bdd6fc3906857a9065e1fbbc018a01830777b8a098e1f6adc383\
     549d50283b32d29f77b0bdb05651c89a6c6da0284a12c47a414363d3baff84212cd9fada81fb3269abbdf8b06f6fee521\
     0c4726797d14ce714070d9849b5fdf4009b6ac487479730b32cc8",
);
const SEALED_WITH_A_CACHE_KEY: (&str, &str) = (
    "mt2-3pdztd62wtgygfrvsqm4ri6pi6fj4abo23xgbyg7agcyi3bnhsxq",
    "6d746b02070707070707070707070707070707070707070707070707a798d63bf66d53954673fb0a1da8ec54c71a0a5f1\
     daf48f0284aa20ebdc955692b6f79a963bb772c7233583246e39dd527a83e8ff283c32b8741ba3f93cb71fd2767481d7f\
     4783c2f985ed380feee3a15bd63490e5e2f0c0da64a46471bac6610c1962681884d3570325717bce71450ebf1622f1f3b\
     d1a53287d2481e13a55581131d63e545c86f9b72d6622a52069c4",
);
