use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;

use crate::client::FORM;
use crate::client::demo_form;
use crate::client::demo_form_with;
use crate::client::encode;
use crate::client::error;
use crate::client::exchange;
use crate::client::get;
use crate::client::post;
use crate::client::post_to;
use crate::client::send;

fn target() -> String {
    format!("/{}/oauth2/v2.0/token", demo::TENANT)
}

#[test]
fn a_missing_or_unsupported_grant_type_is_refused() {
    let emulator = Emulator::start().unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form_with("grant_type", ""));
    assert_eq!(answer.error(), error(400, "invalid_request", 900_144));
    let answer = post(&emulator, demo::TENANT, &demo_form_with("grant_type", "password"));
    assert_eq!(answer.error(), error(400, "unsupported_grant_type", 70_003));
}

#[test]
fn only_a_posted_form_is_read() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(get(&emulator, &target()).error(), error(400, "invalid_request", 900_561));
    let json = [("Content-Type", "application/json")];
    let answer =
        send(&emulator, "POST", &target(), &json, br#"{"grant_type":"client_credentials"}"#);
    assert_eq!(answer.error(), error(400, "invalid_request", 900_144));
    let with_query = format!("{}?{}", target(), encode(&demo_form()));
    let answer = send(&emulator, "POST", &with_query, &[FORM], b"");
    assert_eq!(answer.error(), error(400, "invalid_request", 900_144));
}

#[test]
fn a_repeated_parameter_is_malformed() {
    let emulator = Emulator::start().unwrap();
    let mut form = demo_form();
    form.push(("scope", demo::API_SCOPE));
    let answer = post(&emulator, demo::TENANT, &form);
    assert_eq!(answer.error(), error(400, "invalid_request", 9_002_313));
}

#[test]
fn a_missing_credential_is_reported_before_an_unknown_tenant() {
    let emulator = Emulator::start().unwrap();
    for tenant in ["undefined", "common", demo::TENANT] {
        let answer = post(&emulator, tenant, &[("grant_type", "client_credentials")]);
        assert_eq!(answer.error(), error(401, "invalid_client", 7_000_216), "{tenant}");
    }
}

#[test]
fn two_credentials_are_refused() {
    let emulator = Emulator::start().unwrap();
    let mut form = demo_form();
    form.push(("client_assertion", "a.b.c"));
    let answer = post(&emulator, demo::TENANT, &form);
    assert_eq!(answer.error(), error(400, "invalid_request", 9_002_313));
}

#[test]
fn a_missing_client_id_or_scope_is_named() {
    let emulator = Emulator::start().unwrap();
    for name in ["client_id", "scope"] {
        let answer = post(&emulator, demo::TENANT, &demo_form_with(name, ""));
        assert_eq!(answer.error(), error(400, "invalid_request", 900_144));
        assert!(String::from_utf8(answer.body).unwrap().contains(&format!("'{name}'")));
    }
}

#[test]
fn each_kind_of_invalid_tenant_has_its_own_error() {
    let emulator = Emulator::start().unwrap();
    let code = |tenant: &str| post(&emulator, tenant, &demo_form()).error();
    assert_eq!(code("undefined"), error(400, "invalid_request", 900_023));
    assert_eq!(code("unknown.example"), error(400, "invalid_request", 90_002));
    let guid = "99999999-9999-4999-8999-999999999999";
    assert_eq!(code(guid), error(400, "invalid_request", 90_002));
    for tenant in ["common", "Organizations", "consumers"] {
        assert_eq!(code(tenant), error(400, "invalid_request", 50_059));
    }
}

#[test]
fn each_kind_of_unusable_application_has_its_own_error() {
    let emulator = Emulator::start().unwrap();
    let code = |client_id: &str| {
        post(&emulator, demo::TENANT, &demo_form_with("client_id", client_id)).error()
    };
    assert_eq!(code("unknown"), error(400, "unauthorized_client", 700_016));
    assert_eq!(code(demo::DISABLED_CLIENT_ID), error(400, "unauthorized_client", 7_000_112));
    assert_eq!(code(demo::PUBLIC_CLIENT_ID), error(401, "invalid_client", 700_025));
}

#[test]
fn a_scope_must_name_one_known_resource() {
    let emulator = Emulator::start().unwrap();
    let code = |scope: &str| post(&emulator, demo::TENANT, &demo_form_with("scope", scope)).error();
    assert_eq!(code("api://demo/Read"), error(400, "invalid_scope", 1_002_012));
    let two = format!("{} {}", demo::API_SCOPE, demo::GRAPH_SCOPE);
    assert_eq!(code(&two), error(400, "invalid_scope", 28_000));
    assert_eq!(code("api://d\u{e9}mo/.default"), error(400, "invalid_scope", 70_011));
    assert_eq!(code("api://nothing/.default"), error(400, "invalid_resource", 500_011));
}

#[test]
fn a_resource_may_require_a_role() {
    let emulator = Emulator::start().unwrap();
    post(&emulator, demo::TENANT, &demo_form_with("scope", demo::ASSIGNED_API_SCOPE)).token();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", demo::OTHER_CLIENT_ID),
        ("client_secret", demo::other_client_secret()),
        ("scope", demo::ASSIGNED_API_SCOPE),
    ];
    let answer = post(&emulator, demo::TENANT, &form);
    assert_eq!(answer.error(), error(400, "invalid_grant", 501_051));
}

#[test]
fn conditional_access_may_block_an_application() {
    let emulator = Emulator::start().unwrap();
    emulator
        .update(|directory| {
            let application = directory.application_mut(demo::CLIENT_ID).unwrap();
            application.conditional_access_blocked = true;
        })
        .unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form());
    assert_eq!(answer.error(), error(400, "invalid_grant", 53_003));
}

