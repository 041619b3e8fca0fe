//! A raw HTTP client with one connection per request.

use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Emulator;
use msal_emulator::demo;
use serde_json::Value;

pub(crate) const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes).expect("an answer is HTTP");
        let httparse::Status::Complete(head) = parsed else { panic!("an answer has a whole head") };
        let text = |it: &httparse::Header<'_>| {
            (it.name.to_ascii_lowercase(), String::from_utf8_lossy(it.value).into_owned())
        };
        Self {
            status: response.code.unwrap(),
            headers: response.headers.iter().map(text).collect(),
            body: bytes[head..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Status, `error` and the first of `error_codes`.
    pub(crate) fn error(&self) -> (u16, String, u64) {
        let body = self.json();
        (
            self.status,
            body["error"].as_str().unwrap().to_owned(),
            body["error_codes"][0].as_u64().unwrap(),
        )
    }

    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The claims of the access token.
    pub(crate) fn claims(&self) -> Value {
        let token = self.token();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice(&claims).unwrap()
    }
}

pub(crate) fn error(status: u16, error: &str, code: u64) -> (u16, String, u64) {
    (status, error.to_owned(), code)
}

/// Sends bytes and reads until the server closes. A reset counts as the end.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

pub(crate) fn to_request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut request = format!("{method} {target} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request.push_str("Host: login.microsoftonline.com\r\n");
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [request.as_bytes(), body].concat()
}

pub(crate) fn send(
    emulator: &Emulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let request = to_request(method, target, headers, body);
    Answer::parse(&exchange(emulator.http_address(), &request))
}

pub(crate) fn get(emulator: &Emulator, target: &str) -> Answer {
    send(emulator, "GET", target, &[], b"")
}

/// Posts a form to a tenant's token endpoint.
pub(crate) fn post(emulator: &Emulator, tenant: &str, form: &[(&str, &str)]) -> Answer {
    post_to(emulator, &format!("/{tenant}/oauth2/v2.0/token"), form)
}

/// Posts a form to any path.
pub(crate) fn post_to(emulator: &Emulator, target: &str, form: &[(&str, &str)]) -> Answer {
    send(emulator, "POST", target, &[FORM], encode(form).as_bytes())
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The form of the demo application, which gets a token.
pub(crate) fn demo_form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", demo::CLIENT_ID),
        ("client_secret", demo::client_secret()),
        ("scope", demo::API_SCOPE),
    ]
}

/// The demo form with one parameter replaced, or removed if the value is empty.
pub(crate) fn demo_form_with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form: Vec<(&str, &str)> = demo_form();
    form.retain(|(own, _)| *own != name);
    if !value.is_empty() {
        form.push((name, value));
    }
    form
}
