//! Arguments of the caller that become part of a request.

use std::collections::BTreeMap;

use crate::acquire::acquire_token_for_client;
use crate::application::ApplicationParts;
use crate::authority::Authority;
use crate::authority::AuthorityKind;
use crate::authority::AuthorityRules;
use crate::authority::Endpoint;
use crate::authority::Region;
use crate::authority::is_microsoft_host;
use crate::authority::parse_url;
use crate::error::Rejection;
use crate::extra_parameters::ExtraParameterParts;
use crate::http::HttpRequest;
use crate::http::Method;
use crate::request::TokenRequestParts;

use super::call::plain_application;
use super::planted::SECRET;
use super::script::Script;
use super::scripted_host::ScriptedHost;
use super::scripted_host::run;

/// An authority, with its options, and a request's tenant.
pub fn authority_url(input: &[u8]) {
    let mut script = Script::new(input);
    let flags = script.flags();
    let rules = AuthorityRules {
        kind: to_kind(script.choice()),
        allow_insecure_loopback: flags(0),
        validate: flags(1),
        region: flags(2).then(|| Region::parse(REGION).expect("a region")),
        clouds: Vec::new(),
    };
    let (text, tenant) = (script.text(), script.text());
    let authority = match Authority::parse("authority", &text, &rules) {
        Ok(authority) => authority,
        Err(rejection) => return check_rejection(&rejection),
    };
    let endpoint = authority.to_token_endpoint();
    check_endpoint(&endpoint, &text, flags(0));
    // The URL of an authority is an authority, and means the same.
    let rules = AuthorityRules { kind: Some(authority.kind()), ..rules };
    let url = authority.to_endpoint(authority.to_path()).to_string();
    let again = Authority::parse("authority", &url, &rules).expect("a valid URL");
    assert_eq!(again.to_token_endpoint(), endpoint, "{url}");
    match authority.with_tenant(&tenant, &rules) {
        Ok(other) => check_endpoint(&other.to_token_endpoint(), &text, flags(0)),
        Err(rejection) => check_rejection(&rejection),
    }
}

/// Parameters and headers of the caller's, in a request that is sent with them.
pub fn extra_parameters(input: &[u8]) {
    let mut script = Script::new(input);
    let mut extra = ExtraParameterParts::default();
    for _ in 0..script.choice() {
        let target = match script.choice() % 3 {
            0 => &mut extra.body,
            1 => &mut extra.query,
            _ => &mut extra.headers,
        };
        target.push((script.text(), script.text()));
    }
    let request = TokenRequestParts {
        scopes: vec!["api://x/.default".to_owned()],
        extra,
        ..TokenRequestParts::default()
    };
    let mut host = ScriptedHost::new(Script::new(b""), vec![MICROSOFTS.to_owned()]);
    let application =
        ApplicationParts { disable_cache: true, disable_retry: true, ..plain_application() };
    let _ = run(acquire_token_for_client(&mut host, application, request));
    host.sent.iter().for_each(check_request);
}

/// The kinds of server, and `None`.
pub(super) fn to_kind(choice: u8) -> Option<AuthorityKind> {
    match choice % 8 {
        1 => Some(AuthorityKind::Entra),
        2 => Some(AuthorityKind::Generic),
        3 => Some(AuthorityKind::Adfs),
        4 => Some(AuthorityKind::Dsts),
        5 => Some(AuthorityKind::B2c),
        6 => Some(AuthorityKind::Ciam),
        7 => Some(AuthorityKind::Oidc),
        _ => None,
    }
}

/// The host that a reader sees in an authority, in lower case and without a port: the text between `://` and the path,
/// or Microsoft's if it is only a tenant.
pub(super) fn visible_host(text: &str) -> String {
    let rest = text.split_once("://").map_or(MICROSOFTS, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a host is one of Microsoft's, or of its region that the inputs use.
pub(super) fn is_microsofts(host: &str) -> bool {
    is_microsoft_host(
        host.strip_prefix(REGION).and_then(|host| host.strip_prefix('.')).unwrap_or(host),
    )
}

/// The host of a tenant without one.
const MICROSOFTS: &str = "login.microsoftonline.com";
/// The region that the inputs use.
pub(super) const REGION: &str = "westeurope";

/// The reasons quote nothing of the input.
fn check_rejection(rejection: &Rejection) {
    let reason = rejection.to_string();
    assert!(reason.is_ascii() && reason.len() < 512, "{reason:?}");
}

/// The endpoint is on the host that the text shows, or on one of Microsoft's if that is one.
fn check_endpoint(endpoint: &Endpoint, text: &str, allows_loopback: bool) {
    let url = endpoint.to_string();
    let (origin, path) = parse_url("url", &url, allows_loopback).expect("a plain URL");
    assert_eq!(path, endpoint.path, "{url}");
    let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&origin.host.as_str());
    assert!(origin.is_https || (allows_loopback && is_loopback), "{url}");
    let host = visible_host(text);
    let is_microsofts = is_microsofts(&origin.host) && is_microsoft_host(&host);
    assert!(origin.host == host || is_microsofts, "{url} is not on {host}");
    assert!(path.split('/').all(|segment| segment != ".." && segment != "."), "{url}");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    assert!(path.starts_with('/') || path.is_empty(), "{url}");
    assert!(path.bytes().all(is_plain), "{url}");
}

/// The request is the protocol's, whatever was added.
fn check_request(request: &HttpRequest) {
    assert_eq!(request.method, Method::Post);
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(request.body.expose()) {
        let earlier = fields.insert(name.to_ascii_lowercase(), value.into_owned());
        assert!(earlier.is_none() || !OWN_FIELDS.contains(&name.as_ref()), "{name} twice");
    }
    for (name, value) in
        OWN_FIELDS.into_iter().zip(["client", "client_credentials", "api://x/.default", SECRET])
    {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!request.to_url().contains(['#', ' ', '\r', '\n']), "{}", request.to_url());
    assert_eq!(request.to_url().matches('?').count(), usize::from(request.query.is_some()));
    for (name, _) in form_urlencoded::parse(request.query.as_deref().unwrap_or_default().as_bytes())
    {
        assert!(!OWN_FIELDS.contains(&name.to_ascii_lowercase().as_str()), "{name} in the URL");
    }
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|one, other| one < other), "a header twice: {names:?}");
    for (name, value) in &request.headers {
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':'), "{name:?}");
        assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name}: {value:?}");
        assert!(name != "content-type" || value == "application/x-www-form-urlencoded");
    }
}

/// The fields that authenticate a request, and that it is for.
const OWN_FIELDS: [&str; 4] = ["client_id", "grant_type", "scope", "client_secret"];
