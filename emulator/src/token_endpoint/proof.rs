use super::assertion::Assertion;
use super::certificate_proof;
use super::entra_error::EntraError;
use super::federated_proof;
use super::form;
use super::form::Form;
use crate::authority::AuthorityType;
use crate::directory::Application;
use crate::http::Request;
use crate::service::Service;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The credential in a token request.
pub(super) enum Proof {
    Secret { client_id: Option<String>, secret: String },
    Assertion(String),
}

impl Proof {
    /// Finds the only credential of a request.
    pub(super) fn find(form: &Form, request: &Request) -> Result<Self, EntraError> {
        let basic = form::basic_credentials(request);
        let secret = form.value("client_secret");
        let assertion = form.value("client_assertion");
        match (basic, secret, assertion) {
            (None, None, None) => Err(EntraError::no_credential()),
            (Some((client_id, secret)), None, None) => {
                Ok(Self::Secret { client_id: Some(client_id), secret })
            }
            (None, Some(secret), None) => {
                Ok(Self::Secret { client_id: None, secret: secret.to_owned() })
            }
            (None, None, Some(assertion)) => match form.required("client_assertion_type")? {
                JWT_BEARER => Ok(Self::Assertion(assertion.to_owned())),
                _ => Err(EntraError::new(
                    400,
                    "invalid_request",
                    50_027,
                    "The 'client_assertion_type' is not supported.",
                )),
            },
            _ => Err(EntraError::new(
                400,
                "invalid_request",
                9_002_313,
                "Invalid request. Request is malformed or invalid: more than one client credential.",
            )),
        }
    }

    /// The client ID, from the form or else from the credential.
    pub(super) fn client_id(&self, form: &Form) -> Result<String, EntraError> {
        if let Some(client_id) = form.value("client_id") {
            return Ok(client_id.to_owned());
        }
        match self {
            Self::Secret { client_id: Some(client_id), .. } => Ok(client_id.clone()),
            Self::Secret { .. } => Err(EntraError::missing_parameter("client_id")),
            Self::Assertion(assertion) => {
                let assertion = Assertion::parse(assertion)?;
                let named = assertion.claim("sub").or_else(|| assertion.claim("iss"));
                named.map(str::to_owned).ok_or_else(|| EntraError::missing_parameter("client_id"))
            }
        }
    }

    pub(super) fn is_assertion(&self) -> bool {
        matches!(self, Self::Assertion(_))
    }

    /// Checks that the credential belongs to the application.
    pub(super) fn check(
        &self,
        service: &mut Service,
        request: &Request,
        authority_type: AuthorityType,
        tenant_id: &str,
        application: &Application,
    ) -> Result<(), EntraError> {
        match self {
            Self::Secret { secret, .. } => check_secret(secret, application),
            Self::Assertion(assertion) => {
                let assertion = Assertion::parse(assertion)?;
                if is_federated(&assertion, application) {
                    return federated_proof::check(service, &assertion, &application.client_id);
                }
                certificate_proof::check(
                    service,
                    request,
                    &assertion,
                    application,
                    authority_type,
                    tenant_id,
                )
            }
        }
    }
}

/// Whether an assertion is from another issuer: it names that issuer and no certificate.
fn is_federated(assertion: &Assertion, application: &Application) -> bool {
    let issuer = assertion.claim("iss").unwrap_or_default();
    let is_foreign = !issuer.eq_ignore_ascii_case(&application.client_id);
    let names_certificate = assertion.x5t().is_some() || assertion.x5t_s256().is_some();
    is_foreign
        && !names_certificate
        && (!application.federated.is_empty() || issuer.starts_with("https://"))
}

fn check_secret(secret: &str, application: &Application) -> Result<(), EntraError> {
    let id = &application.client_id;
    let named = || application.secrets.iter().filter(|own| own.value == secret);
    if named().any(|own| !own.expired) {
        return Ok(());
    }
    if named().next().is_some() {
        let text = format!(
            "The provided client secret keys for app '{id}' are expired. Visit the Azure portal to \
             create new keys for your app: https://aka.ms/NewClientSecret, or consider using \
             certificate credentials for added security: https://aka.ms/certCreds."
        );
        return Err(EntraError::invalid_client(7_000_222, text));
    }
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client \
         secret value, not the client secret ID, for a secret added to app '{id}'."
    );
    Err(EntraError::invalid_client(7_000_215, text))
}
