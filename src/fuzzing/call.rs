//! Whole calls: configuration, the server's bytes and the store's.

use std::rc::Rc;

use crate::acquire::acquire_token_for_client;
use crate::application::ApplicationParts;
use crate::authority::InstanceMetadataParts;
use crate::cache::CachedToken;
use crate::cache::EntryKey;
use crate::call::Call;
use crate::credential::CertificateParts;
use crate::credential::CertificateSource;
use crate::credential::CredentialParts;
use crate::error::AcquireError;
use crate::extra_parameters::ExtraParameterParts;
use crate::migrate::export_token_cache;
use crate::outcome::AuthenticationResult;
use crate::outcome::TokenSource;
use crate::remove::remove_token_for_client;
use crate::request::TokenRequestParts;
use crate::sealed_store::SealedStore;
use crate::secret::Secret;

use super::arguments::REGION;
use super::arguments::to_kind;
use super::arguments::visible_host;
use super::planted::ASSERTION;
use super::planted::SECRET;
use super::planted::TOKEN;
use super::planted::check_cause;
use super::planted::check_debug;
use super::planted::check_text;
use super::script::Script;
use super::scripted_host::ScriptedHost;
use super::scripted_host::run;

/// Calls with a client secret, an assertion, a provider or a certificate.
pub fn whole_call(input: &[u8]) {
    let mut script = Script::new(input);
    let credentials = match script.choice() % 5 {
        0 => vec![secret()],
        1 => vec![CredentialParts::Assertion(Secret::from(ASSERTION.to_owned())), secret()],
        2 => vec![CredentialParts::Provider],
        3 => vec![secret(), CredentialParts::Secret(Secret::from("another".to_owned()))],
        _ => certificate_and_more(&mut script),
    };
    play(script, credentials);
}

fn certificate_and_more(script: &mut Script<'_>) -> Vec<CredentialParts> {
    let flags = script.flags();
    let mut parts = CertificateParts::new(CertificateSource::Pem(Secret::from(KEY.to_owned())));
    parts.send_x5c = flags(0);
    parts.extra_claims = flags(1).then(|| script.text());
    let mut credentials = vec![CredentialParts::Certificate(parts)];
    if flags(2) {
        credentials.push(secret());
    }
    credentials
}

/// An application with the planted secret.
pub(super) fn plain_application() -> ApplicationParts {
    ApplicationParts {
        client_id: "client".to_owned(),
        authority: "contoso.com".to_owned(),
        credentials: vec![secret()],
        ..ApplicationParts::default()
    }
}

fn secret() -> CredentialParts {
    CredentialParts::Secret(Secret::from(SECRET.to_owned()))
}

fn play(mut script: Script<'_>, credentials: Vec<CredentialParts>) {
    let application = to_application(&mut script, credentials);
    let own_clouds = application.instance_metadata.iter();
    let mut trusted: Vec<_> = own_clouds.map(|cloud| cloud.preferred_network.clone()).collect();
    trusted.push(visible_host(&application.authority));
    let scopes: Vec<String> = script.text().split(' ').map(str::to_owned).collect();
    let more_calls = script.choice() % 4;
    let mut host = ScriptedHost::new(script, trusted);
    for _ in 0..=more_calls {
        let request = to_request(&mut host.script, scopes.clone());
        host.has_odd_clock = false;
        plant(&mut host, application.clone(), request.clone());
        host.has_odd_clock = host.script.choice() == ODD_CLOCK;
        host.begin();
        match host.script.choice() {
            1 => check_error(run(remove_token_for_client(&mut host, application.clone(), request))),
            2 => {
                let export = export_token_cache(&mut host, application.clone(), vec![request]);
                check_error(run(export));
            }
            _ => {
                let call = acquire_token_for_client(&mut host, application.clone(), request);
                check_result(&run(call), &host);
            }
        }
        host.wall += u64::from(host.script.choice()) * 60;
    }
}

fn to_application(script: &mut Script<'_>, credentials: Vec<CredentialParts>) -> ApplicationParts {
    let flags = script.flags();
    let own_cloud = InstanceMetadataParts {
        preferred_network: OWN_CLOUD.to_owned(),
        preferred_cache: OWN_CLOUD.to_owned(),
        aliases: vec![OWN_CLOUD.to_owned(), "login.alias.example".to_owned()],
    };
    let older_keys = flags(6).then(|| vec![Secret::from(vec![5; 32]), Secret::from(vec![6; 32])]);
    ApplicationParts {
        client_id: "client".to_owned(),
        authority: script.text(),
        credentials,
        authority_kind: to_kind(script.choice()),
        validate_authority: flags(0),
        allow_insecure_loopback: flags(1),
        instance_metadata: flags(2).then_some(own_cloud).into_iter().collect(),
        region: flags(3).then(|| REGION.to_owned()),
        client_capabilities: flags(4).then(|| "cp1".to_owned()).into_iter().collect(),
        cache_keys: older_keys.unwrap_or_default(),
        cache_store: None,
        disable_cache: flags(5),
        disable_retry: flags(7),
        app_name: None,
        app_version: None,
    }
}

