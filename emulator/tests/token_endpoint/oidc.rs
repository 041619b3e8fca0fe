//! OpenID Connect issuers, each below its own path.

use msal_emulator::Directory;
use msal_emulator::Emulator;
use msal_emulator::OidcIssuer;
use msal_emulator::Scripted;
use msal_emulator::demo;
use serde_json::Value;

use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::error;
use crate::client::get;
use crate::client::post_to;
use crate::client::send;

fn emulator_with(issuer: OidcIssuer) -> Emulator {
    let directory = Directory::default().with_oidc_issuer(issuer);
    Emulator::builder().directory(directory).start().unwrap()
}

fn configuration(emulator: &Emulator, prefix: &str) -> Value {
    get(emulator, &format!("{prefix}/.well-known/openid-configuration")).json()
}

#[test]
fn an_issuer_is_found_below_its_path_on_any_host() {
    for prefix in ["/realms/demo", "/a/b/c/d", "/one", ""] {
        let emulator = emulator_with(OidcIssuer::new(prefix));
        let path = format!("{prefix}/.well-known/openid-configuration");
        for host in ["login.microsoftonline.com", "issuer.example:8443"] {
            let answer = send(&emulator, "GET", &path, &[("Host", host)], b"");
            assert_eq!(answer.header("cache-control"), Some("max-age=86400, private"));
            assert_eq!(answer.json()["issuer"], format!("http://{host}{prefix}"));
            assert_eq!(answer.json()["token_endpoint"], format!("http://{host}{prefix}/token"));
        }
        let keys = get(&emulator, &format!("{prefix}/keys")).json();
        assert_eq!(keys["keys"][0]["kty"], "EC");
    }
}

#[test]
fn an_issuer_gives_tokens_to_the_applications_of_its_tenant() {
    let emulator = emulator_with(OidcIssuer::new("/realms/demo").in_tenant(demo::OTHER_TENANT));
    let target = "/realms/demo/token";
    let form = demo_form_with("scope", "read write");
    assert_eq!(post_to(&emulator, target, &form).claims()["tid"], demo::OTHER_TENANT);
    let answer = post_to(&emulator, target, &demo_form_with("client_secret", "wrong"));
    assert_eq!(answer.error(), error(401, "invalid_client", 7_000_215));
    emulator.script(demo::OTHER_TENANT_DOMAIN, demo::CLIENT_ID, vec![Scripted::status(503)]);
    assert_eq!(post_to(&emulator, target, &demo_form()).status, 503);
    let recorded = emulator.token_requests();
    assert_eq!(recorded.len(), 3);
    assert_eq!(recorded[0].tenant.as_deref(), Some(demo::OTHER_TENANT));
    assert_eq!(recorded[0].client_id.as_deref(), Some(demo::CLIENT_ID));
}

#[test]
fn an_issuer_without_a_tenant_uses_the_first_one() {
    let emulator = emulator_with(OidcIssuer::new("/realms/demo"));
    let answer = post_to(&emulator, "/realms/demo/token", &demo_form());
    assert_eq!(answer.claims()["tid"], demo::TENANT);
}

#[test]
fn an_issuer_may_name_another_host() {
    let hostile = OidcIssuer::new("/realms/demo")
        .with_issuer("https://evil.example/realms/demo")
        .with_token_endpoint("https://evil.example/collect?x=1");
    let emulator = emulator_with(hostile);
    let body = configuration(&emulator, "/realms/demo");
    assert_eq!(body["issuer"], "https://evil.example/realms/demo");
    assert_eq!(body["token_endpoint"], "https://evil.example/collect?x=1");

    // The emulator records a client that accepts this endpoint.
    post_to(&emulator, "/collect?x=1", &demo_form()).token();
    assert_eq!(emulator.token_requests()[0].target, "/collect?x=1");
}

#[test]
fn an_issuer_may_replace_a_tenants_own() {
    let prefix = format!("/{}/v2.0", demo::TENANT);
    let emulator = emulator_with(OidcIssuer::new(&prefix).with_issuer("https://evil.example"));
    assert_eq!(configuration(&emulator, &prefix)["issuer"], "https://evil.example");
    let other = format!("/{}/v2.0", demo::OTHER_TENANT);
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", demo::OTHER_TENANT);
    assert_eq!(configuration(&emulator, &other)["issuer"], issuer);
}

#[test]
fn an_issuer_can_be_changed_between_two_requests() {
    let emulator = Emulator::start().unwrap();
    let path = "/realms/demo/.well-known/openid-configuration";
    assert_eq!(get(&emulator, path).status, 404);
    assert_eq!(post_to(&emulator, "/realms/demo/token", &demo_form()).status, 404);
    emulator
        .update(|directory| directory.oidc_issuers.push(OidcIssuer::new("/realms/demo")))
        .unwrap();
    assert_eq!(get(&emulator, path).status, 200);
    let unknown = OidcIssuer::new("/other").in_tenant("unknown.example");
    emulator.update(|directory| directory.oidc_issuers.push(unknown)).unwrap_err();
}
