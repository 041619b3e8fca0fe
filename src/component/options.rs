//! From the contract's lists of options to the core's named fields. An option that is given twice is refused: neither
//! value would be a safe guess.

use std::mem::Discriminant;
use std::mem::discriminant;

use super::contract;
use super::contract::ApplicationOption;
use super::contract::CertificateOption;
use super::contract::RequestOption;
use super::convert::to_authority_kind;
use super::convert::to_signing_algorithm;
use crate::application::ApplicationParts;
use crate::authority::InstanceMetadataParts;
use crate::credential::CertificateParts;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::request::TokenRequestParts;
use crate::secret::Secret;

pub(super) fn set_application_options(
    parts: &mut ApplicationParts,
    options: Vec<ApplicationOption>,
) -> Result<(), Rejection> {
    refuse_repeated(&options, application_field)?;
    for option in options {
        match option {
            ApplicationOption::AuthorityType(kind) => {
                parts.authority_kind = Some(to_authority_kind(kind));
            }
            ApplicationOption::ValidateAuthority => parts.validate_authority = true,
            ApplicationOption::InstanceMetadata(clouds) => {
                parts.instance_metadata = clouds.into_iter().map(to_instance_metadata).collect();
            }
            ApplicationOption::AllowInsecureLoopback => parts.allow_insecure_loopback = true,
            ApplicationOption::Region(region) => parts.region = Some(region),
            ApplicationOption::ClientCapabilities(names) => parts.client_capabilities = names,
            ApplicationOption::CacheKeys(keys) => {
                parts.cache_keys = keys.into_iter().map(Secret::from).collect();
            }
            ApplicationOption::CacheStore(name) => parts.cache_store = Some(name),
            ApplicationOption::DisableCache => parts.disable_cache = true,
            ApplicationOption::DisableRetry => parts.disable_retry = true,
            ApplicationOption::AppName(name) => parts.app_name = Some(name),
            ApplicationOption::AppVersion(version) => parts.app_version = Some(version),
        }
    }
    Ok(())
}

pub(super) fn set_certificate_options(
    parts: &mut CertificateParts,
    options: Vec<CertificateOption>,
) -> Result<(), Rejection> {
    refuse_repeated(&options, certificate_field)?;
    for option in options {
        match option {
            CertificateOption::Passphrase(passphrase) => {
                parts.passphrase = Some(Secret::from(passphrase));
            }
            CertificateOption::SendX5c => parts.send_x5c = true,
            CertificateOption::Algorithm(algorithm) => {
                parts.algorithm = Some(to_signing_algorithm(algorithm));
            }
            CertificateOption::Thumbprint(thumbprint) => parts.thumbprint = Some(thumbprint),
            CertificateOption::ExtraClaims(claims) => parts.extra_claims = Some(claims),
        }
    }
    Ok(())
}

pub(super) fn set_request_options(
    parts: &mut TokenRequestParts,
    options: Vec<RequestOption>,
) -> Result<(), Rejection> {
    refuse_repeated(&options, request_field)?;
    for option in options {
        match option {
            RequestOption::Tenant(tenant) => parts.tenant = Some(tenant),
            RequestOption::Claims(claims) => parts.claims = Some(claims),
            RequestOption::ClaimsFromClient(claims) => parts.claims_from_client = Some(claims),
            RequestOption::ForceRefresh => parts.force_refresh = true,
            RequestOption::RefreshIfSha256(hash) => parts.refresh_if_sha256 = Some(hash),
            RequestOption::CorrelationId(id) => parts.correlation_id = Some(id),
            RequestOption::DeadlineMs(deadline) => parts.deadline_ms = Some(deadline.into()),
            RequestOption::MaxWaitMs(wait) => parts.max_wait_ms = Some(wait),
            RequestOption::FmiPath(path) => parts.fmi_path = Some(path),
            RequestOption::Attributes(attributes) => parts.attributes = Some(attributes),
            RequestOption::AttributeTokens(tokens) => parts.attribute_tokens = tokens,
            RequestOption::ExtraBodyParameters(pairs) => parts.extra.body = pairs,
            RequestOption::ExtraQueryParameters(pairs) => parts.extra.query = pairs,
            RequestOption::ExtraHeaders(pairs) => parts.extra.headers = pairs,
            RequestOption::MinimumValiditySeconds(seconds) => {
                parts.minimum_validity_seconds = Some(seconds);
            }
            RequestOption::DeferRefresh => parts.defer_refresh = true,
            RequestOption::SendX5c(send) => parts.send_x5c = Some(send),
            RequestOption::ExtraAssertionClaims(claims) => {
                parts.extra_assertion_claims = Some(claims);
            }
        }
    }
    Ok(())
}

