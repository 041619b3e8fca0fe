//! The command line as a process: its output and its exit status.

mod cache;
mod certificates;

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use msal_artifact::Artifact;
use msal_emulator::ClientSecret;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host_tests::KEY_CASES;
use msal_host_tests::PASSPHRASE;
use msal_host_tests::Run;
use msal_host_tests::built;
use msal_host_tests::certificate_der;
use msal_host_tests::command_line;
use msal_host_tests::key_file;
use msal_host_tests::key_file_path;
use msal_host_tests::key_text;
use msal_host_tests::unexpired_cache;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

#[test]
fn a_secret_from_a_file_gets_a_token_in_one_line_without_showing_it() {
    let here = Here::new();
    for content in ["{}", "{}\n", "{}\r\n"] {
        let file = here.write("secret", content.replace("{}", demo::client_secret()));
        let run = here.acquire(&["--client-secret-file", &file]);
        run.assert_success();
        assert_eq!(run.out.lines().count(), 1, "{run:?}");
        assert!(run.out.starts_with("identity-provider "), "{run:?}");
        assert!(run.out.contains(" ms  expires 20"), "{run:?}");
        assert!(run.err.is_empty(), "{run:?}");
        here.assert_nothing_shown(&run);
    }
}

#[test]
fn a_token_is_printed_only_on_request() {
    let here = Here::new();
    let text = here.acquire_with_secret(&["--show-token"]);
    text.assert_success();
    let issued = here.emulator.issued_tokens();
    assert_eq!(text.out.lines().nth(1), Some(issued[0].token.as_str()), "on a separate line");
    assert_eq!(text.out.lines().count(), 2);

    let line = here.acquire_with_secret(&["--show-token", "--output", "json"]).json().remove(0);
    let issued = here.emulator.issued_tokens();
    assert_eq!(line["result"]["access_token"], issued[1].token);

    for output in ["text", "json"] {
        here.assert_nothing_shown(&here.acquire_with_secret(&["--output", output]));
    }
}

#[test]
fn json_output_is_one_object_per_call_with_the_contracts_names_and_a_summary() {
    let here = Here::new();
    let run = here.acquire_with_secret(&["--output", "json", "--count", "3"]);
    run.assert_success();
    let lines = run.json();
    assert_eq!(lines.len(), 4);
    for (number, line) in lines[..3].iter().enumerate() {
        let result = &line["result"];
        assert_eq!(result["token_type"], "Bearer");
        assert!(result["expires_on"].is_u64() && result["refresh_on"].is_null());
        assert_eq!(result["scopes"], json!([demo::API_SCOPE]));
        assert_eq!(result["tenant_id"], demo::TENANT);
        let metadata = &result["metadata"];
        let source = if number == 0 { "identity-provider" } else { "cache" };
        assert_eq!(metadata["token_source"], source);
        for name in ["cache_refresh_reason", "token_endpoint"] {
            assert!(metadata[name].is_string(), "{name}");
        }
        for name in ["duration_total_us", "duration_in_cache_us", "duration_in_http_us"] {
            assert!(metadata[name].is_u64(), "{name}");
        }
        assert_eq!(metadata["warnings"], json!([]));
        assert_snake_case(line);
    }
    let summary = &lines[3]["summary"];
    assert_eq!(summary["calls"], 3);
    assert_eq!(summary["identity_provider"], 1);
    assert_eq!(summary["cache"], 2);
    assert_eq!(summary["errors"], 0);
    assert!(summary["p50_us"].as_u64() <= summary["p99_us"].as_u64());
    assert_snake_case(&lines[3]);
}

#[test]
fn many_concurrent_calls_share_the_store() {
    let here = Here::new();
    let store = format!("sqlite:{}", here.path("tokens.db").display());
    let many = ["--count", "20", "--concurrency", "4", "--store", &store, "--output", "json"];
    let run = here.acquire_with_secret(&many);
    run.assert_success();
    let lines = run.json();
    assert_eq!(lines.len(), 21);
    let summary = &lines[20]["summary"];
    let fetched = summary["identity_provider"].as_u64().unwrap();
    assert!((1..=4).contains(&fetched), "{summary}");
    assert_eq!(summary["cache"], 20 - fetched);
    assert_eq!(here.emulator.token_requests().len() as u64, fetched);

    let text = here.acquire_with_secret(&many[..6]);
    text.assert_success();
    assert_eq!(text.out.lines().count(), 21);
    assert!(text.out.lines().last().unwrap().starts_with("20 calls: 20 from the cache, 0 from "));
    assert_eq!(here.emulator.token_requests().len() as u64, fetched);
}

#[test]
fn certificates_of_every_form_get_a_token() {
    let here = Here::new();
    here.register_certificate();
    let passphrase = here.write("passphrase", format!("{PASSPHRASE}\n"));
    let key = |name: &str| here.write(name, key_file(name));
    let (pem, encrypted, pfx) =
        (key("rsa2048.pem"), key("rsa2048.encrypted.pem"), key("rsa2048.pfx"));
    let forms: [&[&str]; 7] = [
        &["--certificate", &pem, "--authority-type", "entra"],
        // A server that is not Microsoft's gets the algorithm and thumbprint that the MSALs send to it.
        &["--certificate", &pem],
        &["--certificate", &pem, "--alg", "RS256"],
        &["--certificate", &pem, "--alg", "ps256", "--send-x5c"],
        &["--certificate", &encrypted, "--passphrase-file", &passphrase, "--alg", "PS256"],
        &["--certificate", &pfx, "--passphrase-file", &passphrase, "--alg", "PS256"],
        &["--certificate", &pfx, "--passphrase-file", &passphrase, "--send-x5c", "--alg", "RS256"],
    ];
    for form in forms {
        here.emulator.clear_requests();
        let run = here.acquire(form);
        run.assert_success();
        here.assert_nothing_shown(&run);
        let requests = here.emulator.token_requests();
        let header = jwt_part(requests[0].parameter("client_assertion").unwrap(), 0);
        let is_ps256 = ["PS256", "ps256", "entra"].iter().any(|word| form.contains(word));
        let algorithm = if is_ps256 { "PS256" } else { "RS256" };
        assert_eq!(header["alg"], algorithm, "{form:?}");
        assert_eq!(header.get("x5c").is_some(), form.contains(&"--send-x5c"), "{form:?}");
        assert_eq!(requests[0].parameter("client_secret"), None);
    }
}

#[test]
fn an_assertion_from_a_file_is_sent_as_it_is() {
    let here = Here::new();
    here.register_certificate();
    let pem = here.write("key.pem", key_file("rsa2048.pem"));
    here.acquire(&["--certificate", &pem]).assert_success();
    let requests = here.emulator.token_requests();
    let assertion = requests[0].parameter("client_assertion").unwrap().to_owned();

    let file = here.write("assertion", format!("{assertion}\n"));
    let run = here.acquire(&["--assertion-file", &file]);
    run.assert_success();
    assert!(!run.both().contains(&assertion));
    let requests = here.emulator.token_requests();
    assert_eq!(requests[1].parameter("client_assertion"), Some(assertion.as_str()));
}

