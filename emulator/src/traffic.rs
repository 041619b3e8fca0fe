use serde::Serialize;

use crate::recorded_request::RecordedRequest;

/// The token requests of one client for one scope in one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// The tenant's GUID, or the name in the path if there is no such tenant.
    pub tenant: String,
    /// The client ID, or empty if the requests have none.
    pub client_id: String,
    /// The scope as requested, or empty if the requests have none.
    pub scope: String,
    /// The number of requests.
    pub count: usize,
    /// The time between each request and the previous one, in nanoseconds.
    pub gaps_ns: Vec<u64>,
}

impl Traffic {
    /// Groups requests, which are in order of arrival, by tenant, client and scope.
    pub(crate) fn of(requests: &[RecordedRequest]) -> Vec<Self> {
        let mut sorted: Vec<(Self, u64)> = Vec::new();
        for request in requests.iter().filter(|it| it.is_token_request()) {
            let tenant = request.tenant.as_deref().unwrap_or_default();
            let client_id = request.client_id.as_deref().unwrap_or_default();
            let scope = request.parameter("scope").unwrap_or_default();
            let known = sorted.iter_mut().find(|(traffic, _)| {
                (&*traffic.tenant, &*traffic.client_id, &*traffic.scope)
                    == (tenant, client_id, scope)
            });
            match known {
                Some((traffic, last)) => {
                    traffic.count += 1;
                    traffic.gaps_ns.push(request.arrival_ns.saturating_sub(*last));
                    *last = request.arrival_ns;
                }
                None => {
                    let traffic = Self {
                        tenant: tenant.to_owned(),
                        client_id: client_id.to_owned(),
                        scope: scope.to_owned(),
                        count: 1,
                        gaps_ns: Vec::new(),
                    };
                    sorted.push((traffic, request.arrival_ns));
                }
            }
        }
        sorted.into_iter().map(|(traffic, _)| traffic).collect()
    }
}