fn to_request(script: &mut Script<'_>, scopes: Vec<String>) -> TokenRequestParts {
    let (flags, more) = (script.flags(), script.flags());
    let mut text = |is_given: bool| is_given.then(|| script.text());
    TokenRequestParts {
        scopes,
        tenant: text(flags(0)),
        claims: text(flags(1)),
        force_refresh: flags(2),
        refresh_if_sha256: flags(3).then(|| SHA256_OF_TOKEN.to_owned()),
        correlation_id: None,
        deadline_ms: flags(4).then_some(2_000),
        max_wait_ms: flags(5).then_some(0),
        minimum_validity_seconds: flags(6).then_some(1_000),
        claims_from_client: text(more(0)),
        fmi_path: text(more(1)),
        attributes: text(more(2)),
        attribute_tokens: text(more(3)).into_iter().collect(),
        extra: ExtraParameterParts {
            body: text(more(4)).map(|value| ("extra".to_owned(), value)).into_iter().collect(),
            ..ExtraParameterParts::default()
        },
        defer_refresh: flags(7),
        send_x5c: more(5).then_some(true),
        extra_assertion_claims: text(more(6)),
    }
}

/// Stores what earlier calls may have left there, and what they may not have.
fn plant(host: &mut ScriptedHost<'_>, application: ApplicationParts, request: TokenRequestParts) {
    let kind = host.script.choice();
    if kind == 0 {
        return;
    }
    let Ok(call) = Call::new(application, request) else {
        return;
    };
    let call = Rc::new(call);
    let (store, token) = (SealedStore::new(&call.application), call.token_key());
    let key = match kind {
        1 => {
            let entry = to_entry(host);
            run(store.write_token(host, &token, &entry));
            return;
        }
        2 => call.record_key(),
        3 => call.credential_key(),
        4 => EntryKey::of_rejections(&token),
        _ => token,
    };
    let record = host.script.bytes().unwrap_or_default();
    run(store.write(host, &key, record));
}

/// A token with any times.
fn to_entry(host: &mut ScriptedHost<'_>) -> CachedToken {
    let now = host.time();
    let mut time = || u64::from(host.script.choice()) * 30;
    let issued_at = now.minus_seconds(time()).plus_seconds(time());
    let expires_on = issued_at.plus_seconds(time());
    let refresh_on = Some(issued_at.plus_seconds(time())).filter(|&time| time != issued_at);
    CachedToken {
        access_token: Secret::from(TOKEN.to_owned()),
        scopes: vec!["api://x/.default".to_owned()],
        issued_at,
        expires_on,
        refresh_on,
        ended: None,
        acquired_with: None,
    }
}

fn check_result(result: &Result<AuthenticationResult, AcquireError>, host: &ScriptedHost<'_>) {
    match result {
        Ok(result) => {
            check_debug(result);
            let is_cached = result.metadata.token_source == TokenSource::Cache;
            let is_expired = result.expires_on <= host.time();
            assert!(!is_cached || !is_expired || host.has_odd_clock, "an expired token");
            for warning in &result.metadata.warnings {
                check_text(warning);
            }
        }
        Err(error) => {
            check_cause(&error.cause);
            check_debug(error);
        }
    }
}

fn check_error<T>(result: Result<T, AcquireError>) {
    if let Err(error) = result {
        check_cause(&error.cause);
    }
}

#[cfg(not(fuzzing))]
const KEY: &str = include_str!("../../tests/keys/rsa2048.pem");
/// Signs six times as fast. The targets accept it.
#[cfg(fuzzing)]
const KEY: &str = include_str!("../../tests/keys/rsa1024.pem");
/// The host of the caller's own cloud.
const OWN_CLOUD: &str = "login.cloud.example";
/// One choice of 256: such calls run until their limits stop them.
const ODD_CLOCK: u8 = 99;
/// Of the planted token.
const SHA256_OF_TOKEN: &str = "eac0e475c74cfe80adc8a666e54d30355d5332db1f8f504636d1167c801284a4";
