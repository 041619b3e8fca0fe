//! Discovery before a credential is sent to an authority: whether Microsoft knows its host, or where its token endpoint
//! is. Most authorities need neither.
//!
//! Each document is read for one fact, which is cached in the store. No fact changes the host.

mod configuration;
mod instance;
mod issuer;

use crate::authority::Authority;
use crate::cache::layout;
use crate::error::Cause;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::Method;
use crate::json;
use crate::json::Members;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::token_endpoint::Redaction;
use crate::token_endpoint::check_document;

/// The discovery that an authority needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether Microsoft knows the host.
    Instance,
    /// Where the token endpoint is.
    Configuration,
}

impl Question {
    /// The discovery that this authority needs, if any.
    pub(crate) fn about(authority: &Authority, validate: bool) -> Option<Self> {
        if authority.needs_discovery() {
            return Some(Self::Configuration);
        }
        (validate && !authority.is_known()).then_some(Self::Instance)
    }

    /// The discovery request. It contains no credential.
    pub(crate) fn to_request(self, authority: &Authority, correlation_id: &str) -> HttpRequest {
        let (endpoint, query) = match self {
            Self::Instance => instance::to_url(authority),
            Self::Configuration => (configuration::to_endpoint(authority), None),
        };
        HttpRequest {
            method: Method::Get,
            endpoint,
            query,
            headers: vec![
                ("accept".into(), "application/json".to_owned()),
                ("client-request-id".into(), correlation_id.to_owned()),
            ],
            body: Secret::from(Vec::new()),
        }
    }

    /// Extracts the fact from a response.
    pub(crate) fn judge(
        self,
        response: &HttpResponse,
        authority: &Authority,
        now: UnixTime,
        redaction: &Redaction,
    ) -> Result<String, Cause> {
        let document =
            check_document(response, now, redaction).and_then(|()| read_object(response));
        match self {
            Self::Instance => instance::judge(document),
            Self::Configuration => configuration::judge(&document?, authority),
        }
    }

    /// Applies the fact to the authority.
    pub(crate) fn apply(self, fact: &str, authority: &Authority) -> Result<Authority, Cause> {
        match self {
            Self::Instance => instance::apply(fact, authority),
            Self::Configuration => Ok(authority.with_discovered_path(fact.to_owned())),
        }
    }
}

/// Serializes a fact for the store.
pub(crate) fn to_record(fact: &str, now: UnixTime) -> Option<Vec<u8>> {
    let mut record = Vec::with_capacity(128);
    layout::push_time(&mut record, now);
    layout::push_text(&mut record, fact)?;
    Some(record)
}

/// The stored fact, unless it is too old.
pub(crate) fn from_record(record: &[u8], now: UnixTime) -> Option<String> {
    let (stored_at, rest) = layout::split_time(record)?;
    let (fact, _) = layout::split_text(rest)?;
    let life = if fact == instance::UNKNOWN { UNKNOWN_SECONDS } else { KNOWN_SECONDS };
    let is_believable = stored_at <= now.plus_seconds(UNKNOWN_SECONDS);
    (is_believable && now < stored_at.plus_seconds(life)).then(|| fact.to_owned())
}

fn read_object(response: &HttpResponse) -> Result<Members, Cause> {
    const NAMES: [&str; 3] = ["issuer", "tenant_discovery_endpoint", "token_endpoint"];
    json::parse_members(response.body.expose(), &NAMES).ok_or_else(|| {
        let reason = "the discovery document is not one JSON object without duplicate names";
        Cause::unexpected(Some(response.status), reason.to_owned())
    })
}

/// As Entra's `Cache-Control` for these documents.
const KNOWN_SECONDS: u64 = 86_400;
/// Short, because the host may be registered later.
const UNKNOWN_SECONDS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_valid_for_a_day_and_a_denial_for_five_minutes() {
        let now = UnixTime::from_seconds(1_700_000_000);
        let fact = to_record("/token", now).unwrap();
        assert_eq!(from_record(&fact, now.plus_seconds(86_399)).unwrap(), "/token");
        assert_eq!(from_record(&fact, now.plus_seconds(86_400)), None);
        assert_eq!(from_record(&fact, now.minus_seconds(301)), None);
        let denial = to_record(instance::UNKNOWN, now).unwrap();
        assert!(from_record(&denial, now.plus_seconds(299)).is_some());
        assert_eq!(from_record(&denial, now.plus_seconds(300)), None);
    }
}