#[test]
fn options_of_the_request_are_passed_on() {
    let here = Here::new();
    let run = here.acquire_with_secret(&["--force-refresh", "--count", "3", "--output", "json"]);
    assert_eq!(run.json()[3]["summary"]["identity_provider"], 3);

    here.emulator.clear_requests();
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
    here.acquire_with_secret(&["--claims", claims]).assert_success();
    let requests = here.emulator.token_requests();
    let sent: Value = serde_json::from_str(requests[0].parameter("claims").unwrap()).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(claims).unwrap());

    let other = ["--tenant", demo::OTHER_TENANT, "--output", "json"];
    let line = here.acquire_with_secret(&other).json().remove(0);
    assert_eq!(line["result"]["tenant_id"], demo::OTHER_TENANT);
    assert_eq!(here.emulator.issued_tokens().last().unwrap().tenant, demo::OTHER_TENANT);
}

#[test]
fn all_options_of_a_request_are_passed_on() {
    let here = Here::new();
    let run = here.acquire_with_secret(&[
        "--capability",
        "cp1",
        "--claims-from-client",
        r#"{"a":1}"#,
        "--fmi-path",
        "a/b",
        "--attributes",
        r#"{"b":2}"#,
        "--attribute-token",
        "two",
        "--attribute-token",
        "one",
        "--body-parameter",
        "dc=ESTS=1",
        "--query-parameter",
        "slice=test",
        "--header",
        "X-Mine=here",
        "--correlation-id",
        "11111111-2222-3333-4444-555555555555",
    ]);
    run.assert_success();
    let requests = here.emulator.token_requests();
    let request = &requests[0];
    for (name, value) in [
        ("claims", r#"{"a":1,"access_token":{"xms_cc":{"values":["cp1"]}}}"#),
        ("fmi_path", "a/b"),
        ("attributes", r#"{"b":2}"#),
        ("attribute_tokens", "one two"),
        ("dc", "ESTS=1"),
    ] {
        assert_eq!(request.parameter(name), Some(value), "{name}");
    }
    assert_eq!(request.query_parameter("slice"), Some("test"));
    assert_eq!(request.header("x-mine"), Some("here"));
    let correlation_id = Some("11111111-2222-3333-4444-555555555555");
    assert_eq!(request.header("client-request-id"), correlation_id);
}

#[test]
fn every_kind_of_authority_has_its_own_token_endpoint() {
    let here = Here::new();
    for (kind, path, target) in [
        ("entra", demo::TENANT, "/{}/oauth2/v2.0/token"),
        ("generic", demo::TENANT, "/{}/oauth2/v2.0/token"),
        ("adfs", "adfs", "/adfs/oauth2/token"),
        ("dsts", "dstsv2/{}", "/dstsv2/{}/oauth2/v2.0/token"),
        ("b2c", "tfp/{}/policy", "/tfp/{}/policy/oauth2/v2.0/token"),
        ("ciam", demo::TENANT, "/{}/oauth2/v2.0/token"),
        ("oidc", "{}/v2.0", "/{}/oauth2/v2.0/token"),
    ] {
        here.emulator.clear_requests();
        let authority =
            format!("{}/{}", here.emulator.https_url(), path.replace("{}", demo::TENANT));
        let mut command = command_line();
        command.args(["acquire", "--authority", &authority, "--authority-type", kind]);
        command.args(["--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE]);
        command.args(["--client-secret-file", &here.secret()]);
        command.args(["--ca-certificate", &here.authority()]);
        Run::of(&mut command).assert_success();
        let target = target.replace("{}", demo::TENANT);
        assert_eq!(here.emulator.token_requests()[0].target, target, "{kind}");
        let discovered = here.emulator.requests().iter().any(|request| request.method == "GET");
        assert_eq!(discovered, kind == "oidc", "{kind}");
    }
}

#[test]
fn a_region_is_called_by_its_own_host_name() {
    let here = Here::new();
    let run = here.acquire_as(
        &["westeurope.login.microsoft.com"],
        demo::TENANT,
        &["--region", "westeurope", "--output", "json"],
    );
    let metadata = &run.json()[0]["result"]["metadata"];
    assert_eq!(metadata["region_outcome"], "regional");
    let requests = here.emulator.token_requests();
    assert_eq!(requests[0].server_name.as_deref(), Some("westeurope.login.microsoft.com"));
}

#[test]
fn clouds_are_read_from_a_file_in_msals_format() {
    let here = Here::known_as(&["login.corp.example", "sts.corp.example"]);
    let authority = format!("https://login.corp.example/{}", demo::TENANT);
    let clouds = json!({
        "tenant_discovery_endpoint": "https://login.corp.example/t/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": "sts.corp.example",
            "preferred_cache": "login.corp.example",
            "aliases": ["login.corp.example", "sts.corp.example"],
        }],
    });
    let file = here.write("clouds.json", clouds.to_string());
    let hosts = ["login.corp.example", "sts.corp.example"];
    let words = ["--instance-metadata-file", &file];
    here.acquire_as(&hosts, &authority, &words).assert_success();
    let requests = here.emulator.token_requests();
    assert_eq!(requests[0].server_name.as_deref(), Some("sts.corp.example"));

    here.write("clouds.json", "{}");
    let run = here.acquire_as(&hosts, &authority, &words);
    run.assert_one_error("error: --instance-metadata-file: ");
    assert!(run.err.contains("metadata"), "{run:?}");
}

#[test]
fn an_unknown_host_gets_no_credential_if_validation_is_on() {
    let here = Here::known_as(&["login.corp.example"]);
    let authority = format!("https://login.corp.example/{}", demo::TENANT);
    let hosts = ["login.corp.example", "login.microsoftonline.com"];
    let words = ["--authority-type", "entra", "--validate-authority"];
    let run = here.acquire_as(&hosts, &authority, &words);
    assert_eq!(run.status, Some(1), "{run:?}");
    let targets: Vec<String> =
        here.emulator.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert!(targets[0].starts_with("/common/discovery/instance?"), "{targets:?}");
}

#[test]
fn extra_claims_are_signed_with_a_certificate() {
    let here = Here::new();
    here.register_certificate();
    let pem = here.write("key.pem", key_file("rsa2048.pem"));
    let run = here.acquire(&[
        "--certificate",
        &pem,
        "--extra-claims",
        r#"{"of":"certificate","both":1}"#,
        "--extra-assertion-claims",
        r#"{"by":"request","both":2}"#,
    ]);
    run.assert_success();
    let requests = here.emulator.token_requests();
    let claims = jwt_part(requests[0].parameter("client_assertion").unwrap(), 1);
    assert_eq!(claims["of"], "certificate");
    assert_eq!(claims["by"], "request");
    assert_eq!(claims["both"], 2);
}

#[test]
fn a_cached_token_that_is_rejected_or_lives_too_briefly_is_not_served() {
    let here = Here::new();
    let store = format!("sqlite:{}", here.path("tokens.db").display());
    let source = |words: &[&str]| {
        let words = [&["--store", &store, "--output", "json"], words].concat();
        let line = here.acquire_with_secret(&words).json().remove(0);
        line["result"]["metadata"]["token_source"].as_str().unwrap().to_owned()
    };
    source(&[]);
    let rejected = sha256(&here.emulator.issued_tokens()[0].token);
    assert_eq!(source(&["--minimum-validity-seconds", "600"]), "cache");
    assert_eq!(source(&["--refresh-if-sha256", &sha256("another")]), "cache");
    assert_eq!(source(&["--refresh-if-sha256", &rejected]), "identity-provider");
    assert_eq!(source(&["--minimum-validity-seconds", "200000"]), "identity-provider");
}

#[test]
fn a_token_due_for_refresh_is_refreshed_or_reported_as_due() {
    for (policy, source, is_due) in
        [("inline", "identity-provider", false), ("deferred", "cache", true)]
    {
        let here = Here::new();
        let answer = json!({
            "token_type": "Bearer", "access_token": "a", "expires_in": 3600, "refresh_in": 1,
        });
        here.emulator.script_any(vec![Scripted::status(200).body(answer.to_string())]);
        let store = format!("sqlite:{}", here.path("tokens.db").display());
        let words = ["--store", &store, "--refresh-policy", policy, "--output", "json"];
        here.acquire_with_secret(&words).assert_success();
        // The clock of another process cannot be set.
        std::thread::sleep(Duration::from_secs(1));
        let line = here.acquire_with_secret(&words).json().remove(0);
        assert_eq!(line["result"]["metadata"]["token_source"], source, "{line}");
        assert_eq!(line["result"]["metadata"]["refresh_due"], is_due, "{line}");
    }
}

#[test]
fn several_secrets_are_tried_in_order() {
    let here = Here::new();
    let (wrong, right) = (here.write("wrong", "a wrong secret"), here.secret());
    let words = ["--client-secret-file", &wrong, "--client-secret-file", &right];
    let line = here.acquire(&[&words[..], &["--output", "json"]].concat()).json().remove(0);
    assert_eq!(line["result"]["metadata"]["credential_index"], 1);
    assert_eq!(line["result"]["metadata"]["token_requests"], 2);
    assert_eq!(line["result"]["metadata"]["region_outcome"], "not-requested");
}

#[test]
fn certificates_are_tried_before_secrets_and_secrets_before_an_assertion() {
    let here = Here::new();
    let plain = here.write("plain.pem", key_file("rsa2048.pem"));
    let encrypted = here.write("encrypted.pem", key_file("rsa2048.encrypted.pem"));
    let (unused, passphrase) = (here.write("unused", "-"), here.write("passphrase", PASSPHRASE));
    let (wrong, assertion) = (here.write("wrong", "wrong"), here.write("assertion", "a.b.c"));
    let run = here.acquire(&[
        "--assertion-file",
        &assertion,
        "--client-secret-file",
        &wrong,
        "--certificate",
        &plain,
        "--certificate",
        &encrypted,
        "--passphrase-file",
        &unused,
        "--passphrase-file",
        &passphrase,
    ]);
    assert_eq!(run.status, Some(1), "{run:?}");
    here.assert_nothing_shown(&run);
    let requests = here.emulator.token_requests();
    let proofs: Vec<&str> = requests
        .iter()
        .map(|request| match request.parameter("client_assertion") {
            Some("a.b.c") => "assertion",
            Some(_) => "certificate",
            None => request.parameter("client_secret").unwrap(),
        })
        .collect();
    assert_eq!(proofs, ["certificate", "certificate", "wrong", "assertion"]);

    let run = here.acquire(&[
        "--certificate",
        &plain,
        "--certificate",
        &encrypted,
        "--certificate",
        &plain,
        "--passphrase-file",
        &unused,
        "--passphrase-file",
        &passphrase,
    ]);
    run.assert_one_error("error: --passphrase-file: ");
}

#[test]
fn a_federated_token_is_read_anew_for_each_token_request() {
    let here = Here::new();
    let token = here.write("federated", "a.b.c\n");
    let run = here.acquire(&["--federated-token-file", &token]);
    run.assert_one_error("50027");
    assert!(!run.both().contains("a.b.c"), "{run:?}");
    assert_eq!(here.emulator.token_requests()[0].parameter("client_assertion"), Some("a.b.c"));

    let absent = here.path("absent").display().to_string();
    let run = here.acquire(&["--federated-token-file", &absent]);
    run.assert_one_error("--federated-token-file: cannot read");
    assert_eq!(here.emulator.token_requests().len(), 1);
}

#[test]
fn a_federated_token_that_was_replaced_meanwhile_is_sent() {
    let here = Here::new();
    let (first, second) = (here.assertion(), here.assertion());
    assert_ne!(first, second);
    here.emulator.clear_requests();
    let token = here.write("federated", &first);
    // Leaves time to replace the file before the second call.
    let slow = Scripted::normal().delay_before_headers(Duration::from_secs(1));
    here.emulator.script_any(vec![slow]);
    let words = ["--federated-token-file", &token, "--count", "2", "--output", "json"];
    let mut command = here.command(&words);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while here.emulator.requests().is_empty() {
        std::thread::yield_now();
    }
    here.write("federated", &second);
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let requests = here.emulator.token_requests();
    let sent: Vec<Option<&str>> =
        requests.iter().map(|request| request.parameter("client_assertion")).collect();
    assert_eq!(sent, [Some(first.as_str()), Some(second.as_str())], "nothing was cached");
}

#[test]
fn tokens_of_a_federated_token_are_cached_under_the_given_key() {
    let here = Here::new();
    let token = here.write("federated", here.assertion());
    let key = here.write("key", [1; 32]);
    here.emulator.clear_requests();
    let words = ["--federated-token-file", &token, "--cache-key-file", &key, "--count", "2"];
    here.acquire(&words).assert_success();
    assert_eq!(here.emulator.token_requests().len(), 1);
}

#[test]
fn the_demonstration_uses_a_federated_workloads_token() {
    let here = Here::new();
    let token = here.write("federated", here.assertion());
    let variables = [
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_AUTHORITY_HOST", &here.emulator.https_url()),
        ("SSL_CERT_FILE", &here.authority()),
    ];
    let ask = |path: &str| {
        let mut command = command_line();
        Run::of(command.envs(variables).env("AZURE_FEDERATED_TOKEN_FILE", path))
    };
    let run = ask(&token);
    run.assert_success();
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("identity-provider "), "{run:?}");
    assert!(lines[1].starts_with("cache "), "{run:?}");
    here.assert_nothing_shown(&run);

    let run = ask("no/such/file");
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.err.contains("AZURE_FEDERATED_TOKEN_FILE: cannot read the file"), "{run:?}");
}

