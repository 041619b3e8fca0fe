use super::entra_error::EntraError;
use crate::directory::Application;
use crate::directory::Directory;
use crate::directory::Tenant;
use crate::ids::is_guid;

/// The tenant that a path names.
pub(crate) fn find_tenant(directory: &Directory, name: &str) -> Result<Tenant, EntraError> {
    if let Some(tenant) = directory.tenant(name) {
        return Ok(tenant.clone());
    }
    if ["common", "organizations", "consumers"].iter().any(|it| name.eq_ignore_ascii_case(it)) {
        let text = "No tenant-identifying information found in either the request or implied by any \
                    provided credentials.";
        return Err(EntraError::new(400, "invalid_request", 50_059, text));
    }
    if !is_guid(name) && !crate::directory::is_domain(name) {
        let text = format!(
            "Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external \
             domain."
        );
        return Err(EntraError::new(400, "invalid_request", 900_023, text));
    }
    let text = format!(
        "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing \
         into the correct cloud. Check with your subscription administrator, this may happen if there \
         are no active subscriptions for the tenant."
    );
    Err(EntraError::new(400, "invalid_request", 90_002, text))
}

/// The application, if it is in the tenant, enabled, and a confidential client.
pub(super) fn find_application(
    directory: &Directory,
    client_id: &str,
    tenant_id: &str,
) -> Result<Application, EntraError> {
    let is_present = |application: &&Application| {
        let mut tenants = application.tenants.iter().filter_map(|name| directory.tenant(name));
        tenants.any(|tenant| tenant.id == tenant_id)
    };
    let Some(application) = directory.application(client_id).filter(is_present) else {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant_id}'. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You may have sent your authentication \
             request to the wrong tenant."
        );
        return Err(EntraError::new(400, "unauthorized_client", 700_016, text));
    };
    if application.disabled {
        let text = format!("Application '{client_id}'({}) is disabled.", application.name);
        return Err(EntraError::new(400, "unauthorized_client", 7_000_112, text));
    }
    if application.public_client {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                    presented.";
        return Err(EntraError::invalid_client(700_025, text));
    }
    Ok(application.clone())
}
