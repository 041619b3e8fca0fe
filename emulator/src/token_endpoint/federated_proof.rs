//! Checks an assertion signed by another issuer.

use serde_json::Value;

use super::assertion::Assertion;
use super::entra_error::EntraError;
use super::time_range;
use crate::directory::FederatedCredential;
use crate::directory::IssuerKey;
use crate::service::Service;

/// Checks issuer, signature, subject, audience and time, in this order.
pub(super) fn check(
    service: &mut Service,
    assertion: &Assertion,
    client_id: &str,
) -> Result<(), EntraError> {
    let issuer = assertion.claim("iss").unwrap_or_default();
    let subject = assertion.claim("sub").unwrap_or_default();
    let application = service.directory.application_mut(client_id);
    let registered = application.map(|it| it.federated.as_mut_slice()).unwrap_or_default();
    let mut of_issuer: Vec<_> = registered.iter_mut().filter(|it| it.issuer == issuer).collect();
    if of_issuer.is_empty() {
        return Err(unmatched(700_211, "issuer", issuer));
    }
    if of_issuer.iter().any(|it| it.keys_unreachable) {
        let text = "Request to External OIDC endpoint failed.";
        return Err(EntraError::new(400, "invalid_request", 50_166, text));
    }
    if !of_issuer.iter().any(|credential| verifies(credential, assertion)) {
        let text = "Assertion failed signature validation. [Reason - The key was not found.]";
        return Err(EntraError::invalid_client(50_013, text));
    }
    if !of_issuer.iter().any(|it| it.subject == subject) {
        if of_issuer.iter().any(|it| it.subject.eq_ignore_ascii_case(subject)) {
            let text = format!(
                "No matching federated identity record found for presented assertion subject \
                 '{subject}'. The subject matches with case-insensitive comparison, but not with \
                 case-sensitive comparison."
            );
            return Err(EntraError::invalid_client(7_002_138, text));
        }
        return Err(unmatched(700_213, "subject", subject));
    }
    of_issuer.retain(|it| it.subject == subject);
    let meant = of_issuer.into_iter().find(|it| has_audience(assertion, &it.audience));
    let Some(credential) = meant else {
        let audience = assertion.claim("aud").unwrap_or_default();
        return Err(unmatched(700_212, "audience", audience));
    };
    if credential.requests_until_propagated > 0 {
        credential.requests_until_propagated -= 1;
        return Err(unmatched(700_213, "subject", subject));
    }
    time_range::check(assertion, &service.strictness, service.clock.now())
}

fn verifies(credential: &FederatedCredential, assertion: &Assertion) -> bool {
    let verifies = |key: &IssuerKey| {
        key.may_be(assertion.key_id())
            && key.verifies(assertion.algorithm(), assertion.message(), assertion.signature())
    };
    credential.keys().is_ok_and(|keys| keys.iter().any(verifies))
}

fn has_audience(assertion: &Assertion, audience: &str) -> bool {
    match assertion.claim_value("aud") {
        Some(Value::String(own)) => own == audience,
        Some(Value::Array(all)) => all.iter().any(|own| own == audience),
        _ => false,
    }
}

fn unmatched(code: u32, what: &str, presented: &str) -> EntraError {
    let text = format!(
        "No matching federated identity record found for presented assertion {what} '{presented}'. \
         Check your federated identity credential Subject, Audience and Issuer against the presented \
         assertion. https://docs.microsoft.com/en-us/azure/active-directory/develop/\
         workload-identity-federation"
    );
    EntraError::invalid_client(code, text)
}