#[test]
fn a_deadline_ends_a_call_that_gets_no_answer() {
    let here = Here::new();
    here.acquire_with_secret(&[]).assert_success();
    here.emulator.script_any(vec![Scripted::hang(), Scripted::hang()]);
    let started = Instant::now();
    let run = here.acquire_with_secret(&["--deadline-ms", "700", "--output", "json"]);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(run.status, Some(1));
    let lines = run.json();
    assert!(lines[0]["error"]["cause"]["unreachable"].is_string(), "{lines:?}");
    assert_snake_case(&lines[0]);
    assert_eq!(lines[1]["summary"]["errors"], 1);
}

#[test]
fn a_name_is_resolved_as_configured_and_the_given_ca_is_trusted() {
    let here = Here::new();
    let secret = here.secret();
    let mapping = format!("login.microsoftonline.com:443:{}", here.emulator.https_address());
    let plain = |words: &[&str]| {
        let mut command = command_line();
        command.args(["acquire", "--authority", demo::TENANT, "--client-id", demo::CLIENT_ID]);
        command.args(["--scope", demo::API_SCOPE, "--client-secret-file", &secret]).args(words);
        Run::of(&mut command)
    };
    plain(&["--resolve", &mapping, "--ca-certificate", &here.authority()]).assert_success();
    assert!(here.emulator.requests()[0].tls);
    assert_eq!(
        here.emulator.requests()[0].server_name.as_deref(),
        Some("login.microsoftonline.com")
    );

    here.emulator.clear_requests();
    let untrusted = plain(&["--resolve", &mapping]);
    untrusted.assert_one_error("certificate");
    assert!(here.emulator.requests().is_empty(), "nothing is sent to a server that is not trusted");
}

