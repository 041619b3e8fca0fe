//! Compares the component with MSAL Python and MSAL Node: their requests, how they judge answers, and whether they can read
//! each other's caches.
//!
//! The tables list every difference with its reason, as does docs/peers.md. A difference that is missing in a table fails a
//! test, and so does a listed one that no longer occurs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Emulator;
use msal_emulator::RecordedRequest;
use msal_emulator::Scripted;
use msal_emulator::demo;
use msal_host::Host;
use msal_host::contract::AcquireError;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host::contract::ErrorCause;
use msal_host::contract::Refusal;
use msal_host::contract::RequestOption;
use msal_host::contract::SigningAlgorithm;
use msal_host::contract::TokenRequest;
use msal_host::contract::TokenSource;
use msal_host_tests::JournalStore;
use msal_host_tests::World;
use msal_host_tests::key_text;
use msal_host_tests::options;
use msal_host_tests::request_options;
use msal_host_tests::secret;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Differences between token requests: the library, the difference, the cases (an empty list: all), and the reason.
const WIRE: &[(&str, &str, &[&str], &str)] = &[
    (
        PYTHON,
        "body client_info (value)",
        &[],
        "ours sends `2`, as MSAL.NET does for an application; MSAL Python sends a user's `1`",
    ),
    (
        PYTHON,
        "header accept-encoding (theirs only)",
        &[],
        "ours requests no compression: a token does not belong in a decompressor",
    ),
    (PYTHON, "header client-request-id (value)", &[], "a random GUID"),
    (PYTHON, "header connection (theirs only)", &[], OF_THE_CONNECTION),
    (PYTHON, "header host (ours only)", &[], OF_THE_CONNECTION),
    (PYTHON, "header return-client-request-id (ours only)", &[], WANTS_THE_ID_BACK),
    (PYTHON, "header user-agent (theirs only)", &[], OF_THE_CONNECTION),
    (PYTHON, "header x-client-cpu (ours only)", &[], NAMES_ITSELF),
    (
        PYTHON,
        "header x-client-current-telemetry (value)",
        &[],
        "ours speaks MSAL.NET's schema 5, MSAL Python its own 4",
    ),
    (
        PYTHON,
        "header x-client-last-telemetry (theirs only)",
        &[],
        "ours reports no earlier failures",
    ),
    (PYTHON, "header x-client-os (value)", &[], NAMES_ITSELF),
    (PYTHON, "header x-client-sku (value)", &[], NAMES_ITSELF),
    (PYTHON, "header x-client-ver (value)", &[], NAMES_ITSELF),
    (
        PYTHON,
        "header x-ms-lib-capability (theirs only)",
        &["assertion"],
        "ours promises to honour `Retry-After` only if the store can keep it, and a caller's assertion yields no \
         key to seal the store with",
    ),
    (
        NODE,
        "body claims.id_token (theirs only)",
        &["claims", "capabilities", "claims and capabilities"],
        "optional claims of an ID token, which this grant does not issue",
    ),
    (
        NODE,
        "body client_info (ours only)",
        &[],
        "ours sends `2`, as MSAL.NET does for an application; MSAL Node sends none",
    ),
    (NODE, "body client-request-id (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-CPU (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-OS (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-SKU (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-VER (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-current-telemetry (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-client-last-telemetry (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "body x-ms-lib-capability (theirs only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header accept (ours only)", &[], "`fetch` sends its own"),
    (NODE, "header client-request-id (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-client-cpu (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-client-current-telemetry (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-client-os (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-client-sku (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-client-ver (ours only)", &[], SAYS_IT_IN_THE_BODY),
    (NODE, "header x-ms-lib-capability (ours only)", ALL_BUT_ASSERTION, SAYS_IT_IN_THE_BODY),
    (NODE, "header host (ours only)", &[], OF_THE_CONNECTION),
    (
        NODE,
        "header content-type (value)",
        &[],
        "MSAL Node adds `charset=utf-8`, a parameter that the media type does not have",
    ),
    (NODE, "header return-client-request-id (ours only)", &[], WANTS_THE_ID_BACK),
    (
        NODE,
        "query client-request-id (theirs only)",
        &[],
        "sent in the URL too; ours leaves the URL unchanged",
    ),
    (NODE, "url (value)", &["region"], SLASH),
];

/// Differences between client assertions, in the same form.
const ASSERTIONS: &[(&str, &str, &[&str], &str)] = &[
    (
        PYTHON,
        "claim aud (value)",
        &["region"],
        "MSAL Python signs the global URL and posts to the region's; ours signs the URL that it \
         posts to",
    ),
    (PYTHON, "claim exp (fraction)", &[], WHOLE_SECONDS),
    (PYTHON, "claim iat (fraction)", &[], WHOLE_SECONDS),
    (
        PYTHON,
        "claim nbf (ours only)",
        &[],
        "MSAL.NET and MSAL Node send it; a server that is strict about times needs it",
    ),
    (
        PYTHON,
        "header x5c (leaf only)",
        &["PS256 with x5c"],
        "MSAL Python reads only one certificate of the PEM when it computes the thumbprint; ours sends the chain",
    ),
    (
        PYTHON,
        "header x5c (line breaks)",
        &["RS256 with x5c"],
        "RFC 7515 requires base64 without line breaks; MSAL Python keeps those of the PEM",
    ),
    (PYTHON, "header x5t (padding)", &["RS256", "RS256 with x5c"], NO_PADDING),
    (PYTHON, "header x5t#S256 (padding)", &["PS256", "PS256 with x5c", "region"], NO_PADDING),
    (NODE, "claim aud (value)", &["region"], SLASH),
];

/// Differences between judgements that many answers have in common.
const RULES: &[Rule] = &[
    Rule {
        name: "a failure is cached",
        whose: BOTH,
        field: "second",
        applies: |ours, theirs| {
            ours.second == "rest" && ["sent", "repetition"].contains(&theirs.second.as_str())
        },
        reason: "failures are cached for all instances: 5 seconds, a refused credential 10; MSAL Python keeps a \
                 400 for a minute, in one process",
    },
    Rule {
        name: "only the status of a 5xx",
        whose: PYTHON,
        field: "error",
        applies: |_, theirs| theirs.exception.as_deref() == Some("MsalServiceError"),
        reason: "discards the body of a 5xx answer; ours reports it",
    },
    Rule {
        name: "a 5xx has no codes",
        whose: PYTHON,
        field: "codes",
        applies: |_, theirs| theirs.exception.as_deref() == Some("MsalServiceError"),
        reason: "discards the body of a 5xx answer; ours reports it",
    },
    Rule {
        name: "five seconds after a 5xx",
        whose: NODE,
        field: "second",
        applies: |ours, theirs| {
            ours.second == "throttle 5s" && is_same("throttle 60s", &theirs.second)
        },
        reason: "a 5xx without `Retry-After` is transient; ours waits as long as MSAL Python",
    },
    Rule {
        name: "sixty seconds after a 429",
        whose: PYTHON,
        field: "second",
        applies: |ours, theirs| ours.second == "throttle 60s" && theirs.second == "throttle 5s",
        reason: "the 429 has no readable `Retry-After`; ours waits as long as MSAL Node",
    },
    Rule {
        name: "no error code is `unknown`",
        whose: BOTH,
        field: "error",
        applies: |ours, theirs| {
            ours.error.as_deref() == Some("unknown")
                && theirs.error.as_deref().unwrap_or_default().is_empty()
        },
        reason: "the contract promises an `error`",
    },
    Rule {
        name: "an error status is a refusal",
        whose: BOTH,
        field: "verdict",
        applies: |ours, theirs| {
            ours.error.as_deref() == Some("unknown") && theirs.verdict == "unusable"
        },
        reason: "throws a parser's exception if the body is malformed; ours reports the status in any case",
    },
    Rule {
        name: "the wait does not depend on the body",
        whose: NODE,
        field: "second",
        applies: |ours, theirs| {
            ours.second.starts_with("throttle")
                && (theirs.verdict.as_str(), theirs.second.as_str()) == ("unusable", "sent")
        },
        reason: "does not wait if the body is no JSON; proxies send such answers",
    },
];

/// Other differences between judgements: the answer, the library, our judgement, and the reason.
const CORPUS: &[(&str, &str, &str, &str)] = &[
    (
        "refresh_in as a string",
        PYTHON,
        "token 86399 r43199 / cache",
        "MSAL Python fails on a quoted number, which Entra's older endpoint sends",
    ),
    ("client_info of an account", BOTH, "token 3599 / cache", FILED_UNDER_WHAT_WAS_ASKED),
    (
        "client_info is not base64url",
        PYTHON,
        "token 3599 / cache",
        "`client_info` says nothing about an application; ours does not read it",
    ),
    ("scope narrowed", BOTH, "token 3599 / cache", FILED_UNDER_WHAT_WAS_ASKED),
    ("scope is empty", PYTHON, "token 3599 / cache", FILED_UNDER_WHAT_WAS_ASKED),
    ("no token_type", BOTH, "unusable / rest", "RFC 6749, section 5.1, requires it"),
    ("token_type pop", PYTHON, "unusable / rest", NO_PROOF_AT_HAND),
    ("token_type mtls_pop", BOTH, "unusable / rest", NO_PROOF_AT_HAND),
    ("token_type N_A", BOTH, "unusable / rest", NO_PROOF_AT_HAND),
    (
        "no expires_in",
        PYTHON,
        "token 0 / sent",
        "MSAL Python assumes ten minutes; ours assumes nothing and does not cache, like MSAL Node",
    ),
    (
        "no expires_in but expires_on",
        PYTHON,
        "token 0 / sent",
        "not a member of RFC 6749, and measured by another machine's clock; ours does not cache, like MSAL Node",
    ),
    ("expires_in is null", NODE, "unusable / rest", LIFETIMES_ARE_NUMBERS),
    ("expires_in is a word", NODE, "unusable / rest", LIFETIMES_ARE_NUMBERS),
    ("expires_in is beyond ten years", BOTH, "token 86400 / cache", A_DAY_AT_MOST),
    ("expires_in is beyond 64 bits", BOTH, "token 86400 / cache", A_DAY_AT_MOST),
    (
        "expires_in within five minutes",
        BOTH,
        "token 200 / cache",
        "ours serves a short-lived token for the first half of its life; the libraries send a request with each \
         call",
    ),
    (
        "refresh_in beyond expires_in",
        BOTH,
        "token 3599 / cache",
        "a refresh time after the expiry has no effect",
    ),
    (
        "refresh_in is zero",
        PYTHON,
        "token 3599 / cache",
        "MSAL Python then refreshes with each call; ours treats it as absent, like MSAL Node",
    ),
    ("access_token is a number", BOTH, "unusable / rest", "a token is text"),
    (
        "access_token twice",
        BOTH,
        "unusable / rest",
        "two tokens are ambiguous: a repeated name is refused",
    ),
    (
        "success after a byte order mark",
        NODE,
        "unusable / rest",
        "RFC 8259 forbids sending one, and MSAL Python refuses it too",
    ),
    ("success as 201", BOTH, "unusable / rest", "RFC 6749, section 5.1, names 200 and no other"),
    (
        "null error beside a token",
        BOTH,
        "refused unknown / rest",
        "an answer with an `error` member is no success, whatever its value",
    ),
    (
        "AADSTS70002 two codes in one description",
        NODE,
        "refused invalid_client 70002,50012 / rest",
        ONE_CODE,
    ),
    (
        "AADSTS50196 request loop",
        BOTH,
        "throttled invalid_grant 50196 / throttle 60s",
        "the directory's code for too many requests; ours waits for a minute, in all instances",
    ),
    ("error_codes as one string", NODE, "refused invalid_resource 500011 / rest", ONE_CODE),
    ("error is a number", BOTH, "refused unknown / rest", NO_ERROR_CODE),
    ("error is an object", BOTH, "refused unknown / rest", NO_ERROR_CODE),
    (
        "429 text with a date in Retry-After",
        PYTHON,
        "throttled unknown / throttle 3600s",
        "RFC 9110 allows a date; ours reads it and waits for an hour at most",
    ),
    (
        "429 with a Retry-After of zero",
        BOTH,
        "throttled Server overload / throttle 1s",
        "a 429 with zero still means fewer requests; ours waits for the shortest time, one second",
    ),
    (
        "429 with a negative Retry-After",
        PYTHON,
        "throttled Server overload / throttle 60s",
        "not a number of seconds, so treated as absent, like MSAL Node",
    ),
    (
        "429 with a fractional Retry-After",
        NODE,
        "throttled Server overload / throttle 60s",
        "not a number of seconds, so treated as absent",
    ),
    (
        "401 JSON with Retry-After",
        BOTH,
        "refused invalid_client 7000215 / rest",
        "a rejected credential is no throttle: the application's other credentials may work",
    ),
    ("500 with a token", NODE, "throttled unknown / throttle 5s", STATUS_FIRST),
    ("400 with a token", BOTH, "refused unknown / rest", STATUS_FIRST),
];

// Reasons that several differences have.
const SAYS_IT_IN_THE_BODY: &str = "MSAL Node sends its telemetry in the body, ours in headers as MSAL.NET and MSAL \
     Python do";
const OF_THE_CONNECTION: &str = "a header of the connection, which the host owns";
const NAMES_ITSELF: &str = "each library names itself and its platform";
const WHOLE_SECONDS: &str =
    "a `NumericDate` may have a fraction; ours has none, since not every server reads one";
const NO_PADDING: &str = "RFC 7515 requires base64url without padding; MSAL Python keeps it";
const FILED_UNDER_WHAT_WAS_ASKED: &str = "the libraries key the token by the account or the scopes of the answer \
     and do not find it again; ours keys it by the request";
const NO_PROOF_AT_HAND: &str = "such a token needs a proof of possession, which ours cannot make";
const A_DAY_AT_MOST: &str = "Entra's tokens live for a day at most; a longer lifetime would keep a stolen token in \
     the cache";
const ONE_CODE: &str =
    "MSAL Node reads a single number from the description; ours returns the answer's list";
const STATUS_FIRST: &str = "the status decides: a token in an error answer is not used";
const NO_ERROR_CODE: &str = "an `error` that is not text is not an error code";
const SLASH: &str = "MSAL Node ends a region's URL with a slash";
const WANTS_THE_ID_BACK: &str = "asks Entra to repeat the ID in its answer, as MSAL.NET does";
const LIFETIMES_ARE_NUMBERS: &str =
    "a lifetime that is no number is a malformed answer, as in MSAL Python";

/// A caller's assertion is not kept in the store, which is one more difference.
const ALL_BUT_ASSERTION: &[&str] = &[
    "secret",
    "PS256",
    "PS256 with x5c",
    "RS256",
    "RS256 with x5c",
    "claims",
    "capabilities",
    "claims and capabilities",
    "region",
    "fmi_path",
];

/// A difference that many answers have in common.
struct Rule {
    name: &'static str,
    whose: &'static str,
    field: &'static str,
    /// Takes our judgement and theirs.
    applies: fn(&Judgement, &Judgement) -> bool,
    reason: &'static str,
}

#[test]
fn the_peers_have_the_pinned_versions() {
    let Some(mut peers) = Peers::start() else { return };
    let versions = peers.ask(&json!({ "do": "hello" })).map(|answer| answer["version"].clone());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let requirements = fs::read_to_string(folder.join("requirements.txt")).unwrap();
    let package = fs::read_to_string(folder.join("package.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    assert!(requirements.contains(&format!("msal=={}", versions[0].as_str().unwrap())));
    assert_eq!(package["dependencies"]["@azure/msal-node"], versions[1]);
    for (peer, version) in PEERS.into_iter().zip(&versions) {
        assert!(page().contains(&format!("{peer} {}", version.as_str().unwrap())), "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn token_requests_equal_the_peers_except_for_the_listed_differences() {
    let Some(mut peers) = Peers::start() else { return };
    let mut found = Differences::default();
    for (case, command) in cases() {
        let ours = our_request(&command).await;
        for (peer, theirs) in PEERS.into_iter().zip(peers.requests(&command)) {
            found.add(peer, case, request_differences(&ours, &theirs));
        }
    }
    found.check(WIRE);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_assertions_equal_the_peers_except_for_the_listed_differences() {
    let Some(mut peers) = Peers::start() else { return };
    let mut found = Differences::default();
    let mut ids = BTreeSet::new();
    let mut assertions = 0;
    for (case, command) in cases() {
        if command["credential"].get("certificate_pem").is_none() {
            continue;
        }
        let ours = decoded(our_request(&command).await.parameter("client_assertion").unwrap());
        let theirs = peers.requests(&command).map(|sent| {
            let (_, assertion) = pairs(&sent["form"])
                .into_iter()
                .find(|(name, _)| name == "client_assertion")
                .expect("an assertion is sent");
            decoded(&assertion)
        });
        for (peer, theirs) in PEERS.into_iter().zip(&theirs) {
            found.add(peer, case, assertion_differences(&ours, theirs));
        }
        for (_, claims) in [&ours].into_iter().chain(&theirs) {
            let id = claims["jti"].as_str().unwrap();
            assert!(is_guid(id), "{case}: {id}");
            assert_eq!(lifetime(claims), 600, "{case}: {claims}");
            ids.insert(id.to_owned());
            assertions += 1;
        }
    }
    assert_eq!(ids.len(), assertions, "no jti twice");
    found.check(ASSERTIONS);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_judged_like_the_peers_except_for_the_listed_differences() {
    let Some(mut peers) = Peers::start() else { return };
    let answers = corpus();
    let [python, node] = peers.ask(&json!({ "do": "judge", "answers": answers }));
    let ours = our_judgements(&answers).await;
    let mut unlisted = Vec::new();
    let mut used_rules = BTreeSet::new();
    let mut used_entries = BTreeSet::new();
    for (index, answer) in answers.iter().enumerate() {
        let (name, ours) = (answer["name"].as_str().unwrap(), &ours[index]);
        let mut differing = BTreeSet::new();
        for (peer, verdicts) in PEERS.into_iter().zip([&python, &node]) {
            let theirs = Judgement::of_peer(&verdicts["verdicts"][index]);
            for field in ours.fields_that_differ(&theirs) {
                let rule = RULES.iter().position(|rule| {
                    [peer, BOTH].contains(&rule.whose)
                        && rule.field == field
                        && (rule.applies)(ours, &theirs)
                });
                match rule {
                    Some(rule) => _ = used_rules.insert(rule),
                    None => _ = differing.insert((peer, theirs.to_cell())),
                }
            }
        }
        if differing.is_empty() {
            continue;
        }
        let whose = if differing.len() == 2 { BOTH } else { differing.first().unwrap().0 };
        let cell = ours.to_cell();
        let entry = CORPUS.iter().position(|&(listed, peer, judgement, _)| {
            listed == name && peer == whose && judgement == cell
        });
        match entry {
            Some(entry) => _ = used_entries.insert(entry),
            None => unlisted.push(format!("(\"{name}\", {whose}, \"{cell}\", ..) {differing:?}")),
        }
    }
    let unused: Vec<_> = (0..RULES.len())
        .filter(|rule| !used_rules.contains(rule))
        .map(|rule| RULES[rule].name)
        .chain((0..CORPUS.len()).filter(|it| !used_entries.contains(it)).map(|it| CORPUS[it].0))
        .collect();
    assert!(
        unlisted.is_empty() && unused.is_empty(),
        "not listed:\n{}\nlisted, but not found: {unused:#?}",
        unlisted.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_a_peer_wrote_serves_our_calls() {
    let Some(mut peers) = Peers::start() else { return };
    for answer in [issued(None), issued(Some(43_199))] {
        for exported in peers.ask(&json!({ "do": "export", "answer": answer })) {
            let world = World::new();
            let (application, request) = (application_of(&judged()), request_of(&judged()));
            let cache = exported["cache"].as_str().unwrap();
            let report = world.host.import_token_cache(&application, cache).await.unwrap().unwrap();
            assert_eq!((report.imported, report.skipped), (1, 0), "{cache}");
            let result = world.acquire(&application, &request).await.unwrap();
            assert_eq!(result.access_token, "token-1");
            assert_eq!(result.metadata.token_source, TokenSource::Cache);
            assert_eq!(world.token_requests(), 0);
            let entries: Value = serde_json::from_str(cache).unwrap();
            let entry = entries["AccessToken"].as_object().unwrap().values().next().unwrap();
            assert_eq!(entry["expires_on"], result.expires_on.to_string());
            assert_eq!(
                entry.get("refresh_on"),
                result.refresh_on.map(|time| Value::from(time.to_string())).as_ref()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peers_token_for_an_fmi_path_is_not_mistaken_for_a_plain_one() {
    let Some(mut peers) = Peers::start() else { return };
    for exported in peers.ask(&json!({ "do": "export", "fmi_path": "a/path" })) {
        let world = World::new();
        let cache = exported["cache"].as_str().unwrap();
        let application = application_of(&judged());
        let report = world.host.import_token_cache(&application, cache).await.unwrap().unwrap();
        assert_eq!((report.imported, report.skipped), (0, 1), "{cache}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_we_wrote_serves_the_peers_calls() {
    let Some(mut peers) = Peers::start() else { return };
    for answer in [issued(None), issued(Some(43_199))] {
        let world = World::new();
        world.emulator.script_any(vec![scripted(&answer)]);
        let (application, request) = (application_of(&judged()), request_of(&judged()));
        world.acquire(&application, &request).await.unwrap();
        let cache = world.host.export_token_cache(&application, &[request]).await.unwrap().unwrap();
        let mut command = judged();
        command["do"] = "import".into();
        command["cache"] = cache.into();
        for imported in peers.ask(&command) {
            assert_eq!(imported["from_cache"], true, "{imported}");
            assert_eq!(imported["access_token"], "token-1");
            assert_eq!(imported["token_requests"], 0);
        }
    }
}

/// The library as it is, against the emulator: with an account in the answer it would not find its token again.
#[test]
fn msal_python_gets_a_token_of_the_emulator_and_then_hits_its_own_cache() {
    let Some(mut peers) = Peers::start() else { return };
    let emulator = Emulator::start().unwrap();
    let mut certificate = tempfile::NamedTempFile::new().unwrap();
    certificate.write_all(emulator.ca_certificate_pem().as_bytes()).unwrap();
    let [python, _] = &mut peers.0;
    let answer = python.ask(&json!({
        "do": "call",
        "client_id": demo::CLIENT_ID,
        "authority": format!("{}/{}", emulator.https_url(), demo::TENANT),
        "scopes": [demo::GRAPH_SCOPE],
        "credential": { "secret": demo::client_secret() },
        "ca_certificate": certificate.path(),
    }));
    assert_eq!(answer["token_sources"], json!(["identity_provider", "cache"]));
    assert_eq!(emulator.token_requests().len(), 1);
}

#[test]
fn docs_peers_md_lists_every_difference() {
    let page = page();
    let of_requests = WIRE.iter().chain(ASSERTIONS).map(|&(_, name, _, reason)| (name, reason));
    let of_judgements = CORPUS.iter().map(|&(name, _, _, reason)| (name, reason));
    let of_rules = RULES.iter().map(|rule| (rule.name, rule.reason));
    for (name, reason) in of_requests.chain(of_judgements).chain(of_rules) {
        assert!(page.contains(name), "{name} is missing");
        assert!(page.contains(reason), "{name}: {reason}");
    }
}

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/peers.md")).unwrap()
}

/// The cases: configurations and requests in the form of the peers' command `request`.
fn cases() -> Vec<(&'static str, Value)> {
    let with = |changes: Value| {
        let mut command = json!({
            "do": "request",
            "client_id": "11111111-1111-1111-1111-111111111111",
            "authority": "https://login.microsoftonline.com/contoso.example",
            "scopes": ["https://graph.microsoft.com/.default"],
            "credential": { "secret": "a b+c&d=é~._-/" },
        });
        let Value::Object(changes) = changes else { panic!("an object") };
        command.as_object_mut().unwrap().extend(changes);
        command
    };
    let certificate = |algorithm: &str| {
        json!({
            "private_key_pem": key_text("rsa2048.key.pem"),
            "certificate_pem": key_text("rsa2048.certificate.pem"),
            "send_x5c": false,
            "algorithm": algorithm,
        })
    };
    let chain = |algorithm: &str| {
        let certificates = ["leaf", "intermediate", "root"];
        let chain = certificates.map(|name| key_text(&format!("{name}.certificate.pem"))).concat();
        let mut credential = certificate(algorithm);
        credential["certificate_pem"] = chain.into();
        credential["send_x5c"] = true.into();
        credential
    };
    let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}"#;
    vec![
        ("secret", with(json!({}))),
        ("assertion", with(json!({ "credential": { "assertion": "e30.e30.c2ln" } }))),
        ("PS256", with(json!({ "credential": certificate("PS256") }))),
        ("PS256 with x5c", with(json!({ "credential": chain("PS256") }))),
        ("RS256", with(json!({ "credential": certificate("RS256") }))),
        ("RS256 with x5c", with(json!({ "credential": chain("RS256") }))),
        ("claims", with(json!({ "claims": challenge }))),
        ("capabilities", with(json!({ "capabilities": ["cp1", "cp2"] }))),
        ("claims and capabilities", with(json!({ "claims": challenge, "capabilities": ["cp1"] }))),
        ("region", with(json!({ "region": "westus2", "credential": certificate("PS256") }))),
        ("fmi_path", with(json!({ "fmi_path": "a/b+c%20d" }))),
    ]
}

/// The configuration and request with which the peers judge answers.
fn judged() -> Value {
    json!({
        "client_id": "11111111-1111-1111-1111-111111111111",
        "authority": "https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222",
        "scopes": ["https://graph.microsoft.com/.default"],
        "credential": { "secret": "a-secret" },
    })
}

fn issued(refresh_in: Option<u32>) -> Value {
    let mut body =
        json!({ "token_type": "Bearer", "expires_in": 86_399, "access_token": "token-1" });
    if let Some(seconds) = refresh_in {
        body["refresh_in"] = seconds.into();
    }
    let headers = json!({ "Content-Type": "application/json; charset=utf-8" });
    json!({ "status": 200, "headers": headers, "body": body.to_string() })
}

fn corpus() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/corpus.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The same configuration for the component.
fn application_of(command: &Value) -> Application {
    let text = |name: &str| command[name].as_str().unwrap().to_owned();
    let application = Application {
        client_id: text("client_id"),
        authority: text("authority"),
        credentials: vec![credential_of(&command["credential"])],
        options: Vec::new(),
    };
    let capabilities = ApplicationOption::ClientCapabilities(texts(&command["capabilities"]));
    let region = command["region"].as_str().map(str::to_owned).map(ApplicationOption::Region);
    options(&application, region.into_iter().chain([capabilities]))
}

fn credential_of(given: &Value) -> Credential {
    let text = |name: &str| given[name].as_str().map(str::to_owned);
    if let Some(value) = text("secret") {
        return secret(&value);
    }
    if let Some(assertion) = text("assertion") {
        return Credential::Assertion(assertion);
    }
    let pem = text("private_key_pem").unwrap() + &text("certificate_pem").unwrap();
    let rs256 = given["algorithm"] == "RS256";
    let mut certificate = Certificate::new(CertificateSource::Pem(pem));
    if given["send_x5c"] == true {
        certificate.options.push(CertificateOption::SendX5c);
    }
    if rs256 {
        certificate.options.push(CertificateOption::Algorithm(SigningAlgorithm::Rs256));
    }
    Credential::Certificate(certificate)
}

fn request_of(command: &Value) -> TokenRequest {
    let text = |name: &str| command[name].as_str().map(str::to_owned);
    let request = TokenRequest { scopes: texts(&command["scopes"]), options: Vec::new() };
    let claims = text("claims").map(RequestOption::Claims);
    request_options(
        &request,
        claims.into_iter().chain(text("fmi_path").map(RequestOption::FmiPath)),
    )
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The component's token request for the same case, as it arrived.
async fn our_request(command: &Value) -> RecordedRequest {
    let world = World::answering_as(&["westus2.login.microsoft.com"], |emulator| emulator);
    world.emulator.script_any(vec![scripted(&issued(None))]);
    world.acquire(&application_of(command), &request_of(command)).await.unwrap();
    let mut requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// The differences between our request and theirs, as `place name (kind)`.
fn request_differences(ours: &RecordedRequest, theirs: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let our_url = format!("https://{}{}", ours.header("host").unwrap(), ours.target);
    let their_url = theirs["url"].as_str().unwrap();
    let (their_url, query) = their_url.split_once('?').unwrap_or((their_url, ""));
    if (ours.method.as_str(), our_url.as_str()) != (theirs["method"].as_str().unwrap(), their_url) {
        found.push("url (value)".to_owned());
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, _) = pair.split_once('=').unwrap();
        found.push(format!("query {name} (theirs only)"));
    }
    let lower = |(name, value): (String, String)| (name.to_lowercase(), value);
    assert_eq!(ours.header("content-length"), Some(&*ours.body.len().to_string()));
    let is_of_request = |(name, _): &(String, String)| name != "content-length";
    let their_headers = theirs["headers"].as_object().unwrap().iter();
    let their_headers =
        their_headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    compare(
        "header",
        &ours.headers.iter().cloned().map(lower).filter(is_of_request).collect(),
        &their_headers.map(lower).filter(is_of_request).collect(),
        &mut found,
    );
    let their_form = pairs(&theirs["form"]);
    assert_eq!(unique(&their_form).len(), their_form.len(), "no parameter twice");
    assert_eq!(unique(&ours.form).len(), ours.form.len(), "no parameter twice");
    let (mut our_form, mut their_form) = (unique(&ours.form), unique(&their_form));
    for form in [&mut our_form, &mut their_form] {
        // Signed assertions are compared by their claims elsewhere. A caller's assertion has no header and is compared here.
        if let Some(assertion) = form.get_mut("client_assertion")
            && decoded(assertion).0.get("alg").is_some()
        {
            *assertion = "signed".to_owned();
        }
        if let Some(claims) = form.remove("claims") {
            let claims: Map<String, Value> = serde_json::from_str(&claims).unwrap();
            for (name, value) in claims {
                form.insert(format!("claims.{name}"), value.to_string());
            }
        }
    }
    compare("body", &our_form, &their_form, &mut found);
    found
}

type Pairs = BTreeMap<String, String>;

fn unique(pairs: &[(String, String)]) -> Pairs {
    pairs.iter().cloned().collect()
}

fn compare(place: &str, ours: &Pairs, theirs: &Pairs, found: &mut Vec<String>) {
    for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let kind = match (ours.get(name), theirs.get(name)) {
            (Some(our), Some(their)) if our == their => continue,
            (Some(_), Some(_)) => "value",
            (Some(_), None) => "ours only",
            (None, _) => "theirs only",
        };
        found.push(format!("{place} {name} ({kind})"));
    }
}

/// Header and claims.
fn decoded(assertion: &str) -> (Value, Value) {
    let mut parts = assertion.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// The differences between our assertion and theirs, as `part name (kind)`.
fn assertion_differences(ours: &(Value, Value), theirs: &(Value, Value)) -> Vec<String> {
    let mut found = Vec::new();
    for (part, ours, theirs) in [("header", &ours.0, &theirs.0), ("claim", &ours.1, &theirs.1)] {
        let (ours, theirs) = (ours.as_object().unwrap(), theirs.as_object().unwrap());
        for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let kind = match (ours.get(name), theirs.get(name)) {
                (Some(our), Some(their)) => member_difference(name, our, their),
                (Some(_), None) => Some("ours only"),
                (None, _) => Some("theirs only"),
            };
            found.extend(kind.map(|kind| format!("{part} {name} ({kind})")));
        }
    }
    found
}

fn member_difference(name: &str, ours: &Value, theirs: &Value) -> Option<&'static str> {
    match name {
        "jti" => None,
        "exp" | "nbf" | "iat" => {
            let seconds = |time: &Value| time.as_f64().unwrap();
            assert!((seconds(ours) - seconds(theirs)).abs() < 60.0, "{name}: {ours} {theirs}");
            assert!(ours.is_u64());
            (!theirs.is_u64()).then_some("fraction")
        }
        _ if ours == theirs => None,
        "x5t" | "x5t#S256" => {
            let unpadded = theirs.as_str().unwrap().trim_end_matches('=');
            Some(if ours == unpadded { "padding" } else { "value" })
        }
        "x5c" => {
            let joined = |chain: &Value| -> Vec<String> {
                let lines = |it: String| it.split_whitespace().collect::<String>();
                texts(chain).into_iter().map(lines).collect()
            };
            let (ours, theirs) = (joined(ours), joined(theirs));
            Some(match ours == theirs {
                true => "line breaks",
                false if ours.starts_with(&theirs) => "leaf only",
                false => "value",
            })
        }
        _ => Some("value"),
    }
}

/// The time from the start of its validity, as far as it is given, to its expiry.
fn lifetime(claims: &Value) -> u64 {
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    let start = seconds("nbf").or(seconds("iat")).unwrap();
    Duration::from_secs_f64((seconds("exp").unwrap() - start).round()).as_secs()
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

fn pairs(form: &Value) -> Vec<(String, String)> {
    serde_json::from_value(form.clone()).unwrap()
}

/// The differences found, by peer and name, with their cases.
#[derive(Default)]
struct Differences {
    found: BTreeMap<(&'static str, String), Vec<&'static str>>,
    cases: BTreeSet<&'static str>,
}

impl Differences {
    fn add(&mut self, peer: &'static str, case: &'static str, names: Vec<String>) {
        self.cases.insert(case);
        for name in names {
            self.found.entry((peer, name)).or_default().push(case);
        }
    }

    /// Panics unless the differences found are the listed ones.
    fn check(&self, listed: &[(&str, &str, &[&str], &str)]) {
        let everywhere = |cases: &[&str]| cases.is_empty() || cases.len() == self.cases.len();
        let found = self.found.iter().map(|((peer, name), cases)| {
            let cases = if everywhere(cases) { &[][..] } else { cases };
            format!("({peer:?}, {name:?}, &{cases:?}, ..)")
        });
        let listed = listed
            .iter()
            .map(|(peer, name, cases, _)| format!("({peer:?}, {name:?}, &{cases:?}, ..)"));
        let (found, listed): (BTreeSet<_>, BTreeSet<_>) = (found.collect(), listed.collect());
        assert!(
            found == listed,
            "not listed: {:#?}\nlisted, but not found: {:#?}",
            found.difference(&listed).collect::<Vec<_>>(),
            listed.difference(&found).collect::<Vec<_>>()
        );
    }
}

/// How an answer was judged, and what happened to the next call.
#[derive(Debug)]
struct Judgement {
    /// `token`, `refused`, `throttled` or `unusable`.
    verdict: String,
    /// The lifetime of a token in seconds, and the seconds until its refresh time.
    lifetime: String,
    error: Option<String>,
    codes: Vec<String>,
    /// `sent`, `cache`, `throttle Ns`, or a rule of the library.
    second: String,
    /// A library's exception.
    exception: Option<String>,
}

impl Judgement {
    fn of_peer(verdict: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let codes = match &verdict["error_codes"] {
            Value::Array(codes) => codes.iter().filter_map(text).collect(),
            Value::String(codes) => vec![codes.trim_matches(['[', ']']).to_owned()],
            _ => Vec::new(),
        };
        let second = match verdict["retry_after"].as_f64() {
            Some(seconds) => format!("throttle {seconds}s"),
            None => text(&verdict["second"]).unwrap(),
        };
        Self {
            verdict: text(&verdict["verdict"]).unwrap(),
            lifetime: to_lifetime(&verdict["expires_in"], &verdict["refresh_in"]),
            error: text(&verdict["error"]),
            codes,
            second,
            exception: text(&verdict["exception"]),
        }
    }

    fn of_ours(
        first: &Result<AuthenticationResult, AcquireError>,
        again: &Result<AuthenticationResult, AcquireError>,
        sent_again: bool,
        now: u64,
    ) -> Self {
        let second = match again {
            _ if sent_again => "sent".to_owned(),
            Ok(_) => "cache".to_owned(),
            Err(error) => match &error.cause {
                ErrorCause::Throttled(it) => format!("throttle {}s", it.retry_after_seconds),
                _ => "rest".to_owned(),
            },
        };
        let refusal = |refusal: &Refusal, verdict: &str| Self {
            verdict: verdict.to_owned(),
            lifetime: String::new(),
            error: Some(refusal.error.clone()),
            codes: refusal.error_codes.iter().map(u32::to_string).collect(),
            second: second.clone(),
            exception: None,
        };
        match first {
            Ok(result) => Self {
                verdict: "token".to_owned(),
                lifetime: to_lifetime(
                    &(result.expires_on - now).into(),
                    &result.refresh_on.map(|time| time - now).into(),
                ),
                error: None,
                codes: Vec::new(),
                second,
                exception: None,
            },
            Err(error) => match &error.cause {
                ErrorCause::Refused(it) if second.starts_with("throttle") => {
                    refusal(it, "throttled")
                }
                ErrorCause::Refused(it) => refusal(it, "refused"),
                ErrorCause::Throttled(it) => refusal(&it.refusal, "throttled"),
                ErrorCause::UnexpectedResponse(_) => Self {
                    verdict: "unusable".to_owned(),
                    lifetime: String::new(),
                    error: None,
                    codes: Vec::new(),
                    second,
                    exception: None,
                },
                _ => panic!("an answer is judged: {error:?}"),
            },
        }
    }

    /// The fields that differ. If the verdicts differ, details are not compared.
    fn fields_that_differ(&self, theirs: &Self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if !is_same(&self.second, &theirs.second) {
            fields.push("second");
        }
        if self.verdict != theirs.verdict {
            fields.push("verdict");
        } else if self.verdict == "token" && !is_same(&self.lifetime, &theirs.lifetime) {
            fields.push("lifetime");
        } else if ["refused", "throttled"].contains(&self.verdict.as_str()) {
            fields.extend((self.error != theirs.error).then_some("error"));
            fields.extend((self.codes != theirs.codes).then_some("codes"));
        }
        fields
    }

    fn to_cell(&self) -> String {
        let error = self.error.as_deref().unwrap_or("-");
        let codes = self.codes.join(",");
        let what = match self.verdict.as_str() {
            "token" => self.lifetime.clone(),
            "unusable" => self.exception.clone().unwrap_or_default(),
            _ => format!("{error} {codes}"),
        };
        format!("{} {}", self.verdict, what.trim_end()).trim_end().to_owned()
            + " / "
            + self.second.as_str()
    }
}

/// Compares word by word. Numbers may differ by a second, since MSAL Node reads its clock more than once.
fn is_same(ours: &str, theirs: &str) -> bool {
    let seconds = |word: &str| word.trim_matches(['r', 's']).parse::<f64>().ok();
    let is_near = |(our, their): (&str, &str)| match (seconds(our), seconds(their)) {
        (Some(our), Some(their)) => (our - their).abs() <= 1.0,
        _ => our == their,
    };
    let (ours, theirs) = (ours.split(' '), theirs.split(' '));
    ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(is_near)
}

/// Negative lifetimes count as zero.
fn to_lifetime(expires_in: &Value, refresh_in: &Value) -> String {
    let seconds = |value: &Value| value.as_f64().map(|seconds| seconds.max(0.0).to_string());
    let expires = seconds(expires_in).unwrap_or_else(|| "0".to_owned());
    seconds(refresh_in).map_or(expires.clone(), |refresh| format!("{expires} r{refresh}"))
}

/// Gives every answer to two calls of the component. A few emulators run in parallel.
async fn our_judgements(answers: &[Value]) -> Vec<Judgement> {
    let chunks: Vec<Vec<Value>> =
        answers.chunks(answers.len() / 8 + 1).map(<[_]>::to_vec).collect();
    let tasks: Vec<_> = chunks
        .into_iter()
        .map(|chunk| {
            tokio::spawn(async move {
                let world = World::new();
                let mut judgements = Vec::new();
                for answer in chunk {
                    judgements.push(our_judgement(&world, &answer).await);
                }
                judgements
            })
        })
        .collect();
    let mut judgements = Vec::new();
    for task in tasks {
        judgements.extend(task.await.unwrap());
    }
    judgements
}

async fn our_judgement(world: &World, answer: &Value) -> Judgement {
    // The clock is stopped, so that lifetimes are exact.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let host: Host = world
        .host
        .with_store(Arc::new(JournalStore::default()))
        .with_wall_clock(move || Duration::from_secs(now));
    let (application, request) = (application_of(&judged()), request_of(&judged()));
    world.emulator.clear_scripts();
    // Two calls, each of which may be retried once.
    world.emulator.script_any(vec![scripted(answer); 4]);
    let first = host.acquire_token_for_client(&application, &request).await.unwrap();
    let sent = world.token_requests();
    let again = host.acquire_token_for_client(&application, &request).await.unwrap();
    Judgement::of_ours(&first, &again, world.token_requests() > sent, now)
}

fn scripted(answer: &Value) -> Scripted {
    let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    let mut scripted = Scripted::status(status).body(answer["body"].as_str().unwrap());
    for (name, value) in answer["headers"].as_object().unwrap() {
        scripted = scripted.header(name, value.as_str().unwrap());
    }
    scripted
}

const PYTHON: &str = "MSAL Python";
const NODE: &str = "MSAL Node";
const BOTH: &str = "both";
const PEERS: [&str; 2] = [PYTHON, NODE];

/// Both libraries, each in a process that reads one command per line.
struct Peers([Peer; 2]);

struct Peer {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts both. `None` if they are not installed; panics in CI instead.
    fn start() -> Option<Self> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let installed = match env::var_os("MSAL_PEERS") {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers"),
        };
        if !installed.join("python.stamp").is_file() || !installed.join("node.stamp").is_file() {
            let hint = "MSAL Python and MSAL Node are not installed; \
                 `host-tests/peers/install.sh target/peers` gets them";
            assert!(env::var_os("CI").is_none(), "{hint}");
            // The test harness hides the output of `eprintln!` if the test passes.
            std::io::stderr().write_all(format!("skipped: {hint}\n").as_bytes()).unwrap();
            return None;
        }
        Some(Self(
            [("python3", "peer.py"), ("node", "peer.mjs")]
                .map(|(program, script)| Peer::start(program, &sources.join(script), &installed)),
        ))
    }

    /// The answers of both to one command.
    fn ask(&mut self, command: &Value) -> [Value; 2] {
        self.0.each_mut().map(|peer| peer.ask(command))
    }

    /// The token requests of both.
    fn requests(&mut self, command: &Value) -> [Value; 2] {
        self.ask(command).map(|answer| {
            assert_eq!(answer["unsupported"], json!([]));
            let requests = answer["requests"].as_array().unwrap();
            let posts: Vec<_> = requests.iter().filter(|it| it["method"] == "POST").collect();
            assert_eq!(posts.len(), 1, "{answer}");
            posts[0].clone()
        })
    }
}

impl Peer {
    fn start(program: &str, script: &Path, installed: &Path) -> Self {
        let mut process = Command::new(program)
            .arg(script)
            .arg(installed)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, commands, answers }
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer.get("failure"), None, "{command}");
        answer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The process exits at the end of its input.
        self.commands = None;
        let _ = self.process.wait();
    }
}
