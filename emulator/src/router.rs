//! Finds out which part of the emulator answers a request.

use crate::authority::Authority;
use crate::clock::to_http_date;
use crate::controls;
use crate::discovery;
use crate::http::Delivery;
use crate::http::Request;
use crate::http::Response;
use crate::journal::Journal;
use crate::protected_resource;
use crate::recorded_request::RecordedRequest;
use crate::scripted::Scripted;
use crate::scripted::Source;
use crate::service::Service;
use crate::token_endpoint;
use crate::token_endpoint::EntraError;

/// Records a request and returns its answer.
pub(crate) fn answer(service: &mut Service, request: &Request, journal: &Journal) -> Delivery {
    let date = to_http_date(service.clock.now());
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["_emulator", control @ ..] = segments.as_slice()
        && *control != ["resource"]
    {
        return Delivery::plain(&controls::answer(service, journal, request, control), &date);
    }
    let authority = Authority::of_token_endpoint(&service.directory, &segments);
    let record = to_record(service, request, authority.as_ref());
    let client_id = record.client_id.clone();
    let number = journal.record(record);

    let (status, delivery) = match authority {
        Some(authority) if request.method == "POST" => {
            answer_token_request(service, request, &authority, client_id.as_deref(), &date)
        }
        Some(authority) => {
            let response = token_endpoint::answer(service, request, &authority);
            (Some(response.status), Delivery::plain(&response, &date))
        }
        None if discovery::is_asked_for(request, &segments) => {
            answer_discovery(service, request, &segments, &date)
        }
        None => {
            let response = answer_other(service, request, &segments);
            (Some(response.status), Delivery::plain(&response, &date))
        }
    };
    journal.record_status(number, status);
    delivery
}

fn answer_token_request(
    service: &mut Service,
    request: &Request,
    authority: &Authority,
    client_id: Option<&str>,
    date: &str,
) -> (Option<u16>, Delivery) {
    let scripted = service.scripts.pop(&service.tenant_id(&authority.tenant), client_id);
    answer_as_scripted(service, request, scripted, date, |service, lifetime| match lifetime {
        None => token_endpoint::answer(service, request, authority),
        Some(seconds) => token_endpoint::answer_unchecked(service, request, authority, seconds),
    })
}

fn answer_discovery(
    service: &mut Service,
    request: &Request,
    segments: &[&str],
    date: &str,
) -> (Option<u16>, Delivery) {
    let scripted = service.scripts.pop_discovery();
    answer_as_scripted(service, request, scripted, date, |service, _| {
        answer_other(service, request, segments)
    })
}

/// Returns the scripted answer. If the script uses the emulator's answer, `answer` makes it: the
/// normal one, or one with a token of the given lifetime in seconds.
fn answer_as_scripted(
    service: &mut Service,
    request: &Request,
    scripted: Option<Scripted>,
    date: &str,
    answer: impl FnOnce(&mut Service, Option<u64>) -> Response,
) -> (Option<u16>, Delivery) {
    let scripted = scripted.unwrap_or_else(Scripted::normal);
    let made = match scripted.source() {
        Source::Normal => Some(answer(service, None)),
        Source::Token { expires_in } => Some(answer(service, Some(*expires_in))),
        Source::Error { status, error, code, text } => {
            let error = EntraError::new(*status, error.clone(), *code, text);
            Some(token_endpoint::refuse(service, request, error))
        }
        Source::Fixed | Source::Raw(_) | Source::Close | Source::Reset | Source::Hang => None,
    };
    let has_status = made.is_some() || *scripted.source() == Source::Fixed;
    let response = scripted.to_response(made);
    let delivery = scripted.to_delivery(&response, date);
    (has_status.then_some(response.status), delivery)
}

fn answer_other(service: &mut Service, request: &Request, segments: &[&str]) -> Response {
    if request.method == "GET"
        && let Some(response) = discovery::of_issuer(service, request, segments)
    {
        return response;
    }
    match (&*request.method, segments) {
        ("GET", ["common", "discovery", "instance"]) => discovery::instance(service, request),
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            discovery::openid_configuration(service, request, tenant)
        }
        ("GET", [tenant, "discovery", "v2.0", "keys"]) => discovery::keys(service, tenant),
        ("GET", ["_emulator", "resource"]) => protected_resource::answer(service, request),
        _ => Response::text(404, "no such route"),
    }
}

fn to_record(
    service: &Service,
    request: &Request,
    authority: Option<&Authority>,
) -> RecordedRequest {
    let elapsed = service.clock.elapsed().as_nanos();
    RecordedRequest {
        number: 0,
        arrival_ns: u64::try_from(elapsed).unwrap_or(u64::MAX),
        tls: request.tls,
        server_name: request.server_name.clone(),
        raw_head: request.raw_head.clone(),
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        form: request.form().unwrap_or_default(),
        query: request.query(),
        tenant: authority.map(|authority| service.tenant_id(&authority.tenant)),
        client_id: authority.and_then(|_| token_endpoint::named_client(request)),
        answer_status: None,
    }
}