#[test]
fn the_authorities_of_ssl_cert_file_and_ssl_cert_dir_are_trusted() {
    let here = Here::new();
    let folder = here.path("authorities");
    fs::create_dir(&folder).unwrap();
    fs::copy(here.authority(), folder.join("authority.pem")).unwrap();
    here.acquire_trusting(&[("SSL_CERT_FILE", &here.authority())]).assert_success();
    here.acquire_trusting(&[("SSL_CERT_DIR", folder.to_str().unwrap())]).assert_success();
    // The demonstration has no flag for it.
    let run = Run::of(command_line().env("SSL_CERT_FILE", here.authority()).envs([
        ("AZURE_AUTHORITY_HOST", here.emulator.https_url().as_str()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", demo::client_secret()),
    ]));
    run.assert_success();
    here.assert_nothing_shown(&run);

    // They replace the platform's authorities, and the flag adds to them.
    let other = Here::new();
    let run = here.acquire_trusting(&[("SSL_CERT_FILE", &other.authority())]);
    assert!(run.err.contains("certificate cannot be trusted"), "{run:?}");
    let mut command = here.command(&["--client-secret-file", &here.secret()]);
    Run::of(command.env("SSL_CERT_FILE", other.authority())).assert_success();
}

/// Reported of tools that ignore such a variable: they trust other authorities than the operator believes.
#[test]
fn a_variable_without_a_certificate_is_one_line_that_names_it_before_the_call() {
    let here = Here::new();
    let text = here.write("text.pem", "no certificate");
    let empty = here.path("empty");
    fs::create_dir(&empty).unwrap();
    for (name, value, reason) in [
        ("SSL_CERT_FILE", "/no/such/file.pem", "cannot read the file"),
        ("SSL_CERT_FILE", text.as_str(), "contains no certificate in PEM format"),
        ("SSL_CERT_DIR", "/no/such/folder", "cannot read the folder"),
        ("SSL_CERT_DIR", empty.to_str().unwrap(), "contains no certificate in PEM format"),
    ] {
        let run = here.acquire_trusting(&[(name, value)]);
        run.assert_one_error(&format!("error: {name}: "));
        assert!(run.err.contains(reason) && !run.err.contains(value), "{run:?}");
        let demonstration = Run::of(command_line().env(name, value));
        assert_eq!(demonstration.status, Some(1));
        let last = demonstration.err.lines().last().unwrap_or_default();
        assert!(last.starts_with(&format!("error: {name}: ")), "{demonstration:?}");
    }
    assert_eq!(here.emulator.connections(), 0);
}

#[test]
fn plain_http_on_loopback_is_allowed_on_request_only() {
    let here = Here::new();
    let authority = format!("{}/{}", here.emulator.http_url(), demo::TENANT);
    let secret = here.secret();
    let plain = |words: &[&str]| {
        let mut command = command_line();
        command.args(["acquire", "--authority", &authority, "--client-id", demo::CLIENT_ID]);
        command.args(["--scope", demo::API_SCOPE, "--client-secret-file", &secret]).args(words);
        Run::of(&mut command)
    };
    let refused = plain(&[]);
    refused.assert_one_error("application.authority");
    assert!(refused.err.contains("allow-insecure-loopback"), "{refused:?}");
    assert_eq!(here.emulator.connections(), 0);
    plain(&["--allow-insecure-loopback"]).assert_success();
}

#[test]
fn the_built_in_component_and_one_from_a_file_share_a_store() {
    let here = Here::new();
    let store = format!("sqlite:{}", here.path("tokens.db").display());
    let component = here.write("component.wasm", built(Artifact::ComponentDraft));
    here.acquire_with_secret(&["--store", &store]).assert_success();
    here.acquire_with_secret(&["--store", &store, "--component", &component]).assert_success();
    assert_eq!(here.emulator.token_requests().len(), 1, "the second was served from the store");
}

#[test]
fn compiled_code_is_kept_where_no_one_else_may_write() {
    let here = Here::new();
    let cache = here.path("compiled");
    let folder = cache.display().to_string();
    let acquire = || here.acquire_with_secret(&["--compiled-cache", &folder]);
    for _ in 0..2 {
        let run = acquire();
        run.assert_success();
        assert_eq!(run.err, "", "the built-in component is compiled without a notice");
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
    }
    let component = here.write("component.wasm", built(Artifact::ComponentDraft));
    for expected in ["compiling --component…\n", ""] {
        let words = ["--compiled-cache", &folder, "--component", &component];
        let run = here.acquire_with_secret(&words);
        run.assert_success();
        assert_eq!(run.err, expected);
    }
    let run = here.acquire_with_secret(&["--compiled-cache", "off"]);
    run.assert_success();
    assert_eq!(run.err, "");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        fs::set_permissions(&cache, PermissionsExt::from_mode(0o777)).unwrap();
        let run = acquire();
        run.assert_success();
        let warning = "warning: --compiled-cache: the folder is not used: others may write";
        assert!(run.err.starts_with(warning) && run.err.lines().count() == 1, "{run:?}");
    }
    let file = here.write("file", "");
    let run = here.acquire_with_secret(&["--compiled-cache", &file]);
    run.assert_success();
    assert!(run.err.starts_with("warning: --compiled-cache: "), "{run:?}");
}

#[test]
fn cache_keys_from_files_seal_and_open() {
    let here = Here::new();
    let store = format!("sqlite:{}", here.path("tokens.db").display());
    let (old, new) = (here.write("old", [1; 32]), here.write("new", [2; 32]));
    let source = |words: &[&str]| {
        let mut all = vec!["--store", &store, "--output", "json"];
        all.extend(words);
        let line = here.acquire_with_secret(&all).json().remove(0);
        line["result"]["metadata"]["token_source"].as_str().unwrap().to_owned()
    };
    assert_eq!(source(&["--cache-key-file", &old]), "identity-provider");
    assert_eq!(source(&["--cache-key-file", &new, "--cache-key-file", &old]), "cache");
    assert_eq!(source(&["--cache-key-file", &new]), "identity-provider");
    assert_eq!(source(&["--store-name", "another", "--cache-key-file", &new]), "identity-provider");
}

#[test]
fn an_unknown_store_name_is_a_warning_and_not_a_failure() {
    let here = Here::new();
    let run = here.acquire_with_secret(&["--store-name", "no such/store"]);
    run.assert_success();
    assert!(run.err.starts_with("warning: cannot open the key-value store"), "{run:?}");
    assert_eq!(run.err.lines().count(), 1, "{run:?}");
}

