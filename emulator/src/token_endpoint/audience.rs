use serde_json::Value;

use crate::clouds::aliases_of;
use crate::directory::Tenant;
use crate::http::Request;

/// Whether an assertion's `aud` matches this endpoint: the tenant's issuer or one of its token URLs, on
/// the requested host or, over https, on another host of the same cloud.
pub(super) fn is_accepted(
    audience: &Value,
    request: &Request,
    tenant: &Tenant,
    exactly: bool,
) -> bool {
    if exactly {
        // The query is not part of the endpoint.
        let requested = format!("{}{}", request.origin(), request.path());
        return audience.as_str() == Some(&*requested);
    }
    match audience {
        Value::String(audience) => is_own(audience, request, tenant),
        Value::Array(audiences) => {
            audiences.iter().filter_map(Value::as_str).any(|it| is_own(it, request, tenant))
        }
        _ => false,
    }
}

fn is_own(audience: &str, request: &Request, tenant: &Tenant) -> bool {
    let Some((own_scheme, rest)) = audience.split_once("://") else { return false };
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let path: Vec<&str> = parts.collect();
    let is_path = match path.as_slice() {
        [name, "v2.0"] | [name, "oauth2", "token"] | [name, "oauth2", "v2.0", "token"] => {
            tenant.is_named(name)
        }
        _ => false,
    };
    let is_requested_host =
        host.eq_ignore_ascii_case(request.host()) && own_scheme == scheme(request);
    is_path && (is_requested_host || (own_scheme == "https" && is_of_same_cloud(host, request)))
}

/// On loopback the emulator is part of the public cloud.
fn is_of_same_cloud(host: &str, request: &Request) -> bool {
    let requested = request.host().split(':').next().unwrap_or_default();
    let cloud = aliases_of(requested).or_else(|| aliases_of("login.microsoftonline.com"));
    let is_alias =
        cloud.is_some_and(|aliases| aliases.iter().any(|alias| alias.eq_ignore_ascii_case(host)));
    // A region's URL is valid only at that region.
    is_alias || (host.eq_ignore_ascii_case(requested) && aliases_of(requested).is_some())
}

fn scheme(request: &Request) -> &'static str {
    if request.tls { "https" } else { "http" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "c0970500-0000-4000-8000-000000000001";

    fn is_accepted_at(host: &str, audience: &str) -> bool {
        let request = Request {
            headers: vec![("Host".to_owned(), host.to_owned())],
            target: format!("/{ID}/oauth2/v2.0/token"),
            tls: true,
            ..Request::default()
        };
        let tenant = Tenant::new(ID, &["contoso.com"]);
        is_accepted(&audience.into(), &request, &tenant, false)
    }

    #[test]
    fn any_alias_of_the_same_cloud_is_accepted() {
        let host = "login.microsoftonline.com";
        assert!(is_accepted_at(host, &format!("https://{host}/{ID}/v2.0")));
        assert!(is_accepted_at(host, &format!("https://{host}/contoso.com/oauth2/v2.0/token")));
        assert!(is_accepted_at(host, &format!("https://login.windows.net/{ID}/oauth2/token")));
        assert!(is_accepted_at(
            "127.0.0.1:4",
            &format!("https://127.0.0.1:4/{ID}/oauth2/v2.0/token")
        ));
        assert!(is_accepted_at("127.0.0.1:4", &format!("https://{host}/{ID}/oauth2/v2.0/token")));
    }

    #[test]
    fn another_cloud_tenant_path_or_scheme_is_refused() {
        let host = "login.microsoftonline.com";
        assert!(!is_accepted_at(host, &format!("https://login.microsoftonline.us/{ID}/v2.0")));
        assert!(!is_accepted_at(host, &format!("https://{host}/fabrikam.com/v2.0")));
        assert!(!is_accepted_at(host, &format!("https://{host}/{ID}")));
        assert!(!is_accepted_at(host, &format!("http://{host}/{ID}/v2.0")));
        assert!(!is_accepted_at(host, &format!("https://evil.example/{ID}/v2.0")));
    }

    #[test]
    fn a_regional_url_is_accepted_only_at_its_region() {
        let audience = format!("https://westus.login.microsoft.com/{ID}/oauth2/v2.0/token");
        assert!(is_accepted_at("westus.login.microsoft.com", &audience));
        assert!(!is_accepted_at("login.microsoftonline.com", &audience));
    }
}