#[test]
fn claims_must_be_a_json_object() {
    let emulator = Emulator::start().unwrap();
    for claims in ["not json", "[]", "null"] {
        let answer = post(&emulator, demo::TENANT, &demo_form_with("claims", claims));
        assert_eq!(answer.status, 400, "{claims}");
    }
    post(&emulator, demo::TENANT, &demo_form_with("claims", "{}")).token();
}

#[test]
fn parameters_that_msals_libraries_add_are_ignored_or_echoed() {
    let emulator = Emulator::start().unwrap();
    let id = "12345678-1234-4234-8234-123456789abc";
    let mut form = demo_form();
    form.extend([("x-client-SKU", "msal.js.node"), ("client-request-id", id)]);
    form.extend([("return-client-request-id", "true"), ("client_info", "2")]);
    let answer = post(&emulator, demo::TENANT, &form);
    answer.token();
    assert_eq!(answer.header("client-request-id"), Some(id));
    assert_eq!(answer.header("x-ms-clitelem"), Some("1,0,0,,"));
    assert!(answer.json()["client_info"].is_string());
}

/// `1` asks about a user, and `2` about the application.
#[test]
fn client_info_is_about_the_application() {
    let emulator = Emulator::start().unwrap();
    let answer = post(&emulator, demo::TENANT, &demo_form_with("client_info", "1"));
    answer.token();
    assert!(answer.json().get("client_info").is_none());
    let answer = post(&emulator, demo::TENANT, &demo_form_with("client_info", "2"));
    assert!(answer.json()["client_info"].is_string());
}

#[test]
fn unknown_parameters_are_recorded_and_ignored() {
    let emulator = Emulator::start().unwrap();
    let unknown = [
        ("fmi_path", "SomeFmiPath/Path"),
        ("attributes", r#"{"sg":["1"]}"#),
        ("attribute_tokens", "one two"),
        ("own_parameter", "a&b"),
    ];
    let form = [demo_form(), unknown.to_vec()].concat();
    let target = format!("{}?slice=test&dc=x%20y&slice=again", target());
    let claims = post_to(&emulator, &target, &form).claims();
    assert_eq!(claims["xms_fmi_path"], "SomeFmiPath/Path");

    let recorded = &emulator.token_requests()[0];
    for (name, value) in unknown {
        assert_eq!(recorded.parameter(name), Some(value));
        assert_eq!(recorded.query_parameter(name), None);
    }
    let query: Vec<_> = recorded.query.iter().map(|(name, it)| (&**name, &**it)).collect();
    assert_eq!(query, [("slice", "test"), ("dc", "x y"), ("slice", "again")]);
    assert_eq!(recorded.query_parameter("dc"), Some("x y"));
    assert_eq!(recorded.parameter("dc"), None);
}

#[test]
fn a_token_contains_the_fmi_path() {
    let emulator = Emulator::start().unwrap();
    let path_of = |path: &str| {
        let form = [demo_form(), vec![("fmi_path", path)]].concat();
        post(&emulator, demo::TENANT, &form).claims()["xms_fmi_path"].clone()
    };
    assert_eq!((path_of("one"), path_of("two")), ("one".into(), "two".into()));
    emulator.script_any(vec![Scripted::token(60)]);
    assert_eq!(path_of("scripted"), "scripted");
    let claims = post(&emulator, demo::TENANT, &demo_form()).claims();
    assert!(claims.get("xms_fmi_path").is_none());
}

#[test]
fn an_error_names_the_requested_region() {
    let emulator = Emulator::start().unwrap();
    let form = encode(&demo_form_with("client_secret", "wrong"));
    for host in ["westeurope.login.microsoft.com", "westeurope.login.microsoftonline.us"] {
        let headers = [FORM, ("Host", host)];
        let answer = send(&emulator, "POST", &target(), &headers, form.as_bytes());
        assert_eq!(answer.json()["error_uri"], format!("https://{host}/error?code=7000215"));
    }
}

#[test]
fn a_correlation_id_that_is_not_a_guid_is_replaced() {
    let emulator = Emulator::start().unwrap();
    let mut form = demo_form_with("client_secret", "wrong");
    form.push(("client-request-id", "mine"));
    let correlation_id = post(&emulator, demo::TENANT, &form).json()["correlation_id"].clone();
    assert_eq!(correlation_id.as_str().unwrap().len(), 36);
}

#[test]
fn malformed_requests_are_answered_and_the_emulator_keeps_serving() {
    let emulator = Emulator::start().unwrap();
    for bytes in [
        &b"\x16\x03\x01\x00\x05hello\r\n\r\n"[..],
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let answer = exchange(emulator.http_address(), bytes);
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{bytes:?}");
    }
    let many: String = (0..200_000).map(|name| format!("{name}&")).collect();
    send(&emulator, "POST", &target(), &[FORM], many.as_bytes());
    let large = b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
    assert!(exchange(emulator.http_address(), large).starts_with(b"HTTP/1.1 413 "));
    post(&emulator, demo::TENANT, &demo_form()).token();
}

#[test]
fn a_chunked_request_is_read() {
    let emulator = Emulator::start().unwrap();
    let form = encode(&demo_form());
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded; \
         charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{form}\r\n0\r\n\r\n",
        target(),
        form.len()
    );
    let answer = exchange(emulator.http_address(), request.as_bytes());
    crate::client::Answer::parse(&answer).token();
}
