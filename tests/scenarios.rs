//! The flow, call by call: every folder of `tests/scenarios` is one story, told in its `scenario.json`.
//!
//! A story has a purpose, an application, and calls. Each call has a time, a request, the answers of the authority and
//! the faults of the store, and says what must come of it: the result, and the exact order of host calls. A host call
//! that the story does not tell fails the test.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use msal_wasi::acquire::Host;
use msal_wasi::acquire::acquire_token_for_client;
use msal_wasi::acquire::remove_token_for_client;
use msal_wasi::application::ApplicationParts;
use msal_wasi::application::StoreName;
use msal_wasi::credential::CredentialParts;
use msal_wasi::error::Cause;
use msal_wasi::http::HttpRequest;
use msal_wasi::http::HttpResponse;
use msal_wasi::http::SendError;
use msal_wasi::outcome::Metadata;
use msal_wasi::outcome::TokenSource;
use msal_wasi::request::TokenRequestParts;
use msal_wasi::time::Moment;
use msal_wasi::time::UnixTime;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

#[test]
fn every_scenario_comes_out_as_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut stories: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    stories.sort();
    assert!(stories.len() >= 15, "only {} scenarios", stories.len());
    for story in stories {
        let name = story.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(story.join("scenario.json")).unwrap();
        let scenario: Scenario =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        scenario.play(&name);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    purpose: String,
    #[serde(default)]
    application: ApplicationScript,
    calls: Vec<CallScript>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ApplicationScript {
    authority: Option<String>,
    secret: Option<String>,
    assertion: Option<String>,
    cache_key: Option<String>,
    disable_cache: bool,
    disable_retry: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallScript {
    at: u64,
    #[serde(default)]
    remove: bool,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    request: RequestScript,
    #[serde(default)]
    store_fails: Vec<String>,
    #[serde(default)]
    answers: VecDeque<AnswerScript>,
    expect: Value,
    host_calls: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RequestScript {
    scope: Option<String>,
    tenant: Option<String>,
    claims: Option<String>,
    force_refresh: bool,
    refresh_if_sha256: Option<String>,
    correlation_id: Option<String>,
    deadline_ms: Option<u64>,
    minimum_validity_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerScript {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    unreachable: Option<String>,
    #[serde(default)]
    takes_seconds: u64,
}

impl Scenario {
    fn play(self, name: &str) {
        assert!(!self.purpose.is_empty(), "{name} has no purpose");
        let mut host = ScriptedHost::default();
        for (index, call) in self.calls.into_iter().enumerate() {
            let place = format!("{name}, call {}", index + 1);
            host.begin(&call);
            let application = self.application.to_parts(call.secret.as_deref());
            let request = call.request.to_parts();
            let actual = if call.remove {
                run(remove_token_for_client(&mut host, application, request)).map_or_else(
                    |error| describe_error(&error.cause, None),
                    |()| json!({ "removed": true }),
                )
            } else {
                match run(acquire_token_for_client(&mut host, application, request)) {
                    Ok(result) => {
                        let mut told = describe_metadata(&result.metadata);
                        told["token"] = json!(result.access_token.expose());
                        told["expires_on"] = json!(result.expires_on.to_seconds());
                        told
                    }
                    Err(error) => describe_error(&error.cause, error.metadata.as_ref()),
                }
            };
            for (member, expected) in call.expect.as_object().unwrap() {
                assert_eq!(&actual[member], expected, "{place}: {member} of {actual}");
            }
            assert_eq!(host.calls, call.host_calls, "{place}: host calls");
            assert!(host.answers.is_empty(), "{place}: answers left over");
        }
    }
}

impl ApplicationScript {
    fn to_parts(&self, secret: Option<&str>) -> ApplicationParts {
        let credential = match &self.assertion {
            Some(assertion) => CredentialParts::Assertion(assertion.clone().into()),
            None => {
                let secret = secret.or(self.secret.as_deref()).unwrap_or("a secret");
                CredentialParts::Secret(secret.to_owned().into())
            }
        };
        ApplicationParts {
            client_id: "client".to_owned(),
            authority: self.authority.clone().unwrap_or_else(|| "contoso.com".to_owned()),
            credentials: vec![credential],
            cache_keys: self.cache_key.iter().map(|key| key.clone().into_bytes().into()).collect(),
            disable_cache: self.disable_cache,
            disable_retry: self.disable_retry,
            ..Default::default()
        }
    }
}

impl RequestScript {
    fn to_parts(&self) -> TokenRequestParts {
        TokenRequestParts {
            scopes: vec![self.scope.clone().unwrap_or_else(|| "api://x/.default".to_owned())],
            tenant: self.tenant.clone(),
            claims: self.claims.clone(),
            force_refresh: self.force_refresh,
            refresh_if_sha256: self.refresh_if_sha256.clone(),
            correlation_id: self.correlation_id.clone(),
            deadline_ms: self.deadline_ms,
            minimum_validity_seconds: self.minimum_validity_seconds,
            ..Default::default()
        }
    }
}

fn describe_error(cause: &Cause, metadata: Option<&Metadata>) -> Value {
    let mut told = metadata.map_or_else(|| json!({}), describe_metadata);
    let (kind, status) = match cause {
        Cause::InvalidRequest(_) => ("invalid-request", None),
        Cause::InvalidCredential(_) => ("invalid-credential", None),
        Cause::NotPermitted(_) => ("not-permitted", None),
        Cause::Throttled(throttle) => {
            told["retry_after"] = json!(throttle.retry_after_seconds);
            ("throttled", Some(throttle.refusal.status))
        }
        Cause::Refused(refusal) => ("refused", Some(refusal.status)),
        Cause::Unreachable(_) => ("unreachable", None),
        Cause::UnexpectedResponse(response) => ("unexpected-response", response.status),
    };
    told["error"] = json!(kind);
    told["status"] = json!(status);
    told["message"] = json!(cause.to_string());
    told
}

fn describe_metadata(metadata: &Metadata) -> Value {
    json!({
        "source": match metadata.token_source {
            TokenSource::Cache => "cache",
            TokenSource::IdentityProvider => "identity-provider",
        },
        "reason": metadata.cache_refresh_reason.to_number(),
        "correlation_id": metadata.correlation_id,
        "refresh_due": metadata.refresh_due,
        "requests": metadata.token_requests,
        "warnings": metadata.warnings,
    })
}

/// A host that plays a story and writes down what it was asked.
#[derive(Default)]
struct ScriptedHost {
    wall: u64,
    monotonic: Duration,
    store: BTreeMap<String, Vec<u8>>,
    failing: Vec<String>,
    answers: VecDeque<AnswerScript>,
    calls: Vec<String>,
    random: u8,
}

impl ScriptedHost {
    fn begin(&mut self, call: &CallScript) {
        self.wall = call.at;
        self.failing.clone_from(&call.store_fails);
        self.answers = call.answers.iter().map(AnswerScript::copy).collect();
        self.calls.clear();
    }

    fn store_operation(&mut self, name: &str) -> Result<(), String> {
        self.calls.push(name.to_owned());
        if self.failing.iter().any(|failing| failing == name) {
            return Err(format!("cannot {name}"));
        }
        Ok(())
    }
}

impl AnswerScript {
    fn copy(&self) -> Self {
        Self {
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.clone(),
            unreachable: self.unreachable.clone(),
            takes_seconds: self.takes_seconds,
        }
    }
}

impl Host for ScriptedHost {
    async fn now(&mut self) -> Moment {
        self.calls.push("now".to_owned());
        Moment { wall: UnixTime::from_seconds(self.wall), monotonic: self.monotonic }
    }

    async fn random(&mut self, buffer: &mut [u8]) {
        self.calls.push(format!("random {}", buffer.len()));
        self.random = self.random.wrapping_add(1);
        buffer.fill(self.random);
    }

    async fn get(&mut self, _store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.store_operation("get")?;
        Ok(self.store.get(key).cloned())
    }

    async fn set(&mut self, _store: &StoreName, key: &str, value: &[u8]) -> Result<(), String> {
        self.store_operation("set")?;
        self.store.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    async fn delete(&mut self, _store: &StoreName, key: &str) -> Result<(), String> {
        self.store_operation("delete")?;
        self.store.remove(key);
        Ok(())
    }

    async fn send(
        &mut self,
        _request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError> {
        self.calls.push("send".to_owned());
        let answer = self.answers.pop_front().expect("a request that the story does not tell");
        self.monotonic += Duration::from_secs(answer.takes_seconds).min(within);
        if let Some(reason) = answer.unreachable {
            return Err(SendError::Unreachable(reason));
        }
        let body = match answer.body {
            Value::String(text) => text.into_bytes(),
            body => body.to_string().into_bytes(),
        };
        let mut headers: Vec<_> =
            answer.headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        headers.push(("content-type".to_owned(), b"application/json".to_vec()));
        Ok(HttpResponse { status: answer.status, headers, body: body.into() })
    }

    async fn sleep(&mut self, pause: Duration) {
        self.calls.push("sleep".to_owned());
        self.monotonic += pause;
    }
}

/// No future of a scripted host waits.
fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that waits"),
    }
}
