//! What to do about an error, for refusals per family of AADSTS codes.

use crate::error::Cause;
use crate::error::Refusal;
use crate::error::Throttle;

/// Advice for a person. Entra's numbers are not stable, so nothing else may depend on them.
pub fn remedy(cause: &Cause) -> Option<&'static str> {
    match cause {
        Cause::Refused(refusal) | Cause::Throttled(Throttle { refusal, .. }) => by_refusal(refusal),
        Cause::NotPermitted(_) => Some(
            "allow the component outgoing HTTP to the authority's host (in Spin: allowed_outbound_hosts)",
        ),
        Cause::Unreachable(_) => {
            Some("try again later; if it goes on, check the authority's host name and the network")
        }
        Cause::InvalidRequest(_) | Cause::InvalidCredential(_) | Cause::UnexpectedResponse(_) => {
            None
        }
    }
}

fn by_refusal(refusal: &Refusal) -> Option<&'static str> {
    refusal.error_codes.iter().find_map(|&code| by_code(code)).or_else(|| by_error(refusal))
}

fn by_code(code: u64) -> Option<&'static str> {
    Some(match code {
        7_000_215 => {
            "give the client secret's value, not its secret ID; if in doubt, create a new secret for the \
             application"
        }
        7_000_222 => {
            "the client secret has expired: create a new one and replace it where it is configured"
        }
        7_000_216 | 7_000_218 => {
            "the authority saw no credential; check what stands between the component and it"
        }
        70_002 | 50_012 => {
            "check the application's credential: the authority could not validate it"
        }
        700_027 => {
            "register this certificate with the application, or give the registered one; for an \
             application that trusts a subject name and issuer, set send-x5c"
        }
        700_024 => {
            "set the host's clock: the assertion's time does not fit the authority's; a caller's own \
             assertion must be made anew for each call"
        }
        700_021 | 700_023 => {
            "the assertion is for another application or audience; check client-id and authority, or how \
             the caller's assertion was made"
        }
        50_027 | 50_048 => {
            "the assertion is not a JWT that the authority accepts; check how it was made"
        }
        5_002_730 | 5_002_738 => {
            "the key cannot be used with this algorithm; set the certificate's algorithm to rs256"
        }
        5_002_723 => "the assertion names no key; check how the caller's assertion was made",
        70_021 | 700_211..=700_213 | 7_002_138 | 7_002_381 => {
            "add a federated credential to the application with the assertion's exact issuer, subject and \
             audience, or wait some minutes if it has just been added"
        }
        700_016 => {
            "check client-id and tenant: the application is not in this tenant; install it or have it consented"
        }
        700_025 => {
            "the application is registered as a public client; register it as a confidential one"
        }
        7_000_112 | 70_001 => "the application is disabled or unknown: enable it in the tenant",
        90_002 => "check the tenant: there is none with that ID or domain in this cloud",
        900_023 | 50_059 | 50_194 => "give the tenant's GUID or one of its verified domains",
        90_010 => "give a tenant: common and consumers do not serve this grant",
        50_049 => "check the authority's host: it is not one of Microsoft's",
        500_011 => {
            "check the resource in the scope: it has no service principal in this tenant; have it consented"
        }
        501_051 => "assign the application a role on the resource",
        65_001 | 90_094 => {
            "have an administrator of the tenant consent to the application's permissions"
        }
        70_011 | 1_002_012 | 700_022 | 28_000 => {
            "ask for one scope of the form {resource}/.default"
        }
        50_196 => {
            "the same token is asked for in a loop: let the cache work (a store that all instances share, no \
             force-refresh on each call)"
        }
        90_055 | 90_024 | 90_025 => "the tenant is being throttled: wait, and ask for fewer tokens",
        90_033 | 90_006 | 90_090 | 50_087 => "a passing fault of the authority: try again later",
        53_003 | 530_032 => {
            "a Conditional Access policy for workload identities blocks the application: see the sign-in \
             logs, and answer the claims if there are any"
        }
        90_038 => "the tenant is in another national cloud: give that cloud's authority",
        900_382 | 900_384 => {
            "a confidential client cannot be used across clouds: give its home cloud's authority"
        }
        500_207 | 900_144 => {
            "check the authority's URL: a parameter did not reach the token endpoint"
        }
        9_002_313 | 90_014 => {
            "the authority calls the request malformed: please report it with the trace ID"
        }
        _ => return None,
    })
}

fn by_error(refusal: &Refusal) -> Option<&'static str> {
    if refusal.status == 429 {
        return Some("wait, and let the cache work (a store that all instances share)");
    }
    if refusal.is_retryable {
        return Some("a passing fault of the authority: try again later");
    }
    Some(match refusal.error.as_str() {
        "invalid_client" => "check client-id and the credential",
        "unauthorized_client" => {
            "check that the application may use the client credentials grant in this tenant"
        }
        "invalid_scope" => "check the scopes",
        "invalid_resource" => "check the resource in the scope",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(error: &str, codes: &[u64]) -> Refusal {
        Refusal {
            error: error.to_owned(),
            error_codes: codes.to_vec(),
            status: 400,
            ..Default::default()
        }
    }

    #[test]
    fn the_first_known_code_decides_and_then_the_error() {
        let known = by_refusal(&refusal("invalid_client", &[1, 7_000_222])).unwrap();
        assert!(known.contains("expired"));
        assert_eq!(by_refusal(&refusal("invalid_scope", &[1])), Some("check the scopes"));
        assert_eq!(by_refusal(&refusal("something_else", &[])), None);
    }
}