#[test]
fn an_unusable_file_is_one_line_that_names_its_flag() {
    let here = Here::new();
    let (empty, folder) = (here.write("empty", ""), here.folder.path().display().to_string());
    let binary = here.write("binary", [0xff, 0xfe, 0]);
    let text = here.write("text", "needle\n");
    let pem = here.write("key.pem", key_file("rsa2048.pem"));
    let none = here.path("none").display().to_string();
    let cases: [(&[&str], &str, &str); 13] = [
        (&["--client-secret-file", &none], "--client-secret-file", "cannot read"),
        (&["--client-secret-file", &empty], "--client-secret-file", "is empty"),
        (&["--client-secret-file", &folder], "--client-secret-file", "cannot read"),
        (&["--client-secret-file", &binary], "--client-secret-file", "not UTF-8"),
        (&["--assertion-file", &none], "--assertion-file", "cannot read"),
        (&["--certificate", &none], "--certificate", "cannot read"),
        (&["--certificate", &pem, "--passphrase-file", &none], "--passphrase-file", "cannot read"),
        (&["--client-secret-file", &text, "--cache-key-file", &none], "--cache-key-file", "read"),
        (&["--client-secret-file", &text, "--ca-certificate", &none], "--ca-certificate", "read"),
        (
            &["--client-secret-file", &text, "--ca-certificate", &text],
            "--ca-certificate",
            "CERTIFICATE",
        ),
        (&["--client-secret-file", &text, "--component", &none], "--component", "cannot read"),
        (&["--client-secret-file", &text, "--component", &text], "--component", "component"),
        (&["--client-secret-file", &text, "--component", &empty], "--component", "component"),
    ];
    for (words, flag, reason) in cases {
        let run = here.acquire(words);
        run.assert_one_error(&format!("error: {flag}: "));
        assert!(run.err.contains(reason), "{reason}: {run:?}");
        assert!(run.out.is_empty(), "{run:?}");
        assert!(!run.both().contains("needle") && !run.both().contains(&folder), "{run:?}");
    }
}

/// What Windows tools write.
#[test]
fn a_certificate_authority_is_read_in_any_encoding() {
    let here = Here::new();
    let pem = format!("Größe\n{}", here.emulator.ca_certificate_pem());
    let utf16 = |unit: fn(u16) -> [u8; 2]| pem.encode_utf16().flat_map(unit).collect();
    let latin1 = pem.chars().map(|character| character as u8).collect();
    let marked: Vec<u8> =
        [&b"\xef\xbb\xbf"[..], here.emulator.ca_certificate_pem().as_bytes()].concat();
    for content in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), latin1, marked] {
        let file = here.write("authority.any", content);
        here.acquire_with_secret(&["--ca-certificate", &file]).assert_success();
    }
}

#[test]
fn an_invalid_value_is_one_line_that_names_its_flag() {
    let here = Here::new();
    for (flag, value, fix) in [
        ("--store", "memcached:x", "redis://HOST:PORT"),
        ("--store", "sqlite:/no/such/folder/tokens.db", "No such file"),
        ("--store", "sqlite:", "no path"),
        ("--store", "redis://:needle@:x:", "redis://HOST:PORT"),
        ("--resolve", "nonsense", "HOST:PORT:ADDRESS"),
        ("--resolve", "host:99999:127.0.0.1", "HOST:PORT:ADDRESS"),
        ("--resolve", "host:443:elsewhere", "HOST:PORT:ADDRESS"),
    ] {
        let run = here.acquire_with_secret(&[flag, value]);
        run.assert_one_error(&format!("error: {flag}: "));
        assert!(run.err.contains(fix) && !run.err.contains(value), "{fix}: {run:?}");
        here.assert_nothing_shown(&run);
    }
}

#[test]
fn an_argument_that_the_component_refuses_is_one_line_that_names_the_field() {
    let here = Here::new();
    for (words, field, fix) in [
        (&["--tenant", "common"][..], "request.options.tenant", "tenant"),
        (&["--tenant", "a/../b"], "request.options.tenant", ""),
        (&["--tenant", "a\r\nb"], "request.options.tenant", ""),
        (&["--claims", "{needle"], "request.options.claims", "JSON"),
        (&["--claims", "[]"], "request.options.claims", "object"),
        (&["--deadline-ms", "0"], "request.options.deadline-ms", "1 to 600000"),
        (&["--scope", "https://vault.azure.net"], "request.scopes", "/.default"),
        (&["--scope", demo::GRAPH_SCOPE], "request.scopes", "one call per resource"),
    ] {
        let mut words = words.to_vec();
        words.extend(["--authority-type", "entra"]);
        let run = here.acquire_with_secret(&words);
        run.assert_one_error(&format!("error: {field}: "));
        assert!(run.err.contains(fix), "{fix}: {run:?}");
        here.assert_nothing_shown(&run);
    }
    for (authority, client_id, field, fix) in [
        ("common", "c", "application.authority", "tenant"),
        ("", "c", "application.authority", "tenant"),
        ("https://login.microsoftonline.com", "c", "application.authority", "tenant"),
        ("https://user:needle@login.microsoftonline.com/t", "c", "application.authority", ""),
        ("https://login.microsoftonline.com/t?x=needle", "c", "application.authority", ""),
        ("http://login.microsoftonline.com/t", "c", "application.authority", "https"),
        ("contoso.com", "", "application.client-id", "client) ID"),
        ("contoso.com", "a\u{1b}[2Jb", "application.client-id", "ASCII"),
    ] {
        let mut command = command_line();
        command.args(["acquire", "--authority", authority, "--client-id", client_id]);
        command.args(["--scope", demo::API_SCOPE, "--client-secret-file", &here.secret()]);
        let run = Run::of(&mut command);
        run.assert_one_error(&format!("error: {field}: "));
        assert!(run.err.contains(fix), "{fix}: {run:?}");
        assert!(!run.both().contains("needle"), "{run:?}");
    }
    assert_eq!(here.emulator.connections(), 0, "nothing was sent");
}

/// What public reports had: files of Notepad, Key Vault and `openssl pkcs12 -nodes` under a Latin-1 locale.
#[test]
fn files_of_any_encoding_are_read() {
    let here = Here::new();
    let secret = here.write("marked", format!("\u{feff}{}\r\n", demo::client_secret()));
    here.acquire(&["--client-secret-file", &secret]).assert_success();
    let marked = format!("\u{feff}{}", demo::client_secret());
    let run = Run::of(command_line().env("SSL_CERT_FILE", here.authority()).envs([
        ("AZURE_AUTHORITY_HOST", here.emulator.https_url().as_str()),
        ("AZURE_TENANT_ID", demo::TENANT),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", &marked),
    ]));
    run.assert_success();

    let passphrase = here.write("passphrase", "\u{feff}hunter2\r\n");
    let none = here.write("none", "");
    for (name, passphrase) in [
        ("modern.pfx.b64", &passphrase),
        ("latin1-bag.pem", &passphrase),
        ("utf16le.pem", &passphrase),
        ("nullpass.pfx", &none),
    ] {
        let file = here.write(name, key_file(&format!("others/{name}")));
        let run = here.acquire(&["--certificate", &file, "--passphrase-file", passphrase]);
        // The file is read, and its certificate is not the application's.
        run.assert_one_error("AADSTS700027");
    }
}

#[test]
fn values_that_people_pass_in_are_not_printed() {
    let here = Here::new();
    let key = key_text("rsa2048.key.pem");
    for words in [
        &["--certificate", &key][..],
        &["--client-secret-file", "needle"],
        &["--client-secret-file", "x", "--header", "needle"],
        &["--client-secret-file", "x", "--body-parameter", "=needle"],
        &["needle", "--client-secret-file", "x"],
    ] {
        let run = here.acquire(words);
        assert_ne!(run.status, Some(0), "{run:?}");
        assert!(!run.both().contains("needle") && !run.both().contains("MII"), "{run:?}");
    }
    let run = Run::of(command_line().args(["serve", "app.wasm", "--env", "=needle"]));
    assert!(run.status != Some(0) && !run.both().contains("needle"), "{run:?}");
    let run = Run::of(
        command_line()
            .env("AZURE_TENANT_ID", "contoso.com")
            .env("AZURE_CLIENT_ID", demo::CLIENT_ID)
            .env("AZURE_CLIENT_CERTIFICATE_PATH", &key),
    );
    run.assert_one_error("AZURE_CLIENT_CERTIFICATE_PATH: cannot read the file");
    assert!(!run.both().contains("MII"), "{run:?}");
}

