//! The control routes under `/_emulator`, for interactive use and other processes.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::http::Request;
use crate::http::Response;
use crate::journal::Journal;
use crate::recorded_request::RecordedRequest;
use crate::scripted::Scripted;
use crate::service::Service;
use crate::traffic::Traffic;

/// Answers a control call. `route` is the path below `/_emulator`.
pub(crate) fn answer(
    service: &mut Service,
    journal: &Journal,
    request: &Request,
    route: &[&str],
) -> Response {
    let done = Response::json(200, &json!({"done": true}));
    let answered = match (&*request.method, route) {
        ("POST", ["script"]) => script(service, request).map(|()| done),
        ("POST", ["clock"]) => parse(request).map(|body: ClockBody| {
            service.clock.set_offset(body.offset);
            done
        }),
        ("POST", ["revoke"]) => parse(request).map(|body: RevokeBody| {
            service.revoke(&body.client);
            done
        }),
        ("GET", ["requests"]) => {
            let requests: Vec<Value> = journal.requests().iter().map(to_json).collect();
            Ok(Response::json(200, &requests))
        }
        ("DELETE", ["requests"]) => {
            journal.clear();
            Ok(done)
        }
        ("GET", ["stats"]) => Ok(Response::json(200, &Traffic::of(&journal.requests()))),
        ("GET", []) | ("GET", [""]) => Ok(Response::json(
            200,
            &json!({
                "http": format!("http://{}", service.http_address),
                "https": format!("https://localhost:{}", service.https_address.port()),
                "ca_certificate": service.authority.pem(),
            }),
        )),
        _ => return Response::json(404, &json!({"error": "no such control route"})),
    };
    answered.unwrap_or_else(|reason| Response::json(400, &json!({"error": reason})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptBody {
    tenant: Option<String>,
    client: Option<String>,
    #[serde(default)]
    discovery: bool,
    answers: Vec<AnswerBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    #[serde(default)]
    action: Action,
    status: Option<u16>,
    #[serde(default)]
    headers: Headers,
    body: Option<String>,
    body_base64: Option<String>,
    json: Option<Value>,
    raw_base64: Option<String>,
    error: Option<String>,
    code: Option<u32>,
    text: Option<String>,
    expires_in: Option<u64>,
    delay_before_headers_ms: Option<u64>,
    delay_per_chunk_ms: Option<u64>,
    chunk_size: Option<usize>,
    cut_after: Option<usize>,
    #[serde(default)]
    chunked: bool,
    #[serde(default)]
    endless: bool,
}

#[derive(Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Answer,
    Normal,
    Token,
    Error,
    Raw,
    Close,
    Reset,
    Hang,
}

/// An object, or pairs, which can repeat a name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Headers {
    Named(BTreeMap<String, String>),
    Pairs(Vec<(String, String)>),
}

impl Default for Headers {
    fn default() -> Self {
        Self::Pairs(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    offset: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    client: String,
}

fn script(service: &mut Service, request: &Request) -> Result<(), String> {
    let body: ScriptBody = parse(request)?;
    let answers: Vec<Scripted> =
        body.answers.into_iter().map(to_scripted).collect::<Result<_, _>>()?;
    match (body.tenant, body.client, body.discovery) {
        (Some(tenant), Some(client), false) => {
            let tenant = service.tenant_id(&tenant);
            service.scripts.push(&tenant, &client, answers);
        }
        (None, None, false) => service.scripts.push_any(answers),
        (None, None, true) => service.scripts.push_discovery(answers),
        (_, _, true) => return Err("a discovery script has no tenant and no client".to_owned()),
        _ => return Err("tenant and client must be given together or not at all".to_owned()),
    }
    Ok(())
}

fn to_scripted(answer: AnswerBody) -> Result<Scripted, String> {
    let mut scripted = match answer.action {
        Action::Answer => {
            Scripted::status(answer.status.ok_or("an answer has no status".to_owned())?)
        }
        Action::Normal => Scripted::normal(),
        Action::Token => Scripted::token(answer.expires_in.unwrap_or(3599)),
        Action::Error => Scripted::error(
            answer.status.ok_or("an error has no status".to_owned())?,
            answer.error.as_deref().ok_or("an error has no error".to_owned())?,
            answer.code.unwrap_or_default(),
            answer.text.as_deref().unwrap_or_default(),
        ),
        Action::Raw => {
            let encoded = answer.raw_base64.ok_or("a raw answer has no raw_base64".to_owned())?;
            Scripted::raw(decode(&encoded)?)
        }
        Action::Close => Scripted::close_without_answer(),
        Action::Reset => Scripted::reset(),
        Action::Hang => Scripted::hang(),
    };
    if let Some(status) = answer.status {
        scripted = scripted.with_status(status);
    }
    let headers = match answer.headers {
        Headers::Named(headers) => headers.into_iter().collect(),
        Headers::Pairs(headers) => headers,
    };
    for (name, value) in headers {
        scripted = scripted.header(&name, value);
    }
    scripted = match (answer.body, answer.body_base64, answer.json) {
        (None, None, None) => scripted,
        (Some(body), None, None) => scripted.body(body),
        (None, Some(encoded), None) => scripted.body(decode(&encoded)?),
        (None, None, Some(json)) => {
            scripted.header("Content-Type", "application/json").body(json.to_string())
        }
        _ => return Err("an answer has more than one body".to_owned()),
    };
    if let Some(delay) = answer.delay_before_headers_ms {
        scripted = scripted.delay_before_headers(Duration::from_millis(delay));
    }
    if let Some(delay) = answer.delay_per_chunk_ms {
        scripted = scripted.delay_per_chunk(Duration::from_millis(delay));
    }
    if let Some(size) = answer.chunk_size {
        scripted = scripted.chunk_size(size);
    }
    if let Some(bytes) = answer.cut_after {
        scripted = scripted.cut_after(bytes);
    }
    if answer.endless {
        scripted = scripted.endless();
    }
    Ok(scripted.chunked(answer.chunked))
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn decode(encoded: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(encoded).map_err(|_| "a value is not base64".to_owned())
}

fn to_json(request: &RecordedRequest) -> Value {
    json!({
        "number": request.number,
        "arrival_ns": request.arrival_ns,
        "tls": request.tls,
        "server_name": request.server_name,
        "head": String::from_utf8_lossy(&request.raw_head),
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
        "form": request.form,
        "query": request.query,
        "tenant": request.tenant,
        "client_id": request.client_id,
        "answer_status": request.answer_status,
    })
}
