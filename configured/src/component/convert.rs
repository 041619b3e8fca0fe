//! The only conversion between the contract's types and this crate's.

use std::mem::take;

use zeroize::Zeroize;

use super::client_credentials;
use super::contract;
use crate::application::Application;
use crate::application::Credential;
use crate::failure::FailedCall;
use crate::failure::Failure;
use crate::failure::Rejection;

/// The secrets are moved, not copied: see [`zeroize`].
pub(super) fn from_application(application: Application) -> client_credentials::Application {
    let mut options = Vec::new();
    if application.allows_insecure_loopback {
        options.push(client_credentials::ApplicationOption::AllowInsecureLoopback);
    }
    options.extend(application.cache_store.map(client_credentials::ApplicationOption::CacheStore));
    client_credentials::Application {
        client_id: application.client_id,
        authority: application.authority,
        credentials: vec![from_credential(application.credential)],
        options,
    }
}

fn from_credential(credential: Credential) -> client_credentials::Credential {
    match credential {
        Credential::Secret(mut secret) => client_credentials::Credential::Secret(take(&mut secret)),
        Credential::Certificate { mut pem, passphrase, sends_chain } => {
            let mut options = Vec::new();
            if let Some(mut passphrase) = passphrase {
                options
                    .push(client_credentials::CertificateOption::Passphrase(take(&mut passphrase)));
            }
            if sends_chain {
                options.push(client_credentials::CertificateOption::SendX5c);
            }
            client_credentials::Credential::Certificate(client_credentials::Certificate {
                source: client_credentials::CertificateSource::Pem(take(&mut pem)),
                options,
            })
        }
    }
}

/// Overwrites the credential, whose type in the bindings does not do it when it is dropped.
pub(super) fn zeroize(application: &mut client_credentials::Application) {
    for credential in &mut application.credentials {
        match credential {
            client_credentials::Credential::Secret(text)
            | client_credentials::Credential::Assertion(text) => text.zeroize(),
            client_credentials::Credential::Certificate(certificate) => {
                match &mut certificate.source {
                    client_credentials::CertificateSource::Pem(text) => text.zeroize(),
                    client_credentials::CertificateSource::Pkcs12(bytes) => bytes.zeroize(),
                }
                for option in &mut certificate.options {
                    if let client_credentials::CertificateOption::Passphrase(text) = option {
                        text.zeroize();
                    }
                }
            }
            client_credentials::Credential::Provider => {}
        }
    }
}

pub(super) fn to_failed_call(error: client_credentials::AcquireError) -> FailedCall {
    let (rejection, retry_after_seconds) = match error.cause {
        client_credentials::ErrorCause::InvalidRequest(rejection)
        | client_credentials::ErrorCause::InvalidCredential(rejection) => {
            (Some(Rejection { field: rejection.field, reason: rejection.reason }), None)
        }
        client_credentials::ErrorCause::Throttled(throttle) => {
            (None, Some(throttle.retry_after_seconds))
        }
        client_credentials::ErrorCause::Refused(refusal) => (None, refusal.retry_after_seconds),
        client_credentials::ErrorCause::NotPermitted(_)
        | client_credentials::ErrorCause::Unreachable(_)
        | client_credentials::ErrorCause::UnexpectedResponse(_) => (None, None),
    };
    FailedCall {
        kind: error.kind,
        message: error.message,
        remedy: error.remedy,
        rejection,
        retry_after_seconds,
    }
}

pub(super) fn from_failure(failure: Failure) -> contract::Failure {
    contract::Failure {
        code: failure.code,
        message: failure.message,
        retry_after_seconds: failure.retry_after_seconds,
    }
}