#[test]
fn a_credential_that_the_component_refuses_is_one_line_that_names_the_field() {
    let here = Here::new();
    let key = |name: &str| here.write(name, key_file(name));
    let wrong = here.write("wrong", "needle-of-a-passphrase");
    let text = here.write("text", "needle\r\n\r\n");
    let short = here.write("short", [1; 31]);
    let pfx = key("rsa2048.pfx");
    let encrypted = key("rsa2048.encrypted.pem");
    let cases: [(&[&str], &str); 14] = [
        (&["--client-secret-file", &text], "line end"),
        (&["--assertion-file", &text], "JWT"),
        (&["--certificate", &text], "PEM"),
        (&["--certificate", &key("rsa2048.certificate.pem")], "private key"),
        (&["--certificate", &key("rsa2048.key.pem")], "certificate"),
        (&["--certificate", &key("mismatched.pem")], "do not match"),
        (&["--certificate", &key("p256.pem")], "RSA"),
        (&["--certificate", &key("rsa1024.pem")], "2048"),
        (&["--certificate", &encrypted], "passphrase"),
        (&["--certificate", &encrypted, "--passphrase-file", &wrong], "passphrase"),
        (&["--certificate", &pfx], "passphrase"),
        (&["--certificate", &pfx, "--passphrase-file", &wrong], "passphrase"),
        (&["--certificate", &key("rsa2048.legacy.pfx"), "--passphrase-file", &wrong], "passphrase"),
        (&["--client-secret-file", &wrong, "--cache-key-file", &short], "openssl rand 32"),
    ];
    for (words, fix) in cases {
        let run = here.acquire(words);
        run.assert_one_error("error: application.");
        assert!(run.err.contains(fix), "{fix}: {run:?}");
        assert!(!run.both().contains("needle"), "{run:?}");
        assert!(!run.both().contains("PRIVATE KEY-----"), "{run:?}");
    }
    assert_eq!(here.emulator.connections(), 0, "nothing was sent");
}

#[test]
fn a_refusal_is_one_line_with_the_authoritys_message_and_the_remedy() {
    let here = Here::new();
    let wrong = here.write("wrong", "needle-of-a-secret");
    let run = here.acquire(&["--client-secret-file", &wrong]);
    run.assert_one_error("AADSTS7000215");
    assert!(run.err.contains("not its secret ID"), "{run:?}");
    assert!(!run.both().contains("needle"), "{run:?}");

    let pem = here.write("key.pem", key_file("rsa2048.pem"));
    let run = here.acquire(&["--certificate", &pem]);
    run.assert_one_error("AADSTS700027");
    assert!(run.err.contains("register this certificate"), "{run:?}");

    let lines = here.acquire(&["--client-secret-file", &wrong, "--output", "json"]).json();
    let error = &lines[0]["error"];
    assert_eq!(error["cause"]["refused"]["error_codes"], json!([7_000_215]));
    assert_eq!(error["cause"]["refused"]["status"], 401);
    assert!(error["remedy"].is_string() && error["metadata"]["token_requests"] == 1);
    assert_snake_case(&lines[0]);
    assert_eq!(lines[1]["summary"], json_summary_of_one_error(&lines[1]["summary"]));
}

#[test]
fn a_failure_before_any_call_is_json_too() {
    let here = Here::new();
    let run = here.acquire(&["--client-secret-file", "no/such/file", "--output", "json"]);
    assert_eq!(run.status, Some(1));
    let lines = run.json();
    assert_eq!(lines.len(), 1);
    let message = lines[0]["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("--client-secret-file: "), "{message}");
    assert_eq!(lines[0]["error"]["cause"]["host"], message);
    assert_eq!(run.err.lines().count(), 1, "{run:?}");
}

#[test]
fn wrong_usage_names_the_flag_and_ends_with_status_2() {
    let here = Here::new();
    let secret = here.secret();
    let with_secret = ["--client-secret-file", &secret];
    for (words, flag) in [
        (&[][..], "--client-secret-file"),
        (&["--federated-token-file", "a", "--assertion-file", "b"], "--assertion-file"),
        (&["--header", "name"], "--header"),
        (&["--refresh-policy", "never"], "--refresh-policy"),
        (&["--authority-type", "saml"], "--authority-type"),
        (&["--count", "0"], "--count"),
        (&["--output", "xml"], "--output"),
        (&["--alg", "RS256"], "--alg"),
        (&["--secret", "needle"], "--secret"),
        (&["--deadline-ms", "soon"], "--deadline-ms"),
    ] {
        let mut all = if words.is_empty() { Vec::new() } else { with_secret.to_vec() };
        all.extend(words);
        let run = here.acquire(&all);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.err.contains(flag), "{flag}: {run:?}");
        assert!(run.out.is_empty(), "{run:?}");
        here.assert_nothing_shown(&run);
    }
}

#[test]
fn the_demonstration_prints_a_token_from_the_authority_and_then_from_the_cache() {
    let run = Run::of(&mut command_line());
    run.assert_success();
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 2, "{run:?}");
    assert!(lines[0].starts_with("identity-provider "), "{run:?}");
    assert!(lines[1].starts_with("cache "), "{run:?}");
    assert!(!run.both().contains(demo::client_secret()) && !run.both().contains("eyJ"), "{run:?}");
}

#[test]
fn the_demonstration_uses_the_authority_that_the_variables_name() {
    let variables = [
        ("AZURE_TENANT_ID", "contoso.com"),
        ("AZURE_CLIENT_ID", demo::CLIENT_ID),
        ("AZURE_CLIENT_SECRET", "needle-of-a-secret"),
    ];
    let run = Run::of(command_line().env(variables[0].0, variables[0].1));
    run.assert_one_error("error: AZURE_CLIENT_ID: is not set");
    let run = Run::of(command_line().envs(variables[..2].iter().copied()));
    run.assert_one_error("error: AZURE_CLIENT_SECRET: is not set");
    assert!(run.err.contains("AZURE_CLIENT_CERTIFICATE_PATH"), "{run:?}");
    let run = Run::of(command_line().envs(variables[1..].iter().copied()));
    run.assert_one_error("error: AZURE_TENANT_ID: is not set");

    let mut command = command_line();
    command.envs(variables[..2].iter().copied());
    let run = Run::of(command.env("AZURE_CLIENT_CERTIFICATE_PATH", "no/such/file.pem"));
    run.assert_one_error("error: AZURE_CLIENT_CERTIFICATE_PATH: cannot read the file");

    let port = free_port();
    for (host, reason) in [
        (format!("https://localhost:{port}"), "did not answer"),
        ("login.does-not-exist.invalid".to_owned(), "host name"),
    ] {
        let started = Instant::now();
        let mut command = command_line();
        let run = Run::of(command.envs(variables).env("AZURE_AUTHORITY_HOST", &host));
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
        assert_eq!(run.status, Some(1), "{run:?}");
        let error = run.err.lines().last().unwrap();
        assert!(error.starts_with("error: ") && error.contains(reason), "{run:?}");
        assert!(run.err.contains(&host), "the authority is not printed: {run:?}");
        assert!(run.out.is_empty() && !run.both().contains("needle"), "{run:?}");
    }
}

