use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Application;
use msal_emulator::Emulator;
use msal_emulator::Strictness;
use msal_emulator::demo;
use serde_json::Value;
use serde_json::json;

use crate::certificate::certificate;
use crate::certificate::now;
use crate::certificate::other_certificate;
use crate::certificate::sha1;
use crate::certificate::sha256;
use crate::client::Answer;
use crate::client::error;
use crate::client::post;
use crate::client::post_to;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn emulator() -> Emulator {
    with_strictness(Strictness::entra())
}

fn with_strictness(strictness: Strictness) -> Emulator {
    let emulator = Emulator::builder().strictness(strictness).start().unwrap();
    emulator.register_certificate(demo::CLIENT_ID, &certificate().der).unwrap();
    emulator
}

fn header() -> Value {
    let thumbprint = URL_SAFE_NO_PAD.encode(sha256(&certificate().der));
    json!({"typ": "JWT", "alg": "PS256", "x5t#S256": thumbprint})
}

fn header_with(name: &str, value: Value) -> Value {
    let mut header = header();
    header[name] = value;
    header
}

fn claims() -> Value {
    json!({
        "aud": format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT),
        "iss": demo::CLIENT_ID,
        "sub": demo::CLIENT_ID,
        "jti": "8f0e7a52-3c1d-4f3e-9a55-0c3a6b8f2d10",
        "iat": now(),
        "nbf": now(),
        "exp": now() + 600,
    })
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn to_form(assertion: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", demo::CLIENT_ID),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
        ("scope", demo::API_SCOPE),
    ]
}

fn post_assertion(emulator: &Emulator, assertion: &str) -> Answer {
    post(emulator, demo::TENANT, &to_form(assertion))
}

fn post_signed(emulator: &Emulator, header: &Value, claims: &Value) -> Answer {
    post_assertion(emulator, &certificate().sign(header, claims))
}

#[test]
fn a_good_assertion_gets_a_token() {
    let emulator = emulator();
    post_signed(&emulator, &header(), &claims()).token();
    post_signed(&emulator, &header_with("alg", "RS256".into()), &claims()).token();
}

#[test]
fn the_client_id_may_be_only_in_the_assertion() {
    let emulator = emulator();
    let assertion = certificate().sign(&header(), &claims());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &*assertion),
        ("scope", demo::API_SCOPE),
    ];
    post(&emulator, demo::TENANT, &form).token();
    assert_eq!(emulator.token_requests()[0].client_id.as_deref(), Some(demo::CLIENT_ID));
}

#[test]
fn what_msals_libraries_send_is_accepted() {
    let emulator = emulator();
    let der = &certificate().der;
    let s256 = sha256(der);
    // MSAL Go: SHA-256 in the standard alphabet, x5c as an array.
    let mut go = header_with("x5t#S256", STANDARD.encode(&s256).into());
    go["x5c"] = json!([STANDARD.encode(der)]);
    // MSAL Python: padded SHA-1, and fractional times.
    let python = json!({"alg": "RS256", "x5t": URL_SAFE.encode(sha1(der))});
    // MSAL Java: no typ, RS256 with SHA-256. MSAL .NET: x5c as a string.
    let java = json!({"alg": "RS256", "x5t#S256": URL_SAFE_NO_PAD.encode(&s256)});
    let dot_net = header_with("x5c", STANDARD.encode(der).into());
    let hex: String = sha1(der).iter().map(|byte| format!("{byte:02X}")).collect();
    let key_id = json!({"alg": "PS256", "kid": hex});
    for header in [go, python, java, dot_net, key_id] {
        post_signed(&emulator, &header, &claims()).token();
    }
    let fractional = claims_with("exp", json!(now() as f64 + 600.5));
    post_signed(&emulator, &header(), &fractional).token();
    let quoted = claims_with("exp", (now() + 600).to_string().into());
    post_signed(&emulator, &header(), &quoted).token();
}

#[test]
fn anything_but_a_jwt_is_malformed() {
    let emulator = emulator();
    let signed = certificate().sign(&header(), &claims());
    for assertion in ["x", "a.b.c", &signed[..40]] {
        let answer = post_assertion(&emulator, assertion);
        assert_eq!(answer.error(), error(400, "invalid_request", 50_027), "{assertion}");
    }
}

#[test]
fn other_algorithms_are_not_supported() {
    let emulator = emulator();
    for algorithm in ["HS256", "none", "ES256", ""] {
        let answer = post_signed(&emulator, &header_with("alg", algorithm.into()), &claims());
        assert_eq!(answer.error(), error(401, "invalid_client", 5_002_738), "{algorithm}");
    }
}

