//! Runs the scenarios: each folder of `tests/scenarios` is a test of the flow, described in its `scenario.json`.
//!
//! A scenario has a purpose, an application and calls. Each call has a time, a request, the authority's answers and the
//! store's faults, and the expected result and exact order of host calls. An unscripted host call fails the test.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::path::PathBuf;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use msal_wasi::acquire::acquire_token_for_client;
use msal_wasi::application::ApplicationParts;
use msal_wasi::application::StoreName;
use msal_wasi::authority::AuthorityKind;
use msal_wasi::credential::AssertionRequest;
use msal_wasi::credential::CertificateParts;
use msal_wasi::credential::CertificateSource;
use msal_wasi::credential::CredentialParts;
use msal_wasi::error::Cause;
use msal_wasi::extra_parameters::ExtraParameterParts;
use msal_wasi::host::Host;
use msal_wasi::http::HttpRequest;
use msal_wasi::http::HttpResponse;
use msal_wasi::http::Method;
use msal_wasi::http::SendError;
use msal_wasi::outcome::Metadata;
use msal_wasi::outcome::TokenSource;
use msal_wasi::remove::remove_token_for_client;
use msal_wasi::request::TokenRequestParts;
use msal_wasi::secret::Secret;
use msal_wasi::time::Moment;
use msal_wasi::time::UnixTime;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

/// Makes each folder a test of its name.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                play(&to_folder(stringify!($name)));
            }
        )*

        #[test]
        fn every_folder_is_a_test() {
            let mut folders: Vec<_> = fs::read_dir(folder())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            folders.sort();
            assert_eq!(folders, [$(to_folder(stringify!($name))),*]);
        }
    };
}

scenarios! {
    adfs,
    assertion_with_cache_key,
    assertion_without_cache_key,
    authority_unknown_to_microsoft,
    cache_disabled,
    cache_key_extras,
    claims_challenge,
    claims_from_client,
    clock_correction,
    clock_correction_once,
    clock_set_back,
    credentials_all_refused,
    credentials_in_order,
    deadline,
    delayed_refusal_of_a_credential,
    expired_and_refused,
    expired_entry,
    extra_assertion_claims,
    failover_only_on_invalid_client,
    force_refresh,
    given_cache_key,
    given_correlation_id,
    implausible_clock,
    known_authority_needs_no_validation,
    local_failure_is_not_shared,
    loop_detected,
    miss_then_hit,
    msal_certificate_then_cache,
    msal_claims_with_a_token_hash,
    msal_dsts_tenant_from_an_authority,
    msal_fmi_path_with_attributes,
    msal_identical_bad_requests,
    msal_one_refresh_for_each_tenant,
    msal_refresh_stays_in_its_entry,
    msal_region_and_tenant,
    msal_region_of_a_national_cloud,
    msal_retry_keeps_the_correlation_id,
    msal_telemetry,
    msal_telemetry_of_a_region,
    msal_tenant_of_personal_accounts,
    msal_throttle_of_one_tenant,
    no_lifetime,
    oidc,
    oidc_other_host,
    provider,
    provider_fails,
    redirect,
    refresh_deferred,
    refresh_fails,
    refresh_if_sha256,
    refresh_inline,
    refresh_over_a_slow_store,
    refresh_takes_too_long,
    refresh_throttled,
    refresh_without_store,
    refused,
    refused_input,
    region,
    region_falls_back,
    region_not_supported,
    removed_token,
    retry_after_on_any_status,
    retry_disabled,
    rotated_secret,
    rs256_fallback,
    server_fault_is_shared,
    server_fault_persists,
    server_fault_then_token,
    server_fault_with_retry_after,
    single_flight_after_no_answer,
    single_flight_after_refusal,
    single_flight_dead_leader,
    single_flight_failing_store,
    single_flight_lone_caller,
    single_flight_without_counter,
    slow_store,
    store_alternates_rejected_tokens,
    store_fails,
    tenant_from_a_url,
    tenants_apart,
    throttle_is_shared,
    throttle_without_cache,
    throttled,
    unreachable_then_token,
    unreadable_credential,
    validated_authority,
    wrong_secret_is_shared,
}