/// Compares each option with those before it. A list without a repetition is no longer than the number of cases, so this
/// ends early however long the list is.
fn refuse_repeated<T>(options: &[T], field: fn(&T) -> &'static str) -> Result<(), Rejection> {
    let mut seen: Vec<Discriminant<T>> = Vec::with_capacity(options.len().min(32));
    for option in options {
        let case = discriminant(option);
        if seen.contains(&case) {
            return Err(Rejection::new(
                field(option),
                RejectionCode::Repeated,
                "is given more than once; give it once",
            ));
        }
        seen.push(case);
    }
    Ok(())
}

fn application_field(option: &ApplicationOption) -> &'static str {
    match option {
        ApplicationOption::AuthorityType(_) => "application.options.authority-type",
        ApplicationOption::ValidateAuthority => "application.options.validate-authority",
        ApplicationOption::InstanceMetadata(_) => "application.options.instance-metadata",
        ApplicationOption::AllowInsecureLoopback => "application.options.allow-insecure-loopback",
        ApplicationOption::Region(_) => "application.options.region",
        ApplicationOption::ClientCapabilities(_) => "application.options.client-capabilities",
        ApplicationOption::CacheKeys(_) => "application.options.cache-keys",
        ApplicationOption::CacheStore(_) => "application.options.cache-store",
        ApplicationOption::DisableCache => "application.options.disable-cache",
        ApplicationOption::DisableRetry => "application.options.disable-retry",
        ApplicationOption::AppName(_) => "application.options.app-name",
        ApplicationOption::AppVersion(_) => "application.options.app-version",
    }
}

fn certificate_field(option: &CertificateOption) -> &'static str {
    match option {
        CertificateOption::Passphrase(_) => {
            "application.credentials.certificate.options.passphrase"
        }
        CertificateOption::SendX5c => "application.credentials.certificate.options.send-x5c",
        CertificateOption::Algorithm(_) => "application.credentials.certificate.options.algorithm",
        CertificateOption::Thumbprint(_) => {
            "application.credentials.certificate.options.thumbprint"
        }
        CertificateOption::ExtraClaims(_) => {
            "application.credentials.certificate.options.extra-claims"
        }
    }
}

fn request_field(option: &RequestOption) -> &'static str {
    match option {
        RequestOption::Tenant(_) => "request.options.tenant",
        RequestOption::Claims(_) => "request.options.claims",
        RequestOption::ClaimsFromClient(_) => "request.options.claims-from-client",
        RequestOption::ForceRefresh => "request.options.force-refresh",
        RequestOption::RefreshIfSha256(_) => "request.options.refresh-if-sha256",
        RequestOption::CorrelationId(_) => "request.options.correlation-id",
        RequestOption::DeadlineMs(_) => "request.options.deadline-ms",
        RequestOption::MaxWaitMs(_) => "request.options.max-wait-ms",
        RequestOption::FmiPath(_) => "request.options.fmi-path",
        RequestOption::Attributes(_) => "request.options.attributes",
        RequestOption::AttributeTokens(_) => "request.options.attribute-tokens",
        RequestOption::ExtraBodyParameters(_) => "request.options.extra-body-parameters",
        RequestOption::ExtraQueryParameters(_) => "request.options.extra-query-parameters",
        RequestOption::ExtraHeaders(_) => "request.options.extra-headers",
        RequestOption::MinimumValiditySeconds(_) => "request.options.minimum-validity-seconds",
        RequestOption::DeferRefresh => "request.options.defer-refresh",
        RequestOption::SendX5c(_) => "request.options.send-x5c",
        RequestOption::ExtraAssertionClaims(_) => "request.options.extra-assertion-claims",
    }
}

fn to_instance_metadata(cloud: contract::InstanceMetadata) -> InstanceMetadataParts {
    InstanceMetadataParts {
        preferred_network: cloud.preferred_network,
        preferred_cache: cloud.preferred_cache,
        aliases: cloud.aliases,
    }
}
