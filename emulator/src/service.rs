use std::collections::HashMap;
use std::collections::HashSet;
use std::net::SocketAddr;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::ids::Ids;
use crate::issued_token::IssuedToken;
use crate::script_queue::ScriptQueue;
use crate::server_certificate::CertificateAuthority;
use crate::signing_key::SigningKey;
use crate::strictness::Strictness;
use crate::throttle::Throttle;

/// The emulator's state.
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
}
