//! The token endpoints of the other kinds of authority.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use serde_json::Value;
use serde_json::json;

use crate::certificate::certificate;
use crate::certificate::now;
use crate::certificate::sha1;
use crate::certificate::sha256;
use crate::client::Answer;
use crate::client::FORM;
use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::encode;
use crate::client::error;
use crate::client::get;
use crate::client::post_to;
use crate::client::send;

const ADFS: &str = "/adfs/oauth2/token";
const DSTS: &str = "/dstsv2/contoso.onmicrosoft.com/oauth2/v2.0/token";
const B2C: &str = "/tfp/contoso.onmicrosoft.com/B2C_1_signin/oauth2/v2.0/token";
const B2C_WITHOUT_TFP: &str = "/contoso.onmicrosoft.com/B2C_1_signin/oauth2/v2.0/token";
const EVERY_KIND: [&str; 4] = [ADFS, DSTS, B2C, B2C_WITHOUT_TFP];

fn emulator() -> Emulator {
    let emulator = Emulator::start().unwrap();
    emulator.register_certificate(demo::CLIENT_ID, &certificate().der).unwrap();
    emulator
}

fn rs256() -> Value {
    json!({"typ": "JWT", "alg": "RS256", "x5t": URL_SAFE_NO_PAD.encode(sha1(&certificate().der))})
}

fn ps256() -> Value {
    let thumbprint = URL_SAFE_NO_PAD.encode(sha256(&certificate().der));
    json!({"typ": "JWT", "alg": "PS256", "x5t#S256": thumbprint})
}

fn post_signed(emulator: &Emulator, target: &str, header: &Value, audience: &str) -> Answer {
    let claims = json!({
        "aud": audience,
        "iss": demo::CLIENT_ID,
        "sub": demo::CLIENT_ID,
        "jti": "8f0e7a52-3c1d-4f3e-9a55-0c3a6b8f2d10",
        "nbf": now(),
        "exp": now() + 600,
    });
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::CLIENT_ID),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*certificate().sign(header, &claims)),
        ("scope", demo::API_SCOPE),
    ];
    post_to(emulator, target, &form)
}

fn url_of(target: &str) -> String {
    format!("http://login.microsoftonline.com{target}")
}

#[test]
fn every_kind_of_authority_has_its_token_endpoint() {
    let emulator = emulator();
    for target in EVERY_KIND {
        assert_eq!(post_to(&emulator, target, &demo_form()).claims()["tid"], demo::TENANT);
        let recorded = emulator.token_requests().pop().unwrap();
        assert_eq!(recorded.target, target);
        assert_eq!(recorded.tenant.as_deref(), Some(demo::TENANT));
        assert_eq!(recorded.client_id.as_deref(), Some(demo::CLIENT_ID));
        assert_eq!(recorded.answer_status, Some(200));
    }
    assert_eq!(emulator.traffic()[0].count, 4);
}

#[test]
fn every_kind_of_authority_checks_and_can_be_scripted() {
    let emulator = emulator();
    for target in EVERY_KIND {
        let answer = post_to(&emulator, target, &demo_form_with("client_secret", "wrong"));
        assert_eq!(answer.error(), error(401, "invalid_client", 7_000_215), "{target}");
        assert_eq!(get(&emulator, target).error(), error(400, "invalid_request", 900_561));
        emulator.script(demo::TENANT, demo::CLIENT_ID, vec![Scripted::status(503)]);
        assert_eq!(post_to(&emulator, target, &demo_form()).status, 503, "{target}");
    }
}

#[test]
fn the_tenant_of_a_path_must_exist() {
    let emulator = emulator();
    for target in [DSTS, B2C, B2C_WITHOUT_TFP] {
        let target = target.replace("contoso", "unknown");
        let answer = post_to(&emulator, &target, &demo_form());
        assert_eq!(answer.error(), error(400, "invalid_request", 90_002), "{target}");
    }
}

#[test]
fn adfs_and_dsts_accept_only_rs256_with_a_sha1_thumbprint() {
    let emulator = emulator();
    for target in [ADFS, DSTS] {
        post_signed(&emulator, target, &rs256(), &url_of(target)).token();
        let answer = post_signed(&emulator, target, &ps256(), &url_of(target));
        assert_eq!(answer.error(), error(401, "invalid_client", 5_002_738), "{target}");
        let mut without_x5t = ps256();
        without_x5t["alg"] = "RS256".into();
        let answer = post_signed(&emulator, target, &without_x5t, &url_of(target));
        assert_eq!(answer.error(), error(401, "invalid_client", 5_002_723), "{target}");
    }
    post_signed(&emulator, B2C, &ps256(), &url_of(B2C)).token();
}

#[test]
fn the_audience_is_the_requested_url() {
    let emulator = emulator();
    for target in EVERY_KIND {
        for audience in [
            format!("http://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT),
            format!("http://login.windows.net{target}"),
            format!("{}/", url_of(target)),
        ] {
            let answer = post_signed(&emulator, target, &rs256(), &audience);
            assert_eq!(answer.error(), error(401, "invalid_client", 700_023), "{audience}");
        }
        let with_query = format!("{target}?slice=test");
        post_signed(&emulator, &with_query, &rs256(), &url_of(target)).token();
    }
}

#[test]
fn adfs_and_dsts_accept_any_scope() {
    let emulator = emulator();
    for target in [ADFS, DSTS] {
        for scope in ["openid", "https://rp.example/api allatclaims", demo::API_SCOPE] {
            post_to(&emulator, target, &demo_form_with("scope", scope)).token();
            assert_eq!(emulator.issued_tokens().pop().unwrap().scope, scope);
        }
        let answer = post_to(&emulator, target, &demo_form_with("scope", "d\u{e9}mo"));
        assert_eq!(answer.error(), error(400, "invalid_scope", 70_011));
    }
    for target in [B2C, B2C_WITHOUT_TFP] {
        let answer = post_to(&emulator, target, &demo_form_with("scope", "openid"));
        assert_eq!(answer.error(), error(400, "invalid_scope", 1_002_012));
    }
}

#[test]
fn ciam_is_a_tenant_on_its_own_host() {
    let emulator = emulator();
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT_DOMAIN);
    let headers = [FORM, ("Host", "contoso.ciamlogin.com")];
    let body = encode(&demo_form());
    send(&emulator, "POST", &target, &headers, body.as_bytes()).token();
    assert_eq!(emulator.token_requests()[0].tenant.as_deref(), Some(demo::TENANT));
}

#[test]
fn adfs_of_an_empty_directory_has_no_tenant() {
    let directory = msal_emulator::Directory::empty();
    let emulator = Emulator::builder().directory(directory).start().unwrap();
    let answer = post_to(&emulator, ADFS, &demo_form());
    assert_eq!(answer.error(), error(400, "invalid_request", 900_023));
}