#[test]
fn a_header_must_name_a_registered_certificate() {
    let emulator = emulator();
    let answer = post_signed(&emulator, &json!({"alg": "PS256"}), &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 5_002_723));
    let other = URL_SAFE_NO_PAD.encode(sha256(&other_certificate().der));
    let answer = post_signed(&emulator, &header_with("x5t#S256", other.into()), &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 700_027));
    let mismatched = header_with("x5t", URL_SAFE_NO_PAD.encode([0; 20]).into());
    let answer = post_signed(&emulator, &mismatched, &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 700_027));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let emulator = emulator();
    let answer = post_assertion(&emulator, &other_certificate().sign(&header(), &claims()));
    assert_eq!(answer.error(), error(401, "invalid_client", 700_027));
    assert!(String::from_utf8(answer.body).unwrap().contains("did not match the expected"));
}

#[test]
fn an_expired_certificate_is_refused() {
    let emulator = emulator();
    let der = certificate().expired();
    emulator.register_certificate(demo::CLIENT_ID, &der).unwrap();
    let header = header_with("x5t#S256", URL_SAFE_NO_PAD.encode(sha256(&der)).into());
    let answer = post_signed(&emulator, &header, &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 700_027));
    assert!(String::from_utf8(answer.body).unwrap().contains("The key used is expired"));
}

#[test]
fn missing_claims_are_named() {
    let emulator = emulator();
    for name in ["iss", "sub", "aud"] {
        let answer = post_signed(&emulator, &header(), &claims_with(name, Value::Null));
        assert_eq!(answer.error(), error(400, "invalid_request", 90_014), "{name}");
    }
}

#[test]
fn issuer_and_subject_are_the_client() {
    let emulator = emulator();
    for name in ["iss", "sub"] {
        let answer = post_signed(&emulator, &header(), &claims_with(name, "someone".into()));
        assert_eq!(answer.error(), error(401, "invalid_client", 700_021), "{name}");
    }
}

#[test]
fn the_audience_is_this_tenant_of_this_cloud() {
    let emulator = emulator();
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", demo::TENANT);
    post_signed(&emulator, &header(), &claims_with("aud", issuer.into())).token();
    for audience in [
        format!("https://login.microsoftonline.us/{}/v2.0", demo::TENANT),
        format!("https://login.microsoftonline.com/{}/v2.0", demo::OTHER_TENANT),
        "https://example.com/token".to_owned(),
    ] {
        let answer = post_signed(&emulator, &header(), &claims_with("aud", audience.into()));
        assert_eq!(answer.error(), error(401, "invalid_client", 700_023));
    }
}

#[test]
fn an_assertion_outside_its_time_is_refused() {
    let emulator = emulator();
    for (name, value) in
        [("exp", json!(now() - 400)), ("nbf", json!(now() + 400)), ("exp", Value::Null)]
    {
        let answer = post_signed(&emulator, &header(), &claims_with(name, value));
        assert_eq!(answer.error(), error(401, "invalid_client", 700_024), "{name}");
    }
    // Five minutes of skew are tolerated, and a missing nbf is the epoch.
    post_signed(&emulator, &header(), &claims_with("exp", json!(now() - 200))).token();
    post_signed(&emulator, &header(), &claims_with("nbf", Value::Null)).token();
}

#[test]
fn the_emulators_clock_decides() {
    let emulator = emulator();
    emulator.set_clock_offset(3600);
    let answer = post_signed(&emulator, &header(), &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 700_024));
    emulator.set_clock_offset(0);
    post_signed(&emulator, &header(), &claims()).token();
}

#[test]
fn the_date_header_of_an_error_shows_the_clock_skew() {
    let emulator = emulator();
    emulator.set_clock_offset(-86400);
    let answer = post_signed(&emulator, &header(), &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 700_024));
    let date = to_unix_time(answer.header("date").unwrap());
    assert!((date + 86400 - now()).abs() <= 5, "{answer:?}");
}