/// People look for a field that they have not set: their value comes from a variable.
#[test]
fn a_refused_variable_is_named_instead_of_the_field() {
    let key = key_file_path("old/rc4-40.pfx");
    let secret = ("AZURE_CLIENT_SECRET", "secret");
    let certificate = ("AZURE_CLIENT_CERTIFICATE_PATH", key.as_str());
    for (credential, name, value) in [
        (secret, "AZURE_TENANT_ID", "common"),
        (secret, "AZURE_TENANT_ID", "contoso.com "),
        (secret, "AZURE_CLIENT_ID", "clïent"),
        (secret, "AZURE_CLIENT_SECRET", "\"needle\""),
        (secret, "AZURE_AUTHORITY_HOST", "http://login.example"),
        (secret, "AZURE_AUTHORITY_HOST", "https://login.example/path"),
        (secret, "AZURE_REGIONAL_AUTHORITY_NAME", "TryAutoDetect"),
        (certificate, "AZURE_CLIENT_CERTIFICATE_PATH", &key),
        (certificate, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "maybe"),
    ] {
        let mut command = command_line();
        command.env("AZURE_TENANT_ID", "contoso.com").env("AZURE_CLIENT_ID", "client");
        let run = Run::of(command.env(credential.0, credential.1).env(name, value));
        assert_eq!(run.status, Some(1), "{run:?}");
        let error = run.err.lines().last().unwrap();
        assert!(error.starts_with(&format!("error: {name}: ")), "{name}: {run:?}");
        assert!(!run.both().contains("needle") && !run.err.contains("application."), "{run:?}");
    }
}

/// A pod with an identity binding of AKS reaches Entra through a server of its cluster, which has a certificate of the
/// cluster for another name.
#[test]
fn an_identity_binding_of_aks_takes_the_requests() {
    let here = Here::known_as(&["binding.ests.aks"]);
    let token = here.write("federated", here.assertion());
    here.emulator.clear_requests();
    let (url, ca) = (here.emulator.https_url(), here.authority());
    let ask = |variables: &[(&str, &str)]| {
        let mut command = command_line();
        command
            .env("AZURE_TENANT_ID", demo::TENANT)
            .env("AZURE_CLIENT_ID", demo::CLIENT_ID)
            .env("AZURE_FEDERATED_TOKEN_FILE", &token);
        Run::of(command.envs(variables.iter().copied()))
    };
    let proxy = ("AZURE_KUBERNETES_TOKEN_PROXY", url.as_str());
    let name = ("AZURE_KUBERNETES_SNI_NAME", "binding.ests.aks");
    let ca_text = fs::read_to_string(&ca).unwrap();
    for trust in [("AZURE_KUBERNETES_CA_FILE", ca.as_str()), ("AZURE_KUBERNETES_CA_DATA", &ca_text)]
    {
        let run = ask(&[proxy, name, trust]);
        run.assert_success();
        assert!(run.out.starts_with("identity-provider "), "{run:?}");
        let requests = here.emulator.token_requests();
        let request = requests.last().unwrap();
        assert_eq!(request.target, format!("/{}/oauth2/v2.0/token", demo::TENANT));
        assert_eq!(request.header("host").unwrap(), &url["https://".len()..]);
    }
    let before = here.emulator.token_requests().len();
    let run = ask(&[proxy, name]);
    assert!(run.err.contains("certificate"), "the platform does not trust the cluster: {run:?}");
    let run = ask(&[
        proxy,
        ("AZURE_KUBERNETES_SNI_NAME", "other.example"),
        ("AZURE_KUBERNETES_CA_FILE", &ca),
    ]);
    assert!(run.err.contains("certificate"), "{run:?}");
    let run = ask(&[proxy, name, ("AZURE_KUBERNETES_CA_FILE", "no/such/file")]);
    run.assert_one_error_at_the_end("AZURE_KUBERNETES_TOKEN_PROXY");
    let run = ask(&[("AZURE_KUBERNETES_TOKEN_PROXY", "http://binding.ests.aks")]);
    run.assert_one_error_at_the_end("AZURE_KUBERNETES_TOKEN_PROXY: the URL of the token proxy");
    assert_eq!(here.emulator.token_requests().len(), before, "nothing else was sent");
}

/// Entra knows no such value, and a fallback to the emulator would hide the mistake.
#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_named_and_not_ignored() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut command = command_line();
    let run = Run::of(command.env("AZURE_TENANT_ID", OsStr::from_bytes(b"contoso\xff")));
    run.assert_one_error("error: AZURE_TENANT_ID: ");
}

/// As with output that is piped into a program that ends early.
#[cfg(unix)]
#[test]
fn a_closed_pipe_causes_no_panic() {
    let here = Here::new();
    let acquire = here.command(&["--client-secret-file", &here.secret(), "--count", "3"]);
    let mut emulator = command_line();
    emulator.arg("emulator");
    let errors = [acquire, command_line(), emulator].map(|mut command| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut process = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        // The emulator continues without a reader.
        for _ in 0..100 {
            if process.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // It may have ended already.
        let _ = process.kill();
        String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap()
    });
    assert!(errors.iter().all(|error| !error.contains("panicked")), "{errors:#?}");
}

#[cfg(unix)]
#[test]
fn the_emulator_serves_until_a_signal_stops_it() {
    for signal in ["-INT", "-TERM"] {
        let mut emulator = RunningEmulator::start(&[]);
        let http = emulator.address("http");
        assert!(emulator.address("https").starts_with("https://localhost:"));
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::write(&secret, emulator.address("secret")).unwrap();
        let mut command = command_line();
        command
            .args(["acquire", "--allow-insecure-loopback", "--scope", demo::GRAPH_SCOPE])
            .args(["--authority", &format!("{http}/{}", emulator.address("tenant"))])
            .args(["--client-id", &emulator.address("client"), "--client-secret-file"])
            .arg(secret.path());
        Run::of(&mut command).assert_success();
        emulator.signal(signal);
        assert_eq!(emulator.wait(), Some(0), "{signal}");
        assert!(!Run::of(&mut command).err.is_empty(), "the emulator still answers");
    }
}

#[cfg(unix)]
#[test]
fn the_command_that_the_emulator_prints_gets_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's a certificate.pem");
    for words in [&[][..], &["--ca-certificate-out", file.to_str().unwrap()]] {
        let emulator = RunningEmulator::start(words);
        let printed = emulator.lines.iter().find(|line| line.starts_with("cargo run -- ")).unwrap();
        let binary = command_line().get_program().to_string_lossy().into_owned();
        let shell = printed.replace("cargo run --", &format!("'{binary}'"));
        let run = Run::of(Command::new("bash").args(["-c", &shell]));
        run.assert_success();
        assert!(run.out.starts_with("identity-provider "), "{run:?}");
    }
}

#[test]
fn a_certificate_is_registered_at_the_emulator_from_the_command_line() {
    let here = Here::new();
    let key = here.write("rsa2048.pem", key_file("rsa2048.pem"));
    for name in ["rsa2048.pem", "rsa2048.certificate.pem", "rsa2048.certificate.der"] {
        let file = here.write(name, key_file(name));
        let emulator = RunningEmulator::start(&["--certificate", &file]);
        let authority = format!("{}/{}", emulator.address("http"), emulator.address("tenant"));
        let acquire = ["acquire", "--allow-insecure-loopback", "--scope", demo::GRAPH_SCOPE];
        let run = Run::of(
            command_line()
                .args(acquire)
                .args(["--authority", &authority, "--client-id", demo::CLIENT_ID])
                .args(["--certificate", &key]),
        );
        run.assert_success();
        assert!(run.out.starts_with("identity-provider "), "{name}: {run:?}");
    }
    let key = here.write("rsa2048.key.pem", key_file("rsa2048.key.pem"));
    let run = Run::of(command_line().args(["emulator", "--certificate", &key]));
    run.assert_one_error("error: --certificate: ");
    here.assert_nothing_shown(&run);
}