fn play(name: &str) {
    let text = fs::read_to_string(folder().join(name).join("scenario.json")).unwrap();
    let scenario: Scenario =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    scenario.play(name);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

fn to_folder(test: &str) -> String {
    test.replace('_', "-")
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
    kind: Option<String>,
    validate: bool,
    region: Option<String>,
    secret: Option<String>,
    secrets: Vec<String>,
    assertion: Option<String>,
    /// A key file of `tests/keys`.
    certificate: Option<String>,
    provider: bool,
    capabilities: Vec<String>,
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
    /// The duration of the first store operation, or of the first with the name in `slow_operation`.
    #[serde(default)]
    store_takes_seconds: u64,
    slow_operation: Option<String>,
    /// Keeps the entries that this call overwrites, for `restore`.
    #[serde(default)]
    keep_versions: bool,
    /// Before the call, brings back the entries that were kept.
    #[serde(default)]
    restore: bool,
    #[serde(default)]
    answers: VecDeque<AnswerScript>,
    /// The assertion provider's assertions; `error: ` precedes an error.
    #[serde(default)]
    provided: VecDeque<String>,
    /// Substrings of each request's URL, body and headers; `!` precedes those that it must not contain.
    #[serde(default)]
    sent: Option<Vec<Vec<String>>>,
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
    max_wait_ms: Option<u32>,
    minimum_validity_seconds: Option<u32>,
    claims_from_client: Option<String>,
    fmi_path: Option<String>,
    attributes: Option<String>,
    attribute_tokens: Vec<String>,
    body: Vec<(String, String)>,
    query: Vec<(String, String)>,
    defer_refresh: bool,
    extra_assertion_claims: Option<String>,
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
    /// No answer, over an established connection.
    #[serde(default)]
    silent: Option<String>,
    #[serde(default)]
    not_connected: Option<String>,
    #[serde(default)]
    takes_seconds: u64,
}

impl Scenario {
    fn play(self, name: &str) {
        assert!(!self.purpose.is_empty(), "{name} has no purpose");
        let mut host = ScriptedHost::default();
        for (index, call) in self.calls.into_iter().enumerate() {
            let context = format!("{name}, call {}", index + 1);
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
                        let mut description = describe_metadata(&result.metadata);
                        description["token"] = json!(result.access_token.expose());
                        description["expires_on"] = json!(result.expires_on.to_seconds());
                        description
                    }
                    Err(error) => describe_error(&error.cause, error.metadata.as_ref()),
                }
            };
            for (member, expected) in call.expect.as_object().unwrap() {
                assert_eq!(&actual[member], expected, "{context}: {member} of {actual}");
            }
            assert_eq!(host.calls, call.host_calls, "{context}: host calls");
            assert!(host.answers.is_empty(), "{context}: answers left over");
            assert!(host.provided.is_empty(), "{context}: assertions left over");
            if let Some(expected) = &call.sent {
                assert_eq!(host.sent.len(), expected.len(), "{context}: {:?}", host.sent);
                for (sent, parts) in host.sent.iter().zip(expected) {
                    for part in parts {
                        let (part, is_wanted) = match part.strip_prefix('!') {
                            Some(part) => (part, false),
                            None => (part.as_str(), true),
                        };
                        assert_eq!(sent.contains(part), is_wanted, "{context}: {part} in {sent}");
                    }
                }
            }
        }
    }
}

impl ApplicationScript {
    fn to_parts(&self, secret: Option<&str>) -> ApplicationParts {
        let mut credentials: Vec<CredentialParts> = self
            .secrets
            .iter()
            .map(|secret| CredentialParts::Secret(secret.clone().into()))
            .collect();
        if let Some(assertion) = &self.assertion {
            credentials.push(CredentialParts::Assertion(assertion.clone().into()));
        }
        if let Some(file) = &self.certificate {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(file);
            credentials.push(CredentialParts::Certificate(CertificateParts {
                source: CertificateSource::Pem(fs::read_to_string(path).unwrap().into()),
                passphrase: None,
                send_x5c: false,
                algorithm: None,
                thumbprint: None,
                extra_claims: None,
            }));
        }
        if self.provider {
            credentials.push(CredentialParts::Provider);
        }
        if credentials.is_empty() {
            let secret = secret.or(self.secret.as_deref()).unwrap_or("a secret");
            credentials.push(CredentialParts::Secret(secret.to_owned().into()));
        }
        let kind = self.kind.as_deref().map(|kind| match kind {
            "adfs" => AuthorityKind::Adfs,
            "oidc" => AuthorityKind::Oidc,
            other => panic!("an unknown kind: {other}"),
        });
        ApplicationParts {
            client_id: "client".to_owned(),
            authority: self.authority.clone().unwrap_or_else(|| "contoso.com".to_owned()),
            credentials,
            authority_kind: kind,
            validate_authority: self.validate,
            region: self.region.clone(),
            client_capabilities: self.capabilities.clone(),
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
            max_wait_ms: self.max_wait_ms,
            minimum_validity_seconds: self.minimum_validity_seconds,
            claims_from_client: self.claims_from_client.clone(),
            fmi_path: self.fmi_path.clone(),
            attributes: self.attributes.clone(),
            attribute_tokens: self.attribute_tokens.clone(),
            extra: ExtraParameterParts {
                body: self.body.clone(),
                query: self.query.clone(),
                headers: Vec::new(),
            },
            defer_refresh: self.defer_refresh,
            extra_assertion_claims: self.extra_assertion_claims.clone(),
            ..Default::default()
        }
    }
}

