//! The only conversion between the contract's types and the core's.

use std::time::Duration;

use super::contract;
use super::options::set_application_options;
use super::options::set_certificate_options;
use super::options::set_request_options;
use crate::application::ApplicationParts;
use crate::authority::AuthorityKind;
use crate::credential::CertificateParts;
use crate::credential::CertificateSource;
use crate::credential::CredentialParts;
use crate::credential::SigningAlgorithm;
use crate::error::AcquireError;
use crate::error::Cause;
use crate::error::Refusal;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::error::Throttle;
use crate::error::UnexpectedResponse;
use crate::migrate::ImportReport;
use crate::outcome::AuthenticationResult;
use crate::outcome::CacheRefreshReason;
use crate::outcome::Durations;
use crate::outcome::Metadata;
use crate::outcome::RegionOutcome;
use crate::outcome::TokenSource;
use crate::request::TokenRequestParts;
use crate::secret::Secret;

pub(super) fn to_application(
    application: contract::Application,
) -> Result<ApplicationParts, Cause> {
    let mut parts = ApplicationParts {
        client_id: application.client_id,
        authority: application.authority,
        credentials: application
            .credentials
            .into_iter()
            .map(to_credential)
            .collect::<Result<_, _>>()
            .map_err(Cause::InvalidCredential)?,
        ..ApplicationParts::default()
    };
    set_application_options(&mut parts, application.options).map_err(Cause::InvalidRequest)?;
    Ok(parts)
}

pub(super) fn to_request(request: contract::TokenRequest) -> Result<TokenRequestParts, Cause> {
    let mut parts = TokenRequestParts { scopes: request.scopes, ..TokenRequestParts::default() };
    set_request_options(&mut parts, request.options).map_err(Cause::InvalidRequest)?;
    Ok(parts)
}

pub(super) fn from_result(
    result: AuthenticationResult,
    durations: Durations,
) -> contract::AuthenticationResult {
    contract::AuthenticationResult {
        access_token: result.access_token.into_inner(),
        token_type: "Bearer".to_owned(),
        expires_on: result.expires_on.to_seconds(),
        refresh_on: result.refresh_on.map(|time| time.to_seconds()),
        scopes: result.scopes,
        tenant_id: result.tenant_id,
        metadata: from_metadata(result.metadata, durations),
    }
}

pub(super) fn from_report(report: ImportReport) -> contract::ImportReport {
    contract::ImportReport { imported: report.imported, skipped: report.skipped }
}

pub(super) fn from_error(error: AcquireError, durations: Durations) -> contract::AcquireError {
    contract::AcquireError {
        message: error.cause.to_string(),
        kind: error.cause.kind().to_owned(),
        cause: from_cause(error.cause),
        remedy: error.remedy.map(str::to_owned),
        metadata: error.metadata.map(|metadata| from_metadata(metadata, durations)),
    }
}

/// An argument that was refused before the call started.
pub(super) fn from_rejected(cause: Cause) -> contract::AcquireError {
    from_error(AcquireError::before_the_call(cause), Durations::default())
}

/// A call that cannot go on, because its host breaks the rules of WASI.
pub(super) fn stopped(reason: String) -> contract::AcquireError {
    from_rejected(Cause::unexpected(None, reason))
}

fn to_credential(credential: contract::Credential) -> Result<CredentialParts, Rejection> {
    Ok(match credential {
        contract::Credential::Secret(secret) => CredentialParts::Secret(Secret::from(secret)),
        contract::Credential::Assertion(assertion) => {
            CredentialParts::Assertion(Secret::from(assertion))
        }
        contract::Credential::Provider => CredentialParts::Provider,
        contract::Credential::Certificate(certificate) => {
            let mut parts = CertificateParts::new(match certificate.source {
                contract::CertificateSource::Pem(text) => {
                    CertificateSource::Pem(Secret::from(text))
                }
                contract::CertificateSource::Pkcs12(bytes) => {
                    CertificateSource::Pkcs12(Secret::from(bytes))
                }
            });
            set_certificate_options(&mut parts, certificate.options)?;
            CredentialParts::Certificate(parts)
        }
    })
}

pub(super) fn to_signing_algorithm(algorithm: contract::SigningAlgorithm) -> SigningAlgorithm {
    match algorithm {
        contract::SigningAlgorithm::Ps256 => SigningAlgorithm::Ps256,
        contract::SigningAlgorithm::Rs256 => SigningAlgorithm::Rs256,
    }
}

pub(super) fn to_authority_kind(kind: contract::AuthorityType) -> AuthorityKind {
    match kind {
        contract::AuthorityType::Entra => AuthorityKind::Entra,
        contract::AuthorityType::Generic => AuthorityKind::Generic,
        contract::AuthorityType::Adfs => AuthorityKind::Adfs,
        contract::AuthorityType::Dsts => AuthorityKind::Dsts,
        contract::AuthorityType::B2c => AuthorityKind::B2c,
        contract::AuthorityType::Ciam => AuthorityKind::Ciam,
        contract::AuthorityType::Oidc => AuthorityKind::Oidc,
    }
}