#[test]
fn a_taken_port_or_unwritable_file_of_the_emulator_is_a_clear_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    for flag in ["--port", "--https-port"] {
        let run = Run::of(command_line().args(["emulator", flag, &port]));
        run.assert_one_error("error: the emulator cannot be started: ");
        assert!(run.err.contains(&port), "{run:?}");
    }
    let words = ["emulator", "--ca-certificate-out", "/no/such/folder/ca.pem"];
    let run = Run::of(command_line().args(words));
    run.assert_one_error("error: --ca-certificate-out: ");
}

#[test]
fn help_and_version_are_printed() {
    for words in [&["--help"][..], &["acquire", "--help"], &["emulator", "--help"], &["--version"]]
    {
        let run = Run::of(command_line().args(words));
        run.assert_success();
        assert!(!run.out.is_empty());
    }
    let run = Run::of(command_line().args(["acquire", "--help"]));
    for flag in ["--client-secret-file", "--certificate", "--assertion-file", "--show-token"] {
        assert!(run.out.contains(flag), "{flag}");
    }
}

/// An emulator, and a folder for files.
struct Here {
    emulator: Emulator,
    folder: TempDir,
}

impl Here {
    fn new() -> Self {
        Self::known_as(&[])
    }

    /// The emulator's certificate is also valid for these hosts.
    fn known_as(hosts: &[&str]) -> Self {
        let builder =
            hosts.iter().fold(Emulator::builder(), |builder, host| builder.with_server_name(host));
        let (emulator, folder) = (builder.start().unwrap(), tempfile::tempdir().unwrap());
        Self { emulator, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a new file and returns its path.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn secret(&self) -> String {
        self.write("demo-secret", demo::client_secret())
    }

    fn authority(&self) -> String {
        self.write("authority.pem", self.emulator.ca_certificate_pem())
    }

    fn register_certificate(&self) {
        self.emulator.register_certificate(demo::CLIENT_ID, &certificate_der()).unwrap();
    }

    /// `acquire` for the demo application at the emulator, with these additional arguments.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = command_line();
        command
            .args(["acquire", "--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE])
            .args(["--authority", &format!("{}/{}", self.emulator.https_url(), demo::TENANT)]);
        if !words.contains(&"--ca-certificate") {
            command.args(["--ca-certificate", &self.authority()]);
        }
        command.args(words);
        command
    }

    fn acquire(&self, words: &[&str]) -> Run {
        Run::of(&mut self.command(words))
    }

    /// `acquire` with the secret, these variables, and no flag for trust.
    fn acquire_trusting(&self, variables: &[(&str, &str)]) -> Run {
        let mut command = command_line();
        command
            .args(["acquire", "--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE])
            .args(["--authority", &format!("{}/{}", self.emulator.https_url(), demo::TENANT)])
            .args(["--client-secret-file", &self.secret()])
            .envs(variables.iter().copied());
        Run::of(&mut command)
    }

    /// `acquire` with the secret at another authority. These host names resolve to the emulator.
    fn acquire_as(&self, hosts: &[&str], authority: &str, words: &[&str]) -> Run {
        let mut command = command_line();
        command
            .args(["acquire", "--client-id", demo::CLIENT_ID, "--scope", demo::API_SCOPE])
            .args(["--authority", authority, "--client-secret-file", &self.secret()])
            .args(["--ca-certificate", &self.authority()]);
        for host in hosts {
            command.args(["--resolve", &format!("{host}:443:{}", self.emulator.https_address())]);
        }
        Run::of(command.args(words))
    }

    /// A new assertion that the emulator accepts, like that of a federated workload's platform.
    fn assertion(&self) -> String {
        self.register_certificate();
        let pem = self.write("key.pem", key_file("rsa2048.pem"));
        self.acquire(&["--certificate", &pem]).assert_success();
        let requests = self.emulator.token_requests();
        requests.last().unwrap().parameter("client_assertion").unwrap().to_owned()
    }

    /// `cache export` or `cache import` for the demo application.
    fn cache(&self, what: &str, words: &[&str]) -> Run {
        let authority = format!("{}/{}", self.emulator.https_url(), demo::TENANT);
        let mut command = command_line();
        command.args(["cache", what, "--client-id", demo::CLIENT_ID, "--authority", &authority]);
        Run::of(command.args(words))
    }

    fn acquire_with_secret(&self, words: &[&str]) -> Run {
        let secret = self.secret();
        let mut all = vec!["--client-secret-file", &secret];
        all.extend(words);
        self.acquire(&all)
    }

    /// Asserts that the output contains no token, no secret and no canary.
    fn assert_nothing_shown(&self, run: &Run) {
        let text = run.both();
        for issued in self.emulator.issued_tokens() {
            assert!(!text.contains(&issued.token), "{run:?}");
        }
        for secret in [demo::client_secret(), PASSPHRASE, "PRIVATE KEY-----"] {
            assert!(!text.contains(secret), "{run:?}");
        }
        // `--secret needle` is an unknown flag, of which clap prints only the name.
        assert!(!text.contains("needle"), "{run:?}");
    }
}

/// The emulator of the command line, with the lines that it printed at its start.
struct RunningEmulator {
    process: Child,
    lines: Vec<String>,
}

impl RunningEmulator {
    fn start(words: &[&str]) -> Self {
        let mut command = command_line();
        command.arg("emulator").args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut emulator = Self { process: command.spawn().unwrap(), lines: Vec::new() };
        let output = emulator.process.stdout.take().unwrap();
        for line in BufReader::new(output).lines() {
            emulator.lines.push(line.unwrap());
            if emulator.lines.last().unwrap().starts_with("cargo run ") {
                return emulator;
            }
        }
        let mut error = String::new();
        emulator.process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        panic!("the emulator did not start: {:?} {error}", emulator.lines);
    }

    /// The value after a name, such as `http    http://127.0.0.1:1234`.
    fn address(&self, name: &str) -> String {
        let line = self.lines.iter().find(|line| line.split(' ').next() == Some(name)).unwrap();
        line[name.len()..].trim_start().to_owned()
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    #[cfg(unix)]
    fn wait(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for RunningEmulator {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn jwt_part(jwt: &str, number: usize) -> Value {
    use base64::Engine;

    let part = jwt.split('.').nth(number).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn sha256(text: &str) -> String {
    use sha2::Digest;

    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asserts that every member name is in snake case. The cases of the contract's variants are in kebab case, like values.
fn assert_snake_case(value: &Value) {
    const VARIANTS: [&str; 7] = [
        "invalid-request",
        "invalid-credential",
        "not-permitted",
        "throttled",
        "refused",
        "unreachable",
        "unexpected-response",
    ];
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let is_snake_case =
                    name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                assert!(is_snake_case || VARIANTS.contains(&name.as_str()), "{name}");
                assert_snake_case(value);
            }
        }
        Value::Array(items) => items.iter().for_each(assert_snake_case),
        _ => {}
    }
}

/// The expected summary of one failed call, with the times of the actual one.
fn json_summary_of_one_error(actual: &Value) -> Value {
    json!({
        "calls": 1,
        "cache": 0,
        "identity_provider": 0,
        "errors": 1,
        "p50_us": actual["p50_us"],
        "p95_us": actual["p95_us"],
        "p99_us": actual["p99_us"],
    })
}
