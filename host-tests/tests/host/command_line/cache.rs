//! `cache export` and `cache import`.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use super::*;

#[test]
fn a_cache_is_exported_to_an_msal_file_and_imported_back() {
    let here = Here::new();
    let (secret, store) = (here.secret(), format!("sqlite:{}", here.path("a.db").display()));
    let file = here.write("msal.json", r#"{"Account":{"a":{}},"AccessToken":{"theirs":{}}}"#);
    let stored = ["--client-secret-file", &secret, "--store", &store];
    here.acquire(&stored).assert_success();
    let words = ["--scope", demo::API_SCOPE, "--into", &file];
    let run = here.cache("export", &[&stored[..], &words].concat());
    run.assert_success();
    here.assert_nothing_shown(&run);
    let cache: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(cache["Account"], json!({"a": {}}), "what is not ours stays");
    let entries = cache["AccessToken"].as_object().unwrap();
    assert!(entries.contains_key("theirs") && entries.len() == 3, "{:?}", entries.keys());

    let store = format!("sqlite:{}", here.path("b.db").display());
    let stored = ["--client-secret-file", &secret, "--store", &store];
    let words = ["--file", &file, "--output", "json"];
    let run = here.cache("import", &[&stored[..], &words].concat());
    let expected = json!({"imported": 1, "skipped": 1, "reasons": {"unreadable": 1}});
    assert_eq!(run.json(), [expected]);
    let line = here.acquire(&[&stored[..], &["--output", "json"]].concat()).json().remove(0);
    assert_eq!(line["result"]["metadata"]["token_source"], "cache");

    let broken = here.write("broken.json", "needle");
    let run = here.cache("import", &[&stored[..], &["--file", &broken]].concat());
    run.assert_one_error("--file: it is not a JSON object");
    let words = ["--scope", demo::API_SCOPE, "--into", &broken];
    here.cache("export", &[&stored[..], &words].concat()).assert_one_error("--into");
    assert_eq!(fs::read_to_string(&broken).unwrap(), "needle");
}

#[test]
fn cache_files_of_other_libraries_are_imported_with_and_without_a_byte_order_mark() {
    for name in ["cache-python.json", "cache-bom.json"] {
        let here = Here::new();
        let (secret, file) = (here.secret(), here.write(name, unexpired_cache(name)));
        let store = format!("sqlite:{}", here.path("a.db").display());
        let run = Run::of(command_line().args(["cache", "import", "--output", "json"]).args([
            "--client-id",
            "11111111-aaaa-4000-8000-000000000011",
            "--authority",
            "c0970500-0000-4000-8000-000000000001",
            "--client-secret-file",
            &secret,
            "--store",
            &store,
            "--file",
            &file,
        ]));
        assert_eq!(run.json(), [json!({"imported": 1, "skipped": 0, "reasons": {}})], "{name}");
    }
}

#[test]
fn an_export_is_printed_or_written_to_a_file() {
    let here = Here::new();
    let (secret, store) = (here.secret(), format!("sqlite:{}", here.path("a.db").display()));
    let stored = ["--client-secret-file", &secret, "--store", &store];
    here.acquire(&stored).assert_success();
    let mut command = here.command(&stored);
    Run::of(command.args(["--fmi-path", "a"])).assert_success();
    let scopes = ["--scope", demo::API_SCOPE, "--scope", demo::OTHER_API_SCOPE];
    let run = here.cache("export", &[&stored[..], &scopes].concat());
    run.assert_success();
    let printed = &run.json()[0];
    assert_eq!(run.json().len(), 1);
    let tokens: Vec<&Value> = printed["AccessToken"]
        .as_object()
        .unwrap()
        .values()
        .map(|entry| &entry["secret"])
        .collect();
    let issued = &here.emulator.issued_tokens()[0].token;
    assert_eq!(tokens, [issued, issued], "one token, as each library wants it");

    let file = here.path("new.json").display().to_string();
    let run = here.cache("export", &[&stored[..], &scopes, &["--into", &file]].concat());
    run.assert_success();
    assert!(run.both().trim().is_empty(), "{run:?}");
    let written: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(&written, printed);
}

#[test]
fn a_failed_export_or_import_is_reported_like_a_failed_call() {
    let here = Here::new();
    let store = format!("sqlite:{}", here.path("a.db").display());
    let (secret, assertion) = (here.secret(), here.write("assertion", "e30.e30.c2ln"));
    let (empty, broken) = (here.write("empty.json", "{}"), here.write("broken.json", "needle"));
    let words = ["--store", &store, "--output", "json", "--file"];
    let run =
        here.cache("import", &[&words[..], &[&empty, "--assertion-file", &assertion]].concat());
    assert_eq!(run.status, Some(1), "{run:?}");
    let error = &run.json()[0]["error"];
    let field = &error["cause"]["invalid-request"]["field"];
    assert_eq!(field, "application.options.cache-keys", "{run:?}");
    assert_snake_case(&run.json()[0]);

    for (file, text) in [
        (broken.as_str(), "--file: it is not a JSON object"),
        ("no/such/file", "--file: cannot read the file"),
    ] {
        let run =
            here.cache("import", &[&words[..], &[file, "--client-secret-file", &secret]].concat());
        assert_eq!(run.status, Some(1), "{run:?}");
        let message = run.json()[0]["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(text) && !run.both().contains("needle"), "{run:?}");
    }

    let words = ["--client-secret-file", &secret, "--store", &store, "--scope", "a b"];
    here.cache("export", &words).assert_one_error("error: request.scopes: ");
}

/// In memory, the tokens would end with the process.
#[test]
fn a_store_that_lasts_is_demanded() {
    let here = Here::new();
    let (secret, file) = (here.secret(), here.write("msal.json", "{}"));
    let words = ["--client-secret-file", &secret];
    for memory in [&[][..], &["--store", "memory"]] {
        for (what, more) in
            [("import", ["--file", file.as_str()]), ("export", ["--scope", demo::API_SCOPE])]
        {
            let run = here.cache(what, &[&words[..], memory, &more].concat());
            run.assert_one_error("--store: give the store");
        }
    }
}

/// To a call, a store that fails is an empty one; here it would hide that nothing was moved.
#[test]
fn a_store_that_fails_is_an_error() {
    let here = Here::new();
    let secret = here.secret();
    let entry = entry(&here, "a-token");
    let file = here.write("msal.json", json!({ "AccessToken": { "a": entry } }).to_string());
    let store = format!("redis://127.0.0.1:{}", free_port());
    let words = ["--client-secret-file", &secret, "--store", &store];
    for (what, more) in
        [("import", ["--file", file.as_str()]), ("export", ["--scope", demo::API_SCOPE])]
    {
        let run = here.cache(what, &[&words[..], &more].concat());
        run.assert_one_error("--store: Redis");
    }
}

#[test]
fn without_a_key_nothing_is_exported_or_imported() {
    let here = Here::new();
    let (assertion, file) = (here.write("assertion", "e30.e30.c2ln"), here.write("m.json", "{}"));
    let store = format!("sqlite:{}", here.path("a.db").display());
    let words = ["--assertion-file", &assertion, "--store", &store];
    for (what, more) in
        [("import", ["--file", file.as_str()]), ("export", ["--scope", demo::API_SCOPE])]
    {
        let run = here.cache(what, &[&words[..], &more].concat());
        run.assert_one_error("application.options.cache-keys");
    }
}

/// A token cache of a fleet of tenants has hundreds of thousands of tokens.
#[test]
fn a_file_of_many_mebibytes_is_imported_and_the_reasons_are_reported() {
    let here = Here::new();
    let (secret, store) = (here.secret(), format!("sqlite:{}", here.path("a.db").display()));
    let mut entries = serde_json::Map::new();
    for number in 0..3_000 {
        let mut entry = entry(&here, &format!("{number}-{}", "x".repeat(1_000)));
        entry["target"] = format!("scope-{number}").into();
        match number % 10 {
            0 => entry["client_id"] = "another".into(),
            1 => entry["home_account_id"] = "uid.utid".into(),
            2 => entry["expires_on"] = "1000000000".into(),
            3 => entry["target"] = "openid".into(),
            _ => {}
        }
        entries.insert(number.to_string(), entry);
    }
    let file = here.write("msal.json", json!({ "AccessToken": entries }).to_string());
    assert!(fs::metadata(&file).unwrap().len() > 3 << 20);
    let words = ["--client-secret-file", &secret, "--store", &store, "--file", &file];
    let run = here.cache("import", &words);
    run.assert_success();
    let expected = "1800 tokens imported, 1200 entries skipped: \
                    300 of a user, 300 of another client ID, 300 of another kind of request, \
                    300 expired, or with an implausible time";
    assert_eq!(run.out.trim(), expected);
}

#[test]
fn an_export_without_a_token_says_so() {
    let here = Here::new();
    let (secret, store) = (here.secret(), format!("sqlite:{}", here.path("a.db").display()));
    let words = ["--client-secret-file", &secret, "--store", &store, "--scope", demo::API_SCOPE];
    let run = here.cache("export", &words);
    run.assert_success();
    assert!(run.err.contains("warning: no token of these scopes"), "{run:?}");
}

#[test]
fn with_a_cache_key_an_export_needs_the_credential() {
    let here = Here::new();
    let (secret, other) = (here.secret(), here.write("other", "emulator-only~another"));
    let (key, store) = (here.write("key", [1; 32]), format!("sqlite:{}", here.path("a").display()));
    let words = ["--store", &store, "--cache-key-file", &key];
    here.acquire(&[&words[..], &["--client-secret-file", &secret]].concat()).assert_success();
    for (file, is_exported) in [(&secret, true), (&other, false)] {
        let more = ["--client-secret-file", file, "--scope", demo::API_SCOPE];
        let run = here.cache("export", &[&words[..], &more].concat());
        run.assert_success();
        let tokens = run.json()[0]["AccessToken"].as_object().unwrap().len();
        assert_eq!(tokens > 0, is_exported, "{run:?}");
        assert_eq!(run.err.contains("and credential"), !is_exported, "{run:?}");
    }
}

/// A token of the demo application in MSAL Python's form.
fn entry(here: &Here, secret: &str) -> Value {
    json!({
        "home_account_id": null,
        "environment": here.emulator.https_url()["https://".len()..],
        "credential_type": "AccessToken",
        "client_id": demo::CLIENT_ID,
        "realm": demo::TENANT,
        "target": demo::API_SCOPE,
        "secret": secret,
        "token_type": "Bearer",
        "expires_on": (seconds() + 3_600).to_string(),
    })
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