fn describe_error(cause: &Cause, metadata: Option<&Metadata>) -> Value {
    let mut description = metadata.map_or_else(|| json!({}), describe_metadata);
    let (kind, status) = match cause {
        Cause::InvalidRequest(_) => ("invalid-request", None),
        Cause::InvalidCredential(_) => ("invalid-credential", None),
        Cause::NotPermitted(_) => ("not-permitted", None),
        Cause::Throttled(throttle) => {
            description["retry_after"] = json!(throttle.retry_after_seconds);
            ("throttled", Some(throttle.refusal.status))
        }
        Cause::Refused(refusal) => ("refused", Some(refusal.status)),
        Cause::Unreachable(_) => ("unreachable", None),
        Cause::UnexpectedResponse(response) => ("unexpected-response", response.status),
    };
    description["error"] = json!(kind);
    description["status"] = json!(status);
    description["message"] = json!(cause.to_string());
    description
}

fn describe_metadata(metadata: &Metadata) -> Value {
    json!({
        "source": match metadata.token_source {
            TokenSource::Cache => "cache",
            TokenSource::IdentityProvider => "identity-provider",
        },
        "reason": metadata.cache_refresh_reason.to_number(),
        "correlation_id": metadata.correlation_id,
        "endpoint": metadata.token_endpoint,
        "region": format!("{:?}", metadata.region_outcome),
        "credential": metadata.credential_index,
        "refresh_due": metadata.refresh_due,
        "requests": metadata.token_requests,
        "warnings": metadata.warnings,
    })
}

/// A host that replays a scenario and records the host calls.
#[derive(Default)]
struct ScriptedHost {
    wall: u64,
    monotonic: Duration,
    store: BTreeMap<String, Vec<u8>>,
    counters: BTreeMap<String, u64>,
    failing: Vec<String>,
    slow: Duration,
    slow_operation: Option<String>,
    time_in_store: Duration,
    keeps_versions: bool,
    kept: BTreeMap<String, Vec<u8>>,
    answers: VecDeque<AnswerScript>,
    provided: VecDeque<String>,
    calls: Vec<String>,
    sent: Vec<String>,
    random: u8,
}

impl ScriptedHost {
    fn begin(&mut self, call: &CallScript) {
        self.wall = call.at;
        self.failing.clone_from(&call.store_fails);
        self.slow = Duration::from_secs(call.store_takes_seconds);
        self.slow_operation.clone_from(&call.slow_operation);
        self.keeps_versions = call.keep_versions;
        if call.restore {
            self.store.append(&mut self.kept);
        }
        self.answers = call.answers.iter().map(AnswerScript::copy).collect();
        self.provided.clone_from(&call.provided);
        self.calls.clear();
        self.sent.clear();
    }

    fn store_operation(&mut self, name: &str) -> Result<(), String> {
        self.calls.push(name.to_owned());
        let is_slow = self.slow_operation.as_deref().is_none_or(|slow| slow == name);
        let took = if is_slow { std::mem::take(&mut self.slow) } else { Duration::ZERO };
        self.wall += took.as_secs();
        self.monotonic += took;
        self.time_in_store += took;
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
            silent: self.silent.clone(),
            not_connected: self.not_connected.clone(),
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
        let replaced = self.store.insert(key.to_owned(), value.to_vec());
        if let Some(replaced) = replaced.filter(|_| self.keeps_versions) {
            self.kept.insert(key.to_owned(), replaced);
        }
        Ok(())
    }

    async fn delete(&mut self, _store: &StoreName, key: &str) -> Result<(), String> {
        self.store_operation("delete")?;
        self.store.remove(key);
        self.counters.remove(key);
        Ok(())
    }

    async fn increment(&mut self, _store: &StoreName, key: &str) -> Result<u64, String> {
        self.store_operation("increment")?;
        let counter = self.counters.entry(key.to_owned()).or_default();
        *counter += 1;
        Ok(*counter)
    }

    fn time_in_store(&self) -> Duration {
        self.time_in_store
    }

    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError> {
        self.calls.push(match request.method {
            Method::Get => "ask".to_owned(),
            Method::Post => "send".to_owned(),
        });
        let body = String::from_utf8_lossy(request.body.expose()).into_owned();
        let headers: Vec<String> =
            request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        self.sent.push(format!("{} {body} {headers:?}", request.to_url()));
        let answer = self.answers.pop_front().expect("an unscripted request");
        self.monotonic += Duration::from_secs(answer.takes_seconds).min(within);
        if let Some(reason) = answer.silent {
            return Err(SendError::Silent(reason));
        }
        if let Some(reason) = answer.not_connected {
            return Err(SendError::NotConnected(reason));
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

    async fn assertion(&mut self, request: AssertionRequest) -> Result<Secret<String>, String> {
        self.calls.push("assertion".to_owned());
        assert!(!request.token_endpoint.is_empty());
        let given = self.provided.pop_front().expect("an unscripted assertion");
        match given.strip_prefix("error: ") {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(given.into()),
        }
    }

    async fn sleep(&mut self, pause: Duration) {
        self.calls.push("sleep".to_owned());
        self.monotonic += pause;
    }
}

/// Polls once: the futures of a scripted host are always ready.
fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a pending future"),
    }
}
