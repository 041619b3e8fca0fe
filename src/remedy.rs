//! Advice on how to fix an error; for refusals, by AADSTS code.

mod aadsts;

use crate::error::Cause;
use crate::error::NoAnswer;
use crate::error::Refusal;
use crate::error::Throttle;
use crate::error::UNKNOWN;

/// Advice for people. Entra's codes are not stable, so callers must not depend on it. `is_microsoft`: the authority is one
/// of Microsoft's.
pub(crate) fn remedy(cause: &Cause, is_microsoft: bool) -> Option<&'static str> {
    match cause {
        Cause::Refused(refusal) | Cause::Throttled(Throttle { refusal, .. }) => by_refusal(refusal),
        Cause::NotPermitted(_) => Some(
            "allow the component outgoing HTTP to the authority's host (in Spin: allowed_outbound_hosts, which the \
             dependency must inherit by inherit_configuration); if a proxy refused, correct the host's settings for it",
        ),
        Cause::Unreachable(unreachable) => Some(by_progress(unreachable.kind, is_microsoft)),
        Cause::UnexpectedResponse(response) if response.is_page => Some(
            "sign in to the network if it has a portal, or allow the authority's host in the proxy or firewall: it \
             answered in place of the authority",
        ),
        Cause::InvalidRequest(_) | Cause::InvalidCredential(_) | Cause::UnexpectedResponse(_) => {
            None
        }
    }
}

/// Every system trusts the certificate authorities of Microsoft's servers, so something else has answered in their place.
fn by_progress(kind: NoAnswer, is_microsoft: bool) -> &'static str {
    match kind {
        NoAnswer::NotResolved => {
            "check the authority's host name for a mistake, and the DNS of the machine"
        }
        NoAnswer::NotTrusted if is_microsoft => {
            "check for a proxy or firewall that inspects TLS: exempt the authority's host from inspection, or let the \
             host trust its certificate authority (msal-host: --ca-certificate; Spin: [[client_tls]] with \
             ca_roots_file); if there is none, install the system's certificate authorities"
        }
        NoAnswer::NotTrusted => {
            "let the host trust the certificate authority of the server (msal-host: --ca-certificate; Spin: \
             [[client_tls]] with ca_roots_file), and check that the certificate is valid now and names the host"
        }
        NoAnswer::NotSent => {
            "set a longer deadline-ms, or find what took the time: a slow store, another caller's request, or a key file \
             with many iterations of its key derivation"
        }
        NoAnswer::NotConnected | NoAnswer::Silent | NoAnswer::BrokenOff => {
            "try again later; if the problem persists, check the authority's host name and the network"
        }
    }
}

fn by_refusal(refusal: &Refusal) -> Option<&'static str> {
    refusal.error_codes.iter().find_map(|&code| aadsts::remedy(code)).or_else(|| by_error(refusal))
}

fn by_error(refusal: &Refusal) -> Option<&'static str> {
    if refusal.status == 429 {
        return Some("wait, and share the store between all instances so that they use the cache");
    }
    if refusal.status == 511 {
        return Some("sign in to the network: its portal answered in place of the authority");
    }
    if refusal.is_retryable {
        return Some("try again later: the authority has a transient fault");
    }
    Some(match refusal.error.as_str() {
        UNKNOWN => by_status(refusal.status),
        "invalid_client" => "check client-id and the credential",
        "unauthorized_client" => {
            "allow the application to use the client credentials grant in this tenant"
        }
        "invalid_scope" => "check the scopes",
        "invalid_resource" => "check the resource in the scope",
        _ => return None,
    })
}

/// An authority names its error, so something else has answered, or another service of its server.
fn by_status(status: u16) -> &'static str {
    match status {
        403 => {
            "allow the authority's host in the proxy or firewall: it refused the request in place of the authority"
        }
        407 => {
            "give the user name and password of the proxy that asks for them (msal-host: \
             HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT)"
        }
        _ => {
            "check the authority's URL, and for a proxy in between: the answer is not that of a token endpoint"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Unreachable;
    use crate::http::SendError;

    fn refusal(error: &str, codes: &[u64]) -> Refusal {
        Refusal {
            error: error.to_owned(),
            error_codes: codes.to_vec(),
            status: 400,
            ..Default::default()
        }
    }

    /// Each is a kind of report about every MSAL: the error did not say what to do.
    #[test]
    fn each_obstacle_on_the_way_has_its_own_remedy() {
        let unreachable = |error: SendError| Cause::from(error);
        let reason = || "x".to_owned();
        let not_sent =
            Cause::Unreachable(Unreachable { kind: NoAnswer::NotSent, reason: reason() });
        let status = |status| {
            let refusal = Refusal { error: UNKNOWN.to_owned(), status, ..Default::default() };
            Cause::Refused(Box::new(refusal))
        };
        let given = [
            (Cause::NotPermitted(reason()), true, "inherit_configuration"),
            (unreachable(SendError::NotTrusted(reason())), true, "inspects TLS"),
            (unreachable(SendError::NotTrusted(reason())), false, "--ca-certificate"),
            (unreachable(SendError::NotResolved(reason())), true, "DNS"),
            (unreachable(SendError::NotConnected(reason())), true, "try again"),
            (not_sent, true, "key derivation"),
            (Cause::page(Some(200), reason()), true, "portal"),
            (status(511), true, "portal"),
            (status(403), true, "firewall"),
            (status(407), true, "password"),
            (status(404), true, "authority's URL"),
        ];
        for (cause, is_microsoft, part) in given {
            let remedy = remedy(&cause, is_microsoft).unwrap();
            assert!(remedy.contains(part), "{cause}: {remedy}");
        }
        assert_eq!(remedy(&Cause::unexpected(Some(200), reason()), true), None);
    }

    #[test]
    fn the_first_known_code_takes_precedence_over_the_error() {
        let known = by_refusal(&refusal("invalid_client", &[1, 7_000_222])).unwrap();
        assert!(known.contains("expired"));
        assert_eq!(by_refusal(&refusal("invalid_scope", &[1])), Some("check the scopes"));
        assert_eq!(by_refusal(&refusal("something_else", &[])), None);
    }
}
