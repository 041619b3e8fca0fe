//! The running authority: applies behaviours, issues tokens and keeps the log.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use msal_wasi::http::HttpRequest;
use msal_wasi::http::HttpResponse;
use msal_wasi::http::SendError;
use serde_json::Value;
use serde_json::json;

use super::Authority;
use super::Behaviour;
use super::Issued;
use super::TokenRequest;
use super::Verdict;
use crate::call_args::Extra;
use crate::call_args::ROLE;
use crate::call_args::TokenKey;
use crate::call_args::secret_of;
use crate::random::Random;

/// The authority of one run.
pub(crate) struct AuthorityService {
    authority: Authority,
    random: Random,
    requests: Vec<TokenRequest>,
    tokens: Vec<Issued>,
    keys: HashMap<String, Rc<TokenKey>>,
}

/// What a request asks for.
struct Asked {
    token: Rc<TokenKey>,
    has_valid_credential: bool,
}

/// A request that has arrived.
pub(crate) struct Arrival<'a> {
    pub(crate) request: &'a HttpRequest,
    pub(crate) sent: Duration,
    pub(crate) now: Duration,
    pub(crate) instance: u32,
    pub(crate) outcome: usize,
    pub(crate) clock_error: i64,
}

/// How a request was handled.
pub(crate) struct Handled {
    /// Its number.
    pub(crate) request: usize,
    pub(crate) verdict: Verdict,
    /// The time from the arrival to the answer; `None` if there is no answer.
    pub(crate) after: Option<Duration>,
    pub(crate) answer: Result<HttpResponse, SendError>,
}

impl AuthorityService {
    pub(crate) fn new(authority: Authority, random: Random) -> Self {
        Self { authority, random, requests: Vec::new(), tokens: Vec::new(), keys: HashMap::new() }
    }

    pub(crate) fn into_logs(self) -> (Vec<TokenRequest>, Vec<Issued>) {
        (self.requests, self.tokens)
    }

    /// The time until the request arrives, and the time from then until the answer is back.
    pub(crate) fn latency(&mut self) -> (Duration, Duration) {
        let latency = self.random.within(&self.authority.latency);
        let way = self.random.within(&(Duration::ZERO..=latency));
        (way, latency - way)
    }

    /// Handles a request that has arrived. `rest` is the second value of [`latency`](Self::latency).
    pub(crate) fn handle(&mut self, arrival: &Arrival<'_>, rest: Duration) -> Handled {
        let key = self.key(arrival.request);
        let behaviour = self.behaviour(&key.token, arrival.now);
        let behaviour = match behaviour {
            None if !key.has_valid_credential => Some(Behaviour::RefusesTheCredential),
            behaviour => behaviour,
        };
        let key = key.token;
        let (delay, verdict, answer) = match behaviour {
            None => self.issue(&key, arrival, rest, Duration::ZERO),
            Some(Behaviour::Slow(delay)) => self.issue(&key, arrival, rest, delay),
            Some(Behaviour::Throttles { retry_after }) => {
                (Some(Duration::ZERO), Verdict::Throttled(retry_after), Ok(throttled(retry_after)))
            }
            Some(Behaviour::Fails { status }) => refused(status, "temporarily_unavailable", 90_033),
            Some(Behaviour::RefusesTheCredential) => refused(401, "invalid_client", 7_000_215),
            Some(Behaviour::RefusesTheScope) => refused(400, "invalid_scope", 70_011),
            Some(Behaviour::IsUnreachable) => (
                Some(Duration::ZERO),
                Verdict::NotConnected,
                Err(SendError::NotConnected("no connection".to_owned())),
            ),
            Some(Behaviour::IsSilent) => {
                (None, Verdict::Nothing, Err(SendError::Silent("no answer".to_owned())))
            }
            Some(Behaviour::AnswersHtml) => (
                Some(Duration::ZERO),
                Verdict::Status(200),
                Ok(response(200, "text/html", b"<html>Service</html>".to_vec())),
            ),
        };
        let after = delay.map(|delay| rest + delay);
        self.requests.push(TokenRequest {
            sent: arrival.sent,
            at: arrival.now,
            instance: arrival.instance,
            outcome: arrival.outcome,
            key,
            verdict,
            answered: after.map(|after| arrival.now + after),
        });
        Handled { request: self.requests.len() - 1, verdict, after, answer }
    }

