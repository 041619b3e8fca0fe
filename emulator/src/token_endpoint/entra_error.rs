use std::borrow::Cow;

use serde::Serialize;

use crate::directory::Application;
use crate::directory::Resource;

/// An error of the token endpoint, without IDs and timestamp.
#[derive(Debug)]
pub(crate) struct EntraError {
    pub(crate) status: u16,
    pub(crate) error: Cow<'static, str>,
    pub(crate) code: u32,
    pub(crate) text: String,
}

/// The members in the order of Entra's responses.
#[derive(Serialize)]
pub(super) struct ErrorBody<'a> {
    pub(super) error: &'a str,
    pub(super) error_description: String,
    pub(super) error_codes: [u32; 1],
    pub(super) timestamp: &'a str,
    pub(super) trace_id: &'a str,
    pub(super) correlation_id: &'a str,
    pub(super) error_uri: String,
}

impl EntraError {
    pub(crate) fn new(
        status: u16,
        error: impl Into<Cow<'static, str>>,
        code: u32,
        text: impl Into<String>,
    ) -> Self {
        Self { status, error: error.into(), code, text: text.into() }
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Self::new(400, "invalid_request", 900_144, text)
    }

    pub(super) fn invalid_client(code: u32, text: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", code, text)
    }

    pub(super) fn no_credential() -> Self {
        Self::invalid_client(
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the \
             'client_credentials' grant type.",
        )
    }

    pub(super) fn malformed_assertion() -> Self {
        Self::new(400, "invalid_request", 50_027, "JWT token is invalid or malformed.")
    }

    pub(super) fn client_request_loop() -> Self {
        Self::new(
            400,
            "invalid_grant",
            50_196,
            "The server terminated an operation because it encountered a client request loop. \
             Please contact your app vendor.",
        )
    }

    pub(super) fn not_assigned(application: &Application, resource: &Resource) -> Self {
        let text = format!(
            "Application '{}'({}) is not assigned to a role for the application '{}'({}).",
            application.client_id, application.name, resource.app_id, resource.identifier
        );
        Self::new(400, "invalid_grant", 501_051, text)
    }

    pub(super) fn blocked_by_conditional_access() -> Self {
        Self::new(
            400,
            "invalid_grant",
            53_003,
            "Access has been blocked by Conditional Access policies. The access policy does not \
             allow token issuance.",
        )
    }
}
