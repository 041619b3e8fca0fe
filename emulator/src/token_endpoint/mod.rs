//! The token endpoints of all kinds of authority, for the `client_credentials` grant.

mod access_token;
mod answer;
mod assertion;
mod audience;
mod certificate_proof;
mod entra_error;
mod federated_proof;
mod form;
mod grant;
mod numeric_date;
mod proof;
mod scope;
mod signature;
mod tenant;
mod time_range;

pub(crate) use answer::refuse;
pub(crate) use entra_error::EntraError;
pub(crate) use grant::Grant;
pub(crate) use signature::rsa_algorithm;
pub(crate) use tenant::find_tenant;

use serde_json::Value;

use crate::authority::Authority;
use crate::http::Request;
use crate::http::Response;
use crate::service::Service;
use assertion::Assertion;
use form::Form;

/// Answers a request as Entra does.
pub(crate) fn answer(service: &mut Service, request: &Request, authority: &Authority) -> Response {
    match check(service, request, authority) {
        Ok(grant) => answer::issue(service, request, &grant, None),
        Err(Refusal::Error(error)) => refuse(service, request, *error),
        Err(Refusal::TooManyRequests) => {
            // Entra sends this answer in plain text; it does not come from its token service.
            Response::text(429, "Too Many Requests").with("Retry-After", "60")
        }
    }
}

/// Answers with a token without checking the request.
pub(crate) fn answer_unchecked(
    service: &mut Service,
    request: &Request,
    authority: &Authority,
    expires_in: u64,
) -> Response {
    let client_id = named_client(request).unwrap_or_default();
    let form = request.form().unwrap_or_default();
    let value = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, it)| &**it);
    let scope = value("scope").unwrap_or_default();
    let grant = Grant {
        tenant: service.tenant_id(&authority.tenant),
        roles: service.directory.application(&client_id).map_or(vec![], |it| it.roles.clone()),
        client_id,
        resource: scope::any_resource(service, scope.split(' ').next().unwrap_or_default()),
        scope: scope.to_owned(),
        by_assertion: value("client_assertion").is_some(),
        claims: None,
        fmi_path: value("fmi_path").map(str::to_owned),
    };
    answer::issue(service, request, &grant, Some(expires_in))
}

/// The client ID from the request's form, `Authorization` header or assertion.
pub(crate) fn named_client(request: &Request) -> Option<String> {
    let form = request.form().unwrap_or_default();
    let value = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, it)| it);
    if let Some(client_id) = value("client_id") {
        return Some(client_id.clone());
    }
    if let Some((client_id, _)) = form::basic_credentials(request) {
        return Some(client_id);
    }
    Assertion::parse(value("client_assertion")?).ok()?.claim("sub").map(str::to_owned)
}

/// Why there is no token.
enum Refusal {
    Error(Box<EntraError>),
    TooManyRequests,
}

impl From<EntraError> for Refusal {
    fn from(error: EntraError) -> Self {
        Self::Error(Box::new(error))
    }
}

/// Checks a request, in Entra's order.
fn check(
    service: &mut Service,
    request: &Request,
    authority: &Authority,
) -> Result<Grant, Refusal> {
    // 1. The form and the grant type.
    let form = Form::parse(request)?;
    form.check_grant_type()?;

    // 2. The request has one credential. This comes before the tenant.
    let proof = proof::Proof::find(&form, request)?;

    // 3. The request has a client ID.
    let client_id = proof.client_id(&form)?;

    // 4. The tenant exists.
    let tenant_id = find_tenant(&service.directory, &authority.tenant)?.id;

    // 5. The client does not request tokens in a loop.
    let now = service.clock.now();
    let requested = form.value("scope").unwrap_or_default();
    if !service.throttle.allows(&tenant_id, &client_id, requested, now.unix_timestamp()) {
        let supports_429 = form.value("x-ms-lib-capability").is_some_and(|it| it.contains("h429"))
            || request.header("x-ms-lib-capability").is_some_and(|it| it.contains("h429"));
        return Err(match service.legacy_loop && !supports_429 {
            true => EntraError::client_request_loop().into(),
            false => Refusal::TooManyRequests,
        });
    }

    // 6. The application exists in the tenant and is usable.
    let application = tenant::find_application(&service.directory, &client_id, &tenant_id)?;

    // 7. The credential belongs to the application.
    proof.check(service, request, authority.authority_type, &tenant_id, &application)?;

    // 8. The scope is valid.
    let scope = form.required("scope")?;
    let tokens = scope::tokens(scope)?;

    // 9. The scope names one resource (if the authority has resources) that the application may use.
    let resource = if authority.authority_type.takes_any_scope() {
        scope::any_resource(service, tokens[0])
    } else {
        let identifier = scope::resource_identifier(scope, &tokens)?;
        scope::find_resource(&service.directory, identifier, &tenant_id)?
    };
    if resource.assignment_required && application.roles.is_empty() {
        return Err(EntraError::not_assigned(&application, &resource).into());
    }

    // 10. Conditional Access does not block the application.
    if application.conditional_access_blocked {
        return Err(EntraError::blocked_by_conditional_access().into());
    }

    // 11. The claims are a JSON object.
    let claims = form.value("claims").map(parse_claims).transpose()?;

    Ok(Grant {
        tenant: tenant_id,
        client_id: application.client_id,
        roles: application.roles,
        resource,
        scope: scope.to_owned(),
        by_assertion: proof.is_assertion(),
        claims,
        fmi_path: form.value("fmi_path").map(str::to_owned),
    })
}

fn parse_claims(claims: &str) -> Result<Value, EntraError> {
    match serde_json::from_str(claims) {
        Ok(Value::Object(members)) => Ok(Value::Object(members)),
        _ => Err(EntraError::new(
            400,
            "invalid_request",
            9_002_313,
            "Invalid request. Request is malformed or invalid: the 'claims' parameter is not a JSON \
             object.",
        )),
    }
}