fn to_unix_time(http_date: &str) -> i64 {
    let words: Vec<&str> = http_date.split([' ', ':']).collect();
    let [_weekday, day, month, year, hour, minute, second, "GMT"] = words.as_slice() else {
        panic!("{http_date:?} is not an HTTP date");
    };
    let names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = u8::try_from(names.find(month).unwrap() / 3 + 1).unwrap();
    let month = time::Month::try_from(month).unwrap();
    let date =
        time::Date::from_calendar_date(year.parse().unwrap(), month, day.parse().unwrap()).unwrap();
    let [hour, minute, second] = [hour, minute, second].map(|it| it.parse().unwrap());
    date.with_hms(hour, minute, second).unwrap().assume_utc().unix_timestamp()
}

#[test]
fn some_keys_do_not_support_pss() {
    let emulator = emulator();
    emulator
        .update(|directory| directory.application_mut(demo::CLIENT_ID).unwrap().rs256_only = true)
        .unwrap();
    let answer = post_signed(&emulator, &header(), &claims());
    assert_eq!(answer.error(), error(401, "invalid_client", 5_002_730));
    post_signed(&emulator, &header_with("alg", "RS256".into()), &claims()).token();
}

#[test]
fn a_used_jti_is_refused_only_by_a_strict_server() {
    let emulator = emulator();
    let assertion = certificate().sign(&header(), &claims());
    post_assertion(&emulator, &assertion).token();
    post_assertion(&emulator, &assertion).token();

    let strict = Strictness { strict_jti: true, ..Strictness::entra() };
    let emulator = with_strictness(strict);
    post_assertion(&emulator, &assertion).token();
    let answer = post_assertion(&emulator, &assertion);
    assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
}

#[test]
fn a_strict_server_accepts_only_the_strictest_form() {
    let emulator = with_strictness(Strictness::strict());
    let url = format!("http://login.microsoftonline.com/{}/oauth2/v2.0/token", demo::TENANT);
    let good = claims_with("aud", url.clone().into());
    post_signed(&emulator, &header(), &good).token();
    let mut other = claims_with("aud", url.clone().into());
    other["jti"] = "with a query".into();
    let assertion = certificate().sign(&header(), &other);
    let target = format!("/{}/oauth2/v2.0/token?slice=test", demo::TENANT);
    post_to(&emulator, &target, &to_form(&assertion)).token();

    let mut fresh = 0;
    let mut refused = |header: Value, name: &str, value: Value| {
        fresh += 1;
        let mut claims = claims_with("aud", url.clone().into());
        claims["jti"] = format!("fresh-{fresh}").into();
        claims[name] = value;
        let answer = post_signed(&emulator, &header, &claims);
        assert!(answer.status >= 400, "{name} was accepted");
    };
    refused(header(), "exp", (now() + 600).to_string().into());
    refused(header(), "aud", json!([url]));
    refused(header(), "aud", url.replace("oauth2/v2.0/token", "v2.0").into());
    refused(header(), "jti", Value::Null);
    refused(header(), "exp", json!(now() - 10));
    let padded = URL_SAFE.encode(sha256(&certificate().der));
    refused(header_with("x5t#S256", padded.into()), "x", json!(1));
}

#[test]
fn a_trusted_subject_needs_its_chain() {
    let emulator = Emulator::start().unwrap();
    let leaf =
        emulator.issue_client_certificate("sni.contoso.com", &certificate().public_key()).unwrap();
    let client_id = "66666666-aaaa-4000-8000-000000000066";
    emulator
        .add_application(
            Application::new(client_id)
                .in_tenant(demo::TENANT)
                .with_trusted_subject("sni.contoso.com", "msal-emulator test authority"),
        )
        .unwrap();
    let mut claims = claims_with("iss", client_id.into());
    claims["sub"] = client_id.into();
    let send = |der: &[u8], chain: Option<Vec<&[u8]>>| {
        let mut header = header_with("x5t#S256", URL_SAFE_NO_PAD.encode(sha256(der)).into());
        if let Some(chain) = chain {
            header["x5c"] = chain.iter().map(|der| STANDARD.encode(der)).collect();
        }
        let assertion = certificate().sign(&header, &claims);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &*assertion),
            ("scope", demo::API_SCOPE),
        ];
        post(&emulator, demo::TENANT, &form)
    };
    let root = emulator.ca_certificate_der();
    send(&leaf, Some(vec![&leaf])).token();
    send(&leaf, Some(vec![&leaf, &root])).token();
    let unknown = error(401, "invalid_client", 700_027);
    assert_eq!(send(&leaf, None).error(), unknown);
    assert_eq!(send(&leaf, Some(vec![&root, &leaf])).error(), unknown);
    let own = &certificate().der;
    assert_eq!(send(own, Some(vec![own])).error(), unknown);
}