fn from_metadata(metadata: Metadata, durations: Durations) -> contract::Metadata {
    let (token_source, token_source_name) = match metadata.token_source {
        TokenSource::IdentityProvider => {
            (contract::TokenSource::IdentityProvider, "identity-provider")
        }
        TokenSource::Cache => (contract::TokenSource::Cache, "cache"),
    };
    contract::Metadata {
        token_source,
        token_source_name: token_source_name.to_owned(),
        cache_refresh_reason: match metadata.cache_refresh_reason {
            CacheRefreshReason::NotApplicable => contract::CacheRefreshReason::NotApplicable,
            CacheRefreshReason::ForceRefreshOrClaims => {
                contract::CacheRefreshReason::ForceRefreshOrClaims
            }
            CacheRefreshReason::NoCachedAccessToken => {
                contract::CacheRefreshReason::NoCachedAccessToken
            }
            CacheRefreshReason::Expired => contract::CacheRefreshReason::Expired,
            CacheRefreshReason::ProactivelyRefreshed => {
                contract::CacheRefreshReason::ProactivelyRefreshed
            }
            CacheRefreshReason::CacheDisabled => contract::CacheRefreshReason::CacheDisabled,
        },
        correlation_id: metadata.correlation_id,
        token_endpoint: metadata.token_endpoint,
        region_outcome: match metadata.region_outcome {
            RegionOutcome::NotRequested => contract::RegionOutcome::NotRequested,
            RegionOutcome::Regional => contract::RegionOutcome::Regional,
            RegionOutcome::FallbackToGlobal => contract::RegionOutcome::FallbackToGlobal,
        },
        credential_index: metadata.credential_index.and_then(|index| u32::try_from(index).ok()),
        refresh_due: metadata.refresh_due,
        token_requests: metadata.token_requests,
        duration_total_us: to_microseconds(durations.total),
        duration_in_cache_us: to_microseconds(durations.in_cache),
        duration_in_http_us: to_microseconds(durations.in_http),
        warnings: metadata.warnings,
    }
}

fn from_cause(cause: Cause) -> contract::ErrorCause {
    match cause {
        Cause::InvalidRequest(rejection) => {
            contract::ErrorCause::InvalidRequest(from_rejection(rejection))
        }
        Cause::InvalidCredential(rejection) => {
            contract::ErrorCause::InvalidCredential(from_rejection(rejection))
        }
        Cause::NotPermitted(reason) => contract::ErrorCause::NotPermitted(reason),
        Cause::Throttled(Throttle { retry_after_seconds, refusal }) => {
            contract::ErrorCause::Throttled(contract::Throttle {
                retry_after_seconds,
                refusal: from_refusal(*refusal),
            })
        }
        Cause::Refused(refusal) => contract::ErrorCause::Refused(from_refusal(*refusal)),
        Cause::Unreachable(unreachable) => contract::ErrorCause::Unreachable(unreachable.reason),
        Cause::UnexpectedResponse(UnexpectedResponse { status, reason, .. }) => {
            contract::ErrorCause::UnexpectedResponse(contract::UnexpectedResponse {
                status,
                reason,
            })
        }
    }
}

fn from_rejection(rejection: Rejection) -> contract::Rejection {
    contract::Rejection {
        field: rejection.field.to_owned(),
        code: match rejection.code {
            RejectionCode::Missing => contract::RejectionCode::Missing,
            RejectionCode::TooLong => contract::RejectionCode::TooLong,
            RejectionCode::Malformed => contract::RejectionCode::Malformed,
            RejectionCode::NotAllowed => contract::RejectionCode::NotAllowed,
            RejectionCode::Conflict => contract::RejectionCode::Conflict,
            RejectionCode::Repeated => contract::RejectionCode::Repeated,
            RejectionCode::NotSupported => contract::RejectionCode::NotSupported,
            RejectionCode::TooWeak => contract::RejectionCode::TooWeak,
            RejectionCode::NotDecryptable => contract::RejectionCode::NotDecryptable,
            RejectionCode::ImplausibleClock => contract::RejectionCode::ImplausibleClock,
            RejectionCode::ProviderFailed => contract::RejectionCode::ProviderFailed,
        },
        reason: rejection.reason.into_owned(),
    }
}

fn from_refusal(refusal: Refusal) -> contract::Refusal {
    contract::Refusal {
        status: refusal.status,
        error: refusal.error,
        suberror: refusal.suberror,
        error_codes: to_error_codes(refusal.error_codes),
        description: refusal.description,
        claims: refusal.claims,
        trace_id: refusal.trace_id,
        correlation_id: refusal.correlation_id,
        timestamp: refusal.timestamp,
        retry_after_seconds: refusal.retry_after_seconds,
        retryable: refusal.is_retryable,
    }
}

/// AADSTS numbers have at most seven digits, so a number that does not fit is not Entra's.
fn to_error_codes(codes: Vec<u64>) -> Vec<u32> {
    codes.into_iter().filter_map(|code| u32::try_from(code).ok()).collect()
}

fn to_microseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
