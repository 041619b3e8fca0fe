use msal_emulator::Emulator;
use msal_emulator::FederatedCredential;
use msal_emulator::demo;
use serde_json::Value;
use serde_json::json;

use crate::certificate::certificate;
use crate::certificate::now;
use crate::certificate::other_certificate;
use crate::client::Answer;
use crate::client::error;
use crate::client::post;

const ISSUER: &str = "https://token.actions.example";
const SUBJECT: &str = "repo:Contoso/app:ref:refs/heads/main";

fn credential() -> FederatedCredential {
    FederatedCredential::new(ISSUER, SUBJECT).with_jwks(json!({"keys": [certificate().jwk("k1")]}))
}

fn emulator(credential: FederatedCredential) -> Emulator {
    let emulator = Emulator::start().unwrap();
    emulator
        .update(|directory| {
            directory.application_mut(demo::CLIENT_ID).unwrap().federated.push(credential);
        })
        .unwrap();
    emulator
}

fn claims_with(name: &str, value: &str) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": "api://AzureADTokenExchange",
        "exp": now() + 600,
    });
    claims[name] = value.into();
    claims
}

fn post_claims(emulator: &Emulator, claims: &Value) -> Answer {
    post_assertion(emulator, &certificate().sign(&json!({"alg": "RS256", "kid": "k1"}), claims))
}

fn post_assertion(emulator: &Emulator, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::CLIENT_ID),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("scope", demo::API_SCOPE),
    ];
    post(emulator, demo::TENANT, &form)
}

#[test]
fn an_assertion_of_a_registered_issuer_gets_a_token() {
    let emulator = emulator(credential());
    post_claims(&emulator, &claims_with("jti", "1")).token();
}

#[test]
fn a_key_may_be_given_without_a_jwks() {
    let credential =
        FederatedCredential::new(ISSUER, SUBJECT).with_public_key(&certificate().public_key());
    post_claims(&emulator(credential), &claims_with("jti", "1")).token();
}

#[test]
fn each_mismatch_has_its_own_error_code() {
    let emulator = emulator(credential());
    let code = |name: &str, value: &str| post_claims(&emulator, &claims_with(name, value)).error();
    let invalid = |code: u64| error(401, "invalid_client", code);
    assert_eq!(code("iss", "https://other.example"), invalid(700_211));
    assert_eq!(code("aud", "api://other"), invalid(700_212));
    assert_eq!(code("sub", "repo:other"), invalid(700_213));
    assert_eq!(code("sub", &SUBJECT.to_lowercase()), invalid(7_002_138));
}

#[test]
fn a_signature_by_an_unknown_key_is_refused() {
    let emulator = emulator(credential());
    let header = json!({"alg": "RS256", "kid": "k1"});
    let assertion = other_certificate().sign(&header, &claims_with("jti", "1"));
    assert_eq!(post_assertion(&emulator, &assertion).error().2, 50_013);
}

#[test]
fn a_new_credential_is_refused_until_it_has_propagated() {
    let emulator = emulator(credential().not_propagated_for(2));
    let claims = claims_with("jti", "1");
    assert_eq!(post_claims(&emulator, &claims).error().2, 700_213);
    assert_eq!(post_claims(&emulator, &claims).error().2, 700_213);
    post_claims(&emulator, &claims).token();
}

#[test]
fn issuer_keys_may_be_unreachable() {
    let mut credential = credential();
    credential.keys_unreachable = true;
    let answer = post_claims(&emulator(credential), &claims_with("jti", "1"));
    assert_eq!(answer.error().2, 50_166);
}

#[test]
fn an_expired_assertion_is_refused() {
    let emulator = emulator(credential());
    let mut claims = claims_with("jti", "1");
    claims["exp"] = (now() - 3600).into();
    assert_eq!(post_claims(&emulator, &claims).error(), error(401, "invalid_client", 700_024));
}
