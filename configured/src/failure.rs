//! Why there is no token, in the contract's short form.

use crate::variables;
use crate::variables::Source;
use crate::variables::Variables;

/// Why there is no token. It names variables and never contains their values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// Seconds to wait before the same call may succeed.
    pub retry_after_seconds: Option<u32>,
}

impl Failure {
    /// The configuration is missing or cannot be used.
    pub fn not_configured(message: String) -> Self {
        Self::new("not-configured", message)
    }

    /// No application of that name is configured.
    pub fn unknown_application(message: String) -> Self {
        Self::new("unknown-application", message)
    }

    /// The scope is not in the application's list.
    pub fn scope_not_allowed(message: String) -> Self {
        Self::new("scope-not-allowed", message)
    }

    /// A failure of the component that gets the token. A rejected argument is named as the variable that it came from.
    pub fn of_call<S: Source>(call: FailedCall, variables: &Variables<'_, S>) -> Self {
        let rejection = call.rejection.as_ref();
        let is_of_the_application =
            rejection.is_some_and(|it| it.field.starts_with("application."));
        let code = match call.kind.as_str() {
            // The caller of the component is this one, which got the arguments from the configuration.
            "invalid-request" if is_of_the_application => "not-configured".to_owned(),
            _ => call.kind,
        };
        let mut message = match call.rejection {
            Some(Rejection { field, reason }) => {
                format!("{}: {reason}", variable_of(&field, variables))
            }
            None => call.message,
        };
        if let Some(remedy) = call.remedy {
            message.push_str("; ");
            message.push_str(&remedy);
        }
        Self { code, message, retry_after_seconds: call.retry_after_seconds }
    }

    fn new(code: &str, message: String) -> Self {
        Self { code: code.to_owned(), message, retry_after_seconds: None }
    }
}

/// An error of `acquire-token-for-client`, as far as it matters here.
pub struct FailedCall {
    /// The name of the cause's case.
    pub kind: String,
    /// One line for people.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The argument, if one was rejected.
    pub rejection: Option<Rejection>,
    /// Seconds to wait, if waiting helps.
    pub retry_after_seconds: Option<u32>,
}

/// An argument that was rejected.
pub struct Rejection {
    /// Its name in the contract.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// The name of the variable that an argument came from.
fn variable_of<S: Source>(field: &str, variables: &Variables<'_, S>) -> String {
    let name = |variable| variables.name_of(variable);
    match field.strip_prefix("application.").unwrap_or_default() {
        "client-id" => name(variables::CLIENT_ID),
        "authority" if matches!(variables.get(variables::AUTHORITY_HOST), Ok(Some(_))) => {
            format!("{} and {}", name(variables::AUTHORITY_HOST), name(variables::TENANT_ID))
        }
        "authority" => name(variables::TENANT_ID),
        "options.cache-store" => name(variables::CACHE_STORE),
        "credentials.secret" => name(variables::CLIENT_SECRET),
        "credentials.certificate.options.passphrase" => {
            name(variables::CLIENT_CERTIFICATE_PASSWORD)
        }
        certificate if certificate.starts_with("credentials.certificate") => {
            name(variables::CLIENT_CERTIFICATE)
        }
        _ if field == "request.scopes" => "scope".to_owned(),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::tests::Fixed;

    fn failure(kind: &str, field: &str, configured: &[(&str, &str)]) -> Failure {
        let call = FailedCall {
            kind: kind.to_owned(),
            message: format!("{field}: is wrong"),
            remedy: None,
            rejection: Some(Rejection { field: field.to_owned(), reason: "is wrong".to_owned() }),
            retry_after_seconds: None,
        };
        let source = Fixed::new(configured);
        Failure::of_call(call, &Variables::of(&source, Some("reports")).unwrap())
    }

    #[test]
    fn a_rejected_argument_is_named_as_its_variable() {
        let client = [("reports_azure_client_id", "client")];
        for (field, variable) in [
            ("application.client-id", "reports_azure_client_id"),
            ("application.authority", "reports_azure_tenant_id"),
            ("application.options.cache-store", "reports_msal_cache_store"),
            ("application.credentials.secret", "reports_azure_client_secret"),
            ("application.credentials.certificate.source.pem", "reports_azure_client_certificate"),
            (
                "application.credentials.certificate.options.passphrase",
                "reports_azure_client_certificate_password",
            ),
            ("application.options.region", "application.options.region"),
        ] {
            let failure = failure("invalid-request", field, &client);
            assert_eq!(failure.code, "not-configured");
            assert_eq!(failure.message, format!("{variable}: is wrong"));
        }
        let both = [client[0], ("reports_azure_authority_host", "host")];
        assert_eq!(
            failure("invalid-request", "application.authority", &both).message,
            "reports_azure_authority_host and reports_azure_tenant_id: is wrong"
        );
    }

    #[test]
    fn what_is_not_about_the_configuration_keeps_its_kind() {
        let client = [("reports_azure_client_id", "client")];
        let of_scope = failure("invalid-request", "request.scopes", &client);
        assert_eq!(
            (of_scope.code.as_str(), of_scope.message.as_str()),
            ("invalid-request", "scope: is wrong")
        );
        let of_key =
            failure("invalid-credential", "application.credentials.certificate.source", &client);
        assert_eq!(of_key.code, "invalid-credential");
        let clock = failure("invalid-request", "wall-clock", &client);
        assert_eq!(
            (clock.code.as_str(), clock.message.as_str()),
            ("invalid-request", "wall-clock: is wrong")
        );
    }

    #[test]
    fn the_remedy_ends_the_message_and_the_delay_is_kept() {
        let call = FailedCall {
            kind: "throttled".to_owned(),
            message: "throttled by the authority".to_owned(),
            remedy: Some("ask less often".to_owned()),
            rejection: None,
            retry_after_seconds: Some(17),
        };
        let source = Fixed::new(&[]);
        assert_eq!(
            Failure::of_call(call, &Variables::of(&source, None).unwrap()),
            Failure {
                code: "throttled".to_owned(),
                message: "throttled by the authority; ask less often".to_owned(),
                retry_after_seconds: Some(17),
            }
        );
    }
}
