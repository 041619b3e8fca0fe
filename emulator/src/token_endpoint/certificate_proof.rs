//! Checks an assertion signed with the key of a certificate that is registered with the application, or
//! whose subject and issuer the application trusts.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::UnparsedPublicKey;
use time::OffsetDateTime;

use super::assertion::Assertion;
use super::audience;
use super::entra_error::EntraError;
use super::signature::rsa_algorithm;
use super::tenant::find_tenant;
use super::time_range;
use crate::authority::AuthorityType;
use crate::clock::to_certificate_date;
use crate::directory::Application;
use crate::directory::RegisteredCertificate;
use crate::directory::Thumbprint;
use crate::directory::TrustedSubject;
use crate::http::Request;
use crate::service::Service;

const INDIFFERENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Checks header, key, signature and claims, in this order.
pub(super) fn check(
    service: &mut Service,
    request: &Request,
    assertion: &Assertion,
    application: &Application,
    authority_type: AuthorityType,
    tenant_id: &str,
) -> Result<(), EntraError> {
    let now = service.clock.now();
    let algorithm = assertion.algorithm();
    let supported = match authority_type.requires_rs256() {
        true => "RS256",
        false => "RS256, RS384, RS512, PS256, PS384, PS512",
    };
    let is_supported = supported.split(", ").any(|it| it == algorithm);
    let Some(rsa) = rsa_algorithm(algorithm).filter(|_| is_supported) else {
        let text = format!(
            "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported \
             signing algorithms are: '{supported}'."
        );
        return Err(EntraError::invalid_client(5_002_738, text));
    };
    if authority_type.requires_rs256() && assertion.x5t().is_none() {
        let text = "Invalid JWT token. No certificate SHA-1 thumbprint specified in token header.";
        return Err(EntraError::invalid_client(5_002_723, text));
    }
    let thumbprints = thumbprints(assertion, service.strictness.reject_padded_thumbprints)?;

    let chain = assertion.x5c()?;
    let chain: Vec<_> = chain.iter().map(|der| RegisteredCertificate::parse(der)).collect();
    let registered =
        application.certificates.iter().filter_map(|der| RegisteredCertificate::parse(der).ok());
    let is_meant =
        |it: &RegisteredCertificate<'_>| thumbprints.iter().all(|by| it.has_thumbprint(by));
    let mut registered = registered.filter(is_meant);
    let certificate = match (registered.next(), &application.trusted_subject) {
        (Some(certificate), _) => certificate,
        (None, Some(trusted)) => {
            let chain: Result<Vec<_>, _> = chain.into_iter().collect();
            let chain = chain.map_err(|_| EntraError::malformed_assertion())?;
            let leaf = trusted_leaf(service, chain, trusted, now);
            leaf.filter(is_meant).ok_or_else(|| unknown_key(&thumbprints))?
        }
        (None, None) => return Err(unknown_key(&thumbprints)),
    };

    if application.rs256_only && algorithm.starts_with("PS") {
        let text = "Invalid JWT token. Unsupported key for the signing algorithm.";
        return Err(EntraError::invalid_client(5_002_730, text));
    }
    let key = certificate.rsa_public_key().unwrap_or_default();
    let verified =
        UnparsedPublicKey::new(rsa, key).verify(assertion.message(), assertion.signature());
    if verified.is_err() {
        let reason = "The provided signature value did not match the expected signature value.";
        return Err(failed_signature(reason, &certificate));
    }
    if !certificate.is_valid_at(now) {
        return Err(failed_signature("The key used is expired.", &certificate));
    }
    check_claims(assertion, &application.client_id)?;

    let tenant = find_tenant(&service.directory, tenant_id)?;
    let exactly = service.strictness.exact_audience || !authority_type.has_aliases();
    let audience = assertion.claim_value("aud");
    if !audience.is_some_and(|it| audience::is_accepted(it, request, &tenant, exactly)) {
        let text = "Client assertion audience claim does not match Realm issuer. Review the \
                    documentation at https://docs.microsoft.com/azure/active-directory/develop/\
                    active-directory-certificate-credentials .";
        return Err(EntraError::invalid_client(700_023, text));
    }
    time_range::check(assertion, &service.strictness, now)?;
    check_jti(service, assertion, &application.client_id)
}

/// Checks that issuer, subject and audience are present, and that issuer and subject are the client.
fn check_claims(assertion: &Assertion, client_id: &str) -> Result<(), EntraError> {
    for name in ["iss", "sub", "aud"] {
        if assertion.claim_value(name).is_none() {
            let text = format!(
                "The required field '{name}' is missing from the credential. Ensure that you have all \
                 the necessary parameters for the login request."
            );
            return Err(EntraError::new(400, "invalid_request", 90_014, text));
        }
    }
    let is_client = |name: &str| {
        assertion.claim(name).is_some_and(|value| value.eq_ignore_ascii_case(client_id))
    };
    if !is_client("iss") || !is_client("sub") {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
        return Err(EntraError::invalid_client(700_021, text));
    }
    Ok(())
}