    fn behaviour(&self, key: &TokenKey, now: Duration) -> Option<Behaviour> {
        let number = self.requests.len();
        let first = self.authority.first.iter().find(|(requests, _)| number < *requests);
        let period = self.authority.periods.iter().find(|period| {
            period.times.contains(&now) && period.key.as_ref().is_none_or(|only| only == key)
        });
        let scripted = first.map(|first| first.1).or_else(|| period.map(|period| period.behaviour));
        scripted.or_else(|| {
            let allowance = self.authority.allowance?;
            let is_counted = |request: &&TokenRequest| {
                request.at + allowance.window > now
                    && matches!(request.verdict, Verdict::Token(_))
                    && (&request.key.tenant, &request.key.client) == (&key.tenant, &key.client)
            };
            let retry_after = allowance.retry_after;
            // The log is in order of arrival, so the requests of the window are at its end.
            let recent = self.requests.iter().rev().take_while(|r| r.at + allowance.window > now);
            (recent.filter(is_counted).count() >= allowance.requests)
                .then_some(Behaviour::Throttles { retry_after })
        })
    }

    fn issue(
        &mut self,
        key: &Rc<TokenKey>,
        arrival: &Arrival<'_>,
        rest: Duration,
        delay: Duration,
    ) -> (Option<Duration>, Verdict, Result<HttpResponse, SendError>) {
        let number = self.tokens.len();
        let issued = arrival.now + rest + delay;
        let lifetimes = &self.authority.lifetimes;
        let lifetime = lifetimes.get(number).copied().unwrap_or(self.authority.lifetime);
        self.tokens.push(Issued {
            key: Rc::clone(key),
            outcome: arrival.outcome,
            requested: arrival.sent,
            issued,
            lifetime,
            expires: issued + lifetime,
            clock_error: arrival.clock_error,
        });
        let mut body = json!({
            "token_type": "Bearer",
            "access_token": to_token(number),
        });
        if !lifetime.is_zero() {
            body["expires_in"] = json!(lifetime.as_secs());
        }
        if let Some(refresh_in) = self.authority.refresh_in {
            body["refresh_in"] = json!(refresh_in.as_secs());
        }
        (Some(delay), Verdict::Token(number), Ok(json_response(200, &body)))
    }

    fn key(&mut self, request: &HttpRequest) -> Asked {
        let tenant = request.endpoint.path.split('/').nth(1).unwrap_or_default();
        let form = form_urlencoded::parse(request.body.expose());
        let mut key = TokenKey { tenant: tenant.to_owned(), ..TokenKey::default() };
        let mut secret = None;
        for (name, value) in form {
            let role = |pointer: &str| {
                let value = serde_json::from_str::<Value>(&value).ok()?;
                value.pointer(pointer)?.as_str()?.parse().ok()
            };
            let extra = match name.as_ref() {
                "attributes" => role("/role").map(Extra::Attributes),
                "claims" => role("/access_token/role/value").map(Extra::Claims),
                ROLE => value.parse().ok().map(Extra::Parameter),
                _ => None,
            };
            key.extras.extend(extra.map(Extra::to_text));
            match name.as_ref() {
                "client_id" => key.client = value.into_owned(),
                "scope" => key.scope = value.into_owned(),
                "client_secret" => secret = Some(value.into_owned()),
                _ => {}
            }
        }
        let has_valid_credential = secret.is_none_or(|secret| secret == secret_of(&key.client));
        let name = format!("{} {} {} {}", key.tenant, key.client, key.scope, key.extras);
        let token = Rc::clone(self.keys.entry(name).or_insert_with(|| Rc::new(key)));
        Asked { token, has_valid_credential }
    }
}

/// The text of a token.
pub(crate) fn to_token(number: usize) -> String {
    format!("{PREFIX}{number}{:~<38}", ".")
}

/// The number of a token; `None` if this authority did not issue it.
pub(crate) fn to_number(token: &str) -> Option<usize> {
    token.strip_prefix(PREFIX)?.split('.').next()?.parse().ok()
}

fn throttled(retry_after: Duration) -> HttpResponse {
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": "AADSTS90055: too many requests",
        "error_codes": [90_055],
    });
    let mut response = json_response(429, &body);
    response
        .headers
        .push(("retry-after".to_owned(), retry_after.as_secs().to_string().into_bytes()));
    response
}

fn refused(
    status: u16,
    error: &str,
    code: u64,
) -> (Option<Duration>, Verdict, Result<HttpResponse, SendError>) {
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: no"),
        "error_codes": [code],
    });
    (Some(Duration::ZERO), Verdict::Status(status), Ok(json_response(status, &body)))
}

fn json_response(status: u16, body: &Value) -> HttpResponse {
    response(status, "application/json", body.to_string().into_bytes())
}

fn response(status: u16, content_type: &str, body: Vec<u8>) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
    HttpResponse { status, headers, body: body.into() }
}

const PREFIX: &str = "simulated-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_contains_its_number() {
        for number in [0, 7, 12_345] {
            assert_eq!(to_number(&to_token(number)), Some(number));
        }
        assert_eq!(to_number("another"), None);
    }
}
