use std::time::Duration;
use std::time::Instant;

use msal_emulator::Directory;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use serde_json::Value;
use serde_json::json;

use crate::client::demo_form;
use crate::client::error;
use crate::client::get;
use crate::client::post;
use crate::client::send;

fn instance_path(host: &str) -> String {
    format!(
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=\
         https%3A%2F%2F{host}%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize"
    )
}

#[test]
fn a_known_instance_is_described() {
    let emulator = Emulator::start().unwrap();
    let answer = get(&emulator, &instance_path("login.microsoftonline.us"));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("max-age=86400, private"));
    let metadata = &answer.json()["metadata"];
    assert_eq!(metadata[0]["preferred_network"], "login.microsoftonline.com");
    assert_eq!(metadata[0]["preferred_cache"], "login.windows.net");
    assert_eq!(metadata[0]["aliases"][3], "sts.windows.net");
    assert_eq!(metadata[3]["preferred_cache"], "login.microsoftonline.us");
}

#[test]
fn an_unknown_instance_is_invalid_unless_registered() {
    let emulator = Emulator::start().unwrap();
    let answer = get(&emulator, &instance_path("login.evil.example"));
    assert_eq!(answer.error(), error(400, "invalid_instance", 50_049));
    let directory = Directory::default().with_instance("login.evil.example");
    let emulator = Emulator::builder().directory(directory).start().unwrap();
    assert_eq!(get(&emulator, &instance_path("login.evil.example")).status, 200);
}

#[test]
fn the_new_and_the_test_clouds_are_known() {
    let emulator = Emulator::start().unwrap();
    for host in [
        "login.sovcloud-identity.fr",
        "login.sovcloud-identity.de",
        "login.sovcloud-identity.sg",
        "login.windows-ppe.net",
        "sts.windows-ppe.net",
        "login.microsoft-ppe.com",
    ] {
        let metadata = get(&emulator, &instance_path(host)).json()["metadata"].clone();
        let has = |entry: &Value| entry["aliases"].as_array().unwrap().contains(&host.into());
        assert_eq!(metadata.as_array().unwrap().iter().filter(|entry| has(entry)).count(), 1);
    }
}

#[test]
fn instance_discovery_answers_at_any_host() {
    let emulator = Emulator::start().unwrap();
    for host in ["login.microsoftonline.com", "login.windows.net:443", "127.0.0.1", "any.example"] {
        let path = instance_path("login.microsoftonline.us");
        assert_eq!(send(&emulator, "GET", &path, &[("Host", host)], b"").status, 200, "{host}");
        let path = instance_path("login.evil.example");
        let answer = send(&emulator, "GET", &path, &[("Host", host)], b"");
        assert_eq!(answer.error(), error(400, "invalid_instance", 50_049), "{host}");
    }
}

#[test]
fn discovery_is_scripted_separately() {
    let emulator = Emulator::start().unwrap();
    let configuration = format!("/{}/v2.0/.well-known/openid-configuration", demo::TENANT);
    emulator.script_any(vec![Scripted::status(503)]);
    emulator.script_discovery(vec![
        Scripted::status(500),
        Scripted::status(302).header("Location", "https://evil.example/"),
        Scripted::status(200).header("Content-Type", "text/html").body("<html>"),
        Scripted::json(200, json!({"issuer": "https://evil.example"})),
        Scripted::error(400, "invalid_instance", 50_049, "Unknown or invalid instance."),
        Scripted::status(200).body(vec![b' '; 10 * 1024 * 1024]),
        Scripted::normal().delay_before_headers(Duration::from_millis(30)),
    ]);
    assert_eq!(emulator.scripted_answers_left(), 8);
    let answers: Vec<_> = [
        instance_path("login.microsoftonline.us"),
        configuration.clone(),
        configuration.clone(),
        "/not/registered/.well-known/openid-configuration".to_owned(),
        configuration.clone(),
        configuration.clone(),
    ]
    .iter()
    .map(|path| get(&emulator, path))
    .collect();
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [500, 302, 200, 200, 400, 200]);
    assert_eq!(answers[1].header("location"), Some("https://evil.example/"));
    assert_eq!(answers[2].body, b"<html>");
    assert_eq!(answers[3].json()["issuer"], "https://evil.example");
    assert_eq!(answers[4].error(), error(400, "invalid_instance", 50_049));
    assert_eq!(answers[5].body.len(), 10 * 1024 * 1024);
    let started = Instant::now();
    assert!(get(&emulator, &configuration).json()["token_endpoint"].is_string());
    assert!(started.elapsed() >= Duration::from_millis(30));
    assert_eq!(emulator.requests()[0].answer_status, Some(500));

    // Token requests and discovery do not take each other's answers.
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).status, 503);
    emulator.script_discovery(vec![Scripted::status(500)]);
    post(&emulator, demo::TENANT, &demo_form()).token();
    emulator.clear_scripts();
    assert_eq!(get(&emulator, &configuration).status, 200);
}

#[test]
fn a_tenant_has_a_configuration_and_keys() {
    let emulator = Emulator::start().unwrap();
    let path = |tenant: &str| format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let body = get(&emulator, &path(demo::TENANT_DOMAIN)).json();
    let url = format!("http://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT);
    assert_eq!(body["token_endpoint"], url);
    let answer = get(&emulator, &path("unknown.example"));
    assert_eq!(answer.error(), error(400, "invalid_request", 90_002));
    assert_eq!(answer.header("cache-control"), Some("max-age=86400, private"));
    let keys = get(&emulator, &format!("/{}/discovery/v2.0/keys", demo::TENANT)).json();
    assert_eq!(keys["keys"][0]["kty"], "EC");
}

#[test]
fn other_routes_are_not_found() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(get(&emulator, "/").status, 404);
    assert_eq!(get(&emulator, "/a/b/c/d/e").status, 404);
}