fn check_jti(
    service: &mut Service,
    assertion: &Assertion,
    client_id: &str,
) -> Result<(), EntraError> {
    match assertion.claim("jti") {
        None if service.strictness.require_jti => Err(EntraError::new(
            400,
            "invalid_request",
            90_014,
            "The required field 'jti' is missing from the credential.",
        )),
        Some(jti) if service.strictness.strict_jti => {
            // Entra has no such rule, but RFC 7523, section 3 allows it, and other servers have it.
            let is_new = service.used_jti.insert((client_id.to_owned(), jti.to_owned()));
            let text = "The assertion was already used: its 'jti' is not new.";
            is_new.then_some(()).ok_or_else(|| EntraError::invalid_client(700_027, text))
        }
        _ => Ok(()),
    }
}

/// The thumbprints in the header. The certificate must match all of them.
fn thumbprints(assertion: &Assertion, strictly: bool) -> Result<Vec<Thumbprint>, EntraError> {
    let mut named = Vec::new();
    if let Some(text) = assertion.x5t_s256() {
        named.push(Thumbprint::Sha256(decode_thumbprint(text, strictly)?));
    }
    if let Some(text) = assertion.x5t() {
        named.push(Thumbprint::Sha1(decode_thumbprint(text, strictly)?));
    }
    if let (true, Some(key_id)) = (named.is_empty(), assertion.key_id()) {
        let bytes = decode_hex(key_id).map_or_else(|| decode_thumbprint(key_id, strictly), Ok)?;
        named.push(Thumbprint::Sha1(bytes));
    }
    if named.is_empty() {
        let text = "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 \
                    thumbprint, nor keyId specified in token header.";
        return Err(EntraError::invalid_client(5_002_723, text));
    }
    Ok(named)
}

/// MSAL Python sends padding, and MSAL Go sends SHA-256 in the standard alphabet.
fn decode_thumbprint(text: &str, strictly: bool) -> Result<Vec<u8>, EntraError> {
    let decoded = if strictly {
        URL_SAFE_NO_PAD.decode(text)
    } else {
        INDIFFERENT.decode(text.replace('+', "-").replace('/', "_"))
    };
    decoded.map_err(|_| EntraError::malformed_assertion())
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| {
        let digits = (0..text.len()).step_by(2);
        digits.filter_map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
    })
}

/// The leaf of the chain, if the chain ends in a trusted root and the leaf has the trusted names.
fn trusted_leaf<'a>(
    service: &Service,
    mut chain: Vec<RegisteredCertificate<'a>>,
    trusted: &TrustedSubject,
    now: OffsetDateTime,
) -> Option<RegisteredCertificate<'a>> {
    let own_root = service.authority.der();
    let roots = service.directory.trusted_roots.iter().chain(std::iter::once(&own_root));
    let mut roots = roots.filter_map(|der| RegisteredCertificate::parse(der).ok());

    let last = chain.last()?;
    let ends_in_root = roots.any(|root| last.is_same_as(&root) || last.is_signed_by(&root));
    let is_linked = chain.windows(2).all(|pair| pair[0].is_signed_by(&pair[1]));
    let is_current = chain.iter().skip(1).all(|certificate| certificate.is_valid_at(now));
    let leaf = chain.swap_remove(0);
    let is_named = leaf.is_named(&trusted.subject) && leaf.is_issued_by_name(&trusted.issuer);
    (ends_in_root && is_linked && is_current && is_named).then_some(leaf)
}

fn unknown_key(thumbprints: &[Thumbprint]) -> EntraError {
    let named = thumbprints.first().map(Thumbprint::to_hex).unwrap_or_default();
    let text = format!(
        "The certificate with identifier used to sign the client assertion is not registered on \
         application. [Reason - The key was not found., Thumbprint of key used by client: '{named}', \
         Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys \
         for app. Alternatively, SNI may be configured on the app. Please ensure that client assertion \
         is being sent with the x5c claim in the JWT header using MSAL's WithSendX5C() method so that \
         Azure Active Directory can validate the certificate being used.]"
    );
    EntraError::invalid_client(700_027, text)
}

fn failed_signature(reason: &str, certificate: &RegisteredCertificate<'_>) -> EntraError {
    let text = format!(
        "Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by \
         client: '{}', Found key 'Start={}, End={}']",
        Thumbprint::Sha1(certificate.sha1()).to_hex(),
        to_certificate_date(certificate.not_before()),
        to_certificate_date(certificate.not_after())
    );
    EntraError::invalid_client(700_027, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_thumbprint_is_read_unless_the_server_is_strict() {
        assert_eq!(decode_thumbprint("-_8=", false).unwrap(), [0xfb, 0xff]);
        assert_eq!(decode_thumbprint("+/8=", false).unwrap(), [0xfb, 0xff]);
        assert!(decode_thumbprint("-_8=", true).is_err());
        assert_eq!(decode_thumbprint("-_8", true).unwrap(), [0xfb, 0xff]);
    }

    #[test]
    fn a_key_id_may_be_the_thumbprint_in_hex() {
        assert_eq!(decode_hex(&"0a".repeat(20)).unwrap(), [10; 20]);
        assert_eq!(decode_hex("0a"), None);
    }
}
