//! Advice on how to fix an error; for refusals, by AADSTS code.

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
            "allow the component outgoing HTTP to the authority's host (in Spin: allowed_outbound_hosts); if \
             a proxy refused, correct the host's settings for it",
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
    refusal.error_codes.iter().find_map(|&code| by_code(code)).or_else(|| by_error(refusal))
}

#[allow(clippy::too_many_lines, reason = "it is a table")]
fn by_code(code: u64) -> Option<&'static str> {
    Some(match code {
        7_000_215 => {
            "use the client secret's value, not its secret ID; if in doubt, create a new secret for the \
             application"
        }
        7_000_222 => "create a new client secret, because this one has expired",
        7_000_216 | 7_000_218 => {
            "check for a proxy that removes the credential: the authority did not receive one"
        }
        70_002 | 50_012 => {
            "check the application's credential: the authority could not validate it"
        }
        700_027 => {
            "register this certificate with the application, or use the registered one; if the application \
             trusts the certificate's subject name and issuer, set send-x5c"
        }
        700_024 => {
            "correct the host's clock, because the assertion is not valid at the authority's time; if the \
             caller provides the assertion, make a new one for each call"
        }
        700_021 | 700_023 => {
            "check client-id and authority, or how the caller's assertion is made: it is for another \
             application or audience"
        }
        1_000_502 => {
            "renew the certificate and register the new one: it has expired, or is not valid yet"
        }
        7_000_214 => "replace the certificate and register the new one: it was revoked",
        7_000_213 | 700_030 => {
            "check the certificate's issuer and subject name: the application trusts others; set send-x5c, with \
             the issuers in the file"
        }
        5_000_811 => {
            "check how the caller's assertion is made: it is not signed with a key that its issuer publishes"
        }
        50_166 | 501_661 => {
            "make the issuer's discovery document and keys public over https: the authority could not read them; \
             if they are, try again later"
        }
        700_222 => {
            "use an assertion of another issuer, or a managed identity's token: the authority does not accept its own \
             tokens here"
        }
        50_027 | 50_048 => {
            "check how the assertion is made: the authority does not accept it as a JWT"
        }
        5_002_730 | 5_002_738 => {
            "set the certificate's algorithm to rs256: the key does not support the current one"
        }
        5_002_723 => "check how the caller's assertion is made: it does not identify its key",
        70_021 | 700_211..=700_213 | 7_002_138 | 7_002_381 => {
            "add a federated credential to the application with the assertion's exact issuer, subject and \
             audience; if it was added just now, wait a few minutes"
        }
        700_016 | 7_000_229 => {
            "check client-id and tenant: the application is not in this tenant; install it or consent to it there"
        }
        700_025 => {
            "register the application as a confidential client: it is registered as a public one"
        }
        7_000_112 | 70_001 => {
            "enable the application in the tenant: it is disabled or unknown there"
        }
        90_002 => "check the tenant: this cloud has no tenant with this ID or domain",
        900_023 | 50_059 | 50_194 => "use the tenant's GUID or one of its verified domains",
        90_010 => "use the tenant's GUID or domain: common and consumers do not support this grant",
        50_049 => "check the authority's host: it does not belong to Microsoft",
        500_011 => {
            "check the resource in the scope: it has no service principal in this tenant; consent to it there"
        }
        500_014 => "enable the resource in the tenant: its service principal is disabled there",
        650_057 => "add the resource to the permissions of the application's registration",
        501_051 => "assign the application a role on the resource",
        65_001 | 90_094 => {
            "ask an administrator of the tenant to consent to the application's permissions"
        }
        70_011 | 1_002_012 | 700_022 | 28_000 => {
            "request one scope of the form {resource}/.default"
        }
        50_196 => {
            "use the cache, because the same token is requested in a loop: share the store between all \
             instances, and do not set force-refresh on each call"
        }
        90_055 | 90_024 | 90_025 => "wait, and request fewer tokens: the tenant is throttled",
        90_033 | 90_006 | 90_090 | 50_087 => "try again later: the authority has a transient fault",
        53_003 | 530_032 => {
            "check the sign-in logs: a Conditional Access policy for workload identities blocks the \
             application; if the error has claims, repeat the call with them"
        }
        90_038 => "use the authority of the tenant's national cloud",
        900_382 | 900_384 => {
            "use the authority of the application's home cloud: confidential clients do not work across clouds"
        }
        500_207 | 900_144 => {
            "check the authority's URL: the token endpoint did not receive a parameter"
        }
        9_002_313 | 90_014 => {
            "report this with the trace ID: the authority rejected the request as malformed"
        }
        _ => return None,
    })
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
