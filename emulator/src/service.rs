use std::collections::HashMap;
use std::collections::HashSet;
use std::net::SocketAddr;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::clock::to_http_date;
use crate::controls;
use crate::directory::Directory;
use crate::discovery;
use crate::http::Delivery;
use crate::http::Request;
use crate::http::Response;
use crate::ids::Ids;
use crate::issued_token::IssuedToken;
use crate::journal::Journal;
use crate::protected_resource;
use crate::recorded_request::RecordedRequest;
use crate::script_queue::ScriptQueue;
use crate::scripted::Scripted;
use crate::scripted::Source;
use crate::server_certificate::CertificateAuthority;
use crate::signing_key::SigningKey;
use crate::strictness::Strictness;
use crate::throttle::Throttle;
use crate::token_endpoint;
use crate::token_endpoint::EntraError;

/// The emulator's state, and the routing of requests.
pub(crate) struct Service {
    pub(crate) directory: Directory,
    pub(crate) strictness: Strictness,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) throttle: Throttle,
    /// Whether throttled clients get 400 and AADSTS50196, unless they support 429.
    pub(crate) legacy_loop: bool,
    pub(crate) scripts: ScriptQueue,
    pub(crate) issued: Vec<IssuedToken>,
    /// When each client's tokens were revoked. A token request with the challenge's claims removes it.
    pub(crate) revocations: HashMap<String, i64>,
    pub(crate) used_jti: HashSet<(String, String)>,
    pub(crate) token_lifetime: Option<u64>,
    pub(crate) signing_key: SigningKey,
    pub(crate) authority: CertificateAuthority,
    pub(crate) http_address: SocketAddr,
    pub(crate) https_address: SocketAddr,
}

impl Service {
    /// Records a request and returns its answer.
    pub(crate) fn answer(&mut self, request: &Request, journal: &Journal) -> Delivery {
        let date = to_http_date(self.clock.now());
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if let ["_emulator", control @ ..] = segments.as_slice()
            && *control != ["resource"]
        {
            return Delivery::plain(&controls::answer(self, journal, request, control), &date);
        }
        let authority = Authority::of_token_endpoint(&self.directory, &segments);
        let record = self.to_record(request, authority.as_ref());
        let client_id = record.client_id.clone();
        let number = journal.record(record);

        let (status, delivery) = match authority {
            Some(authority) if request.method == "POST" => {
                self.answer_token_request(request, &authority, client_id.as_deref(), &date)
            }
            Some(authority) => {
                let response = token_endpoint::answer(self, request, &authority);
                (Some(response.status), Delivery::plain(&response, &date))
            }
            None if discovery::is_asked_for(request, &segments) => {
                self.answer_discovery(request, &segments, &date)
            }
            None => {
                let response = self.answer_other(request, &segments);
                (Some(response.status), Delivery::plain(&response, &date))
            }
        };
        journal.record_status(number, status);
        delivery
    }

    /// The tenant's GUID, or the name itself if there is no such tenant.
    pub(crate) fn tenant_id(&self, name: &str) -> String {
        let tenant = self.directory.tenant(name);
        tenant.map_or_else(|| name.to_ascii_lowercase(), |tenant| tenant.id.clone())
    }

    /// Revokes a client's tokens, and those it gets until it sends the claims of a claims challenge.
    pub(crate) fn revoke(&mut self, client_id: &str) {
        let now = self.clock.now().unix_timestamp();
        self.revocations.insert(client_id.to_ascii_lowercase(), now);
        for issued in &mut self.issued {
            if issued.client_id.eq_ignore_ascii_case(client_id) {
                issued.revoked = true;
            }
        }
    }

    fn answer_token_request(
        &mut self,
        request: &Request,
        authority: &Authority,
        client_id: Option<&str>,
        date: &str,
    ) -> (Option<u16>, Delivery) {
        let scripted = self.scripts.pop(&self.tenant_id(&authority.tenant), client_id);
        self.answer_as_scripted(request, scripted, date, |service, lifetime| match lifetime {
            None => token_endpoint::answer(service, request, authority),
            Some(seconds) => token_endpoint::answer_unchecked(service, request, authority, seconds),
        })
    }

    fn answer_discovery(
        &mut self,
        request: &Request,
        segments: &[&str],
        date: &str,
    ) -> (Option<u16>, Delivery) {
        let scripted = self.scripts.pop_discovery();
        self.answer_as_scripted(request, scripted, date, |service, _| {
            service.answer_other(request, segments)
        })
    }

    /// Returns the scripted answer. If the script uses the emulator's answer, `answer` makes it: the
    /// normal one, or one with a token of the given lifetime in seconds.
    fn answer_as_scripted(
        &mut self,
        request: &Request,
        scripted: Option<Scripted>,
        date: &str,
        answer: impl FnOnce(&mut Self, Option<u64>) -> Response,
    ) -> (Option<u16>, Delivery) {
        let scripted = scripted.unwrap_or_else(Scripted::normal);
        let made = match scripted.source() {
            Source::Normal => Some(answer(self, None)),
            Source::Token { expires_in } => Some(answer(self, Some(*expires_in))),
            Source::Error { status, error, code, text } => {
                let error = EntraError::new(*status, error.clone(), *code, text);
                Some(token_endpoint::refuse(self, request, error))
            }
            Source::Fixed | Source::Raw(_) | Source::Close | Source::Reset | Source::Hang => None,
        };
        let has_status = made.is_some() || *scripted.source() == Source::Fixed;
        let response = scripted.to_response(made);
        let delivery = scripted.to_delivery(&response, date);
        (has_status.then_some(response.status), delivery)
    }

    fn answer_other(&mut self, request: &Request, segments: &[&str]) -> Response {
        if request.method == "GET"
            && let Some(response) = discovery::of_issuer(self, request, segments)
        {
            return response;
        }
        match (&*request.method, segments) {
            ("GET", ["common", "discovery", "instance"]) => discovery::instance(self, request),
            ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
                discovery::openid_configuration(self, request, tenant)
            }
            ("GET", [tenant, "discovery", "v2.0", "keys"]) => discovery::keys(self, tenant),
            ("GET", ["_emulator", "resource"]) => protected_resource::answer(self, request),
            _ => Response::text(404, "no such route"),
        }
    }

    fn to_record(&self, request: &Request, authority: Option<&Authority>) -> RecordedRequest {
        let elapsed = self.clock.elapsed().as_nanos();
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
            tenant: authority.map(|authority| self.tenant_id(&authority.tenant)),
            client_id: authority.and_then(|_| token_endpoint::named_client(request)),
            answer_status: None,
        }
    }
}
