//! The bytes of the token request: D19, A20 and A21 of the fault catalogue.

use msal_emulator::Application as RegisteredApplication;
use msal_emulator::ClientSecret;
use msal_emulator::RecordedRequest;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::RequestOption;
use msal_host::contract::TokenRequest;
use msal_host_tests::World;
use msal_host_tests::options;
use msal_host_tests::request_options;
use msal_host_tests::secret;

#[tokio::test(flavor = "multi_thread")]
async fn d19_the_token_request_is_these_bytes() {
    let world = World::new();
    let request = request_options(
        &world.request(),
        [RequestOption::CorrelationId(CORRELATION_ID.to_owned())],
    );
    world.acquire(&world.application(), &request).await.unwrap();
    let sent = only_request(&world);

    let body = "client_id=11111111-aaaa-4000-8000-000000000011&grant_type=client_credentials\
        &scope=api%3A%2F%2Fdemo%2F.default&client_info=2\
        &client_secret=emulator-only%7Esecret%2Bwith%2Fodd%3Dchars+%26+spaces%3F";
    assert_eq!(String::from_utf8_lossy(&sent.body), body);
    let head = format!(
        "POST /c0970500-0000-4000-8000-000000000001/oauth2/v2.0/token HTTP/1.1\r\n\
         host: login.microsoftonline.com\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         accept: application/json\r\n\
         client-request-id: {CORRELATION_ID}\r\n\
         return-client-request-id: true\r\n\
         x-client-sku: MSAL.WASI\r\n\
         x-client-ver: {VERSION}\r\n\
         x-client-os: wasi\r\n\
         x-client-cpu: wasm32\r\n\
         x-client-current-telemetry: 5|1004,2,,,|1,0,1,,,0\r\n\
         x-ms-lib-capability: retry-after, h429\r\n\
         content-length: {}\r\n\
         \r\n",
        body.len()
    );
    assert_eq!(String::from_utf8_lossy(&sent.raw_head), head);
    assert_eq!((sent.tls, sent.server_name.as_deref()), (true, Some("login.microsoftonline.com")));
    assert_eq!(world.emulator.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn d19_no_header_or_url_carries_a_secret_or_asks_for_more_than_json() {
    let world = World::new();
    for _ in 0..2 {
        // The second request follows an answer that set three cookies.
        let again = request_options(&world.request(), [RequestOption::ForceRefresh]);
        world.acquire(&world.application(), &again).await.unwrap();
    }
    let requests = world.emulator.token_requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!(request.method, "POST");
        assert!(!request.target.contains(['?', '#']), "{}", request.target);
        for absent in [
            "accept-encoding",
            "cookie",
            "authorization",
            "transfer-encoding",
            "referer",
            "origin",
            "expect",
        ] {
            assert_eq!(request.header(absent), None, "{absent}");
        }
        let head = String::from_utf8_lossy(&request.raw_head);
        assert!(!head.contains("emulator-only"), "{head}");
        let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), request.headers.len(), "no header twice: {head}");
        assert!(is_random_guid(request.header("client-request-id").unwrap()), "{head}");
        assert_eq!(request.header("content-length"), Some(&*request.body.len().to_string()));
        let names: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["client_id", "grant_type", "scope", "client_info", "client_secret"]);
    }
    let ids: Vec<_> = requests.iter().map(|it| it.header("client-request-id")).collect();
    assert_ne!(ids[0], ids[1]);
    let telemetry = requests[0].header("x-client-current-telemetry").unwrap();
    assert!(telemetry.starts_with("5|1004,1,"), "a forced request: {telemetry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applications_name_and_capabilities_are_sent() {
    let world = World::new();
    let application = options(
        &world.application(),
        [
            ApplicationOption::AppName("a test".to_owned()),
            ApplicationOption::AppVersion("1.2.3".to_owned()),
            ApplicationOption::ClientCapabilities(vec!["cp1".to_owned()]),
        ],
    );
    world.acquire(&application, &world.request()).await.unwrap();
    let sent = only_request(&world);
    assert_eq!(sent.header("x-app-name"), Some("a test"));
    assert_eq!(sent.header("x-app-ver"), Some("1.2.3"));
    let claims: serde_json::Value =
        serde_json::from_str(sent.parameter("claims").unwrap()).unwrap();
    assert_eq!(claims["access_token"]["xms_cc"]["values"], serde_json::json!(["cp1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_are_sent_sorted_and_once() {
    let world = World::new();
    world.emulator.script_any(vec![msal_emulator::Scripted::token(3_600)]);
    let authority = format!("{}/{}", world.emulator.https_url(), demo::TENANT);
    let application = Application { authority, ..world.application() };
    let scopes = ["write", "api://x/.default&client_id=evil", "read", "write", "Read"];
    let scopes = scopes.map(str::to_owned).to_vec();
    world.acquire(&application, &TokenRequest { scopes, options: Vec::new() }).await.unwrap();
    let sent = only_request(&world);
    let scope = "Read api://x/.default&client_id=evil read write";
    assert_eq!(sent.parameter("scope"), Some(scope));
    assert_eq!(decoded(&sent.body)[2], ("scope".to_owned(), scope.as_bytes().to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_an_odd_client_id_is_sent_as_data() {
    for client_id in
        ["x&client_secret=y", "x=1", "x%26", "a+b c", "?#/\\;", "\"'<>", "client_id=&client_id="]
    {
        let world = World::new();
        let application = registered(&world, client_id, "plain");
        let result = world.acquire(&application, &world.request()).await;
        result.unwrap_or_else(|error| panic!("{client_id}: {error:?}"));
        let sent = only_request(&world);
        assert_eq!(sent.parameter("client_id"), Some(client_id));
        assert_eq!(sent.form.len(), 5, "{client_id}");
        let pairs = decoded(&sent.body);
        assert_eq!(pairs[0], ("client_id".to_owned(), client_id.as_bytes().to_vec()));
        assert_eq!(pairs.len(), 5, "{client_id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_secret_of_any_characters_arrives_as_it_is() {
    let every_byte: String = (0x20..=0x7e_u8).map(char::from).collect();
    for value in [
        &*every_byte,
        " leading",
        "trailing ",
        "  ",
        "+",
        "%",
        "%2B",
        "a&b=c",
        "é",
        "日本語 🦀",
        "e\u{301}",
        "x\u{feff}x",
        "\u{7f}",
        "\t",
        "\u{80}\u{a0}",
        &"%&+= ".repeat(800),
    ] {
        let world = World::new();
        let application = registered(&world, "odd", value);
        let result = world.acquire(&application, &world.request()).await;
        result.unwrap_or_else(|error| panic!("{value:?}: {error:?}"));
        let sent = only_request(&world);
        assert_eq!(sent.parameter("client_secret"), Some(value));
        let pairs = decoded(&sent.body);
        assert_eq!(pairs[4], ("client_secret".to_owned(), value.as_bytes().to_vec()), "{value:?}");
        assert_eq!(pairs.len(), 5, "{value:?}");
        assert!(sent.body.is_ascii(), "{value:?}");
    }
}

fn only_request(world: &World) -> RecordedRequest {
    let requests = world.emulator.requests();
    assert_eq!(requests.len(), 1);
    requests.into_iter().next().unwrap()
}

fn registered(world: &World, client_id: &str, value: &str) -> Application {
    let registered = RegisteredApplication::new(client_id)
        .in_tenant(demo::TENANT)
        .with_secret(ClientSecret::new(value));
    world.emulator.add_application(registered).unwrap();
    Application { client_id: client_id.to_owned(), ..world.application_with(secret(value)) }
}

/// The pairs of a form, parsed here by the URL standard's algorithm, independently of the crates in use.
fn decoded(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    body.split(|&byte| byte == b'&')
        .map(|pair| {
            let middle = pair.iter().position(|&byte| byte == b'=').expect("a name and a value");
            (text(&unescaped(&pair[..middle])), unescaped(&pair[middle + 1..]))
        })
        .collect()
}

fn unescaped(escaped: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = escaped;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(&after[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &after[2..];
            }
            other => bytes.push(*other),
        }
    }
    bytes
}

fn is_random_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(is_hex) && text.as_bytes()[14] == b'4'
}

const CORRELATION_ID: &str = "0f0f0f0f-0000-4000-8000-00000000000f";
/// All crates of the workspace have one version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
