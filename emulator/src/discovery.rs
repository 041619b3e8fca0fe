//! Discovery documents of authorities.

use serde_json::Value;
use serde_json::json;

use crate::clouds::CLOUDS;
use crate::clouds::aliases_of;
use crate::http::Request;
use crate::http::Response;
use crate::service::Service;
use crate::token_endpoint;
use crate::token_endpoint::EntraError;

const CACHED_FOR_A_DAY: &str = "max-age=86400, private";

/// Whether a request is for instance discovery or an issuer's configuration.
pub(crate) fn is_asked_for(request: &Request, segments: &[&str]) -> bool {
    request.method == "GET"
        && matches!(
            segments,
            ["common", "discovery", "instance"] | [.., ".well-known", "openid-configuration"]
        )
}

/// The configuration or the keys of a registered issuer, if the path belongs to one.
pub(crate) fn of_issuer(
    service: &Service,
    request: &Request,
    segments: &[&str],
) -> Option<Response> {
    let path = format!("/{}", segments.join("/"));
    service.directory.oidc_issuers.iter().find_map(|registered| {
        let base = format!("{}{}", request.origin(), registered.prefix);
        let issuer = registered.issuer.as_ref().unwrap_or(&base);
        let document = match path.strip_prefix(&registered.prefix)? {
            "/.well-known/openid-configuration" => {
                let token_endpoint = registered.token_endpoint.clone();
                json!({
                    "issuer": issuer,
                    "token_endpoint": token_endpoint.unwrap_or_else(|| format!("{base}/token")),
                    "token_endpoint_auth_methods_supported":
                        ["client_secret_post", "private_key_jwt", "client_secret_basic"],
                    "grant_types_supported": ["client_credentials"],
                    "jwks_uri": format!("{base}/keys"),
                    "response_types_supported": ["none"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                })
            }
            "/keys" => service.signing_key.to_jwks(issuer),
            _ => return None,
        };
        Some(Response::json(200, &document).with("Cache-Control", CACHED_FOR_A_DAY))
    })
}

/// `/common/discovery/instance`
pub(crate) fn instance(service: &mut Service, request: &Request) -> Response {
    let query = request.query();
    let endpoint = query.iter().find(|(name, _)| name == "authorization_endpoint");
    let parts = endpoint.and_then(|(_, url)| url.strip_prefix("https://")?.split_once('/'));
    let Some((host, path)) = parts else {
        let error = EntraError::missing_parameter("authorization_endpoint");
        return token_endpoint::refuse(service, request, error);
    };
    let is_registered =
        service.directory.instances.iter().any(|known| known.eq_ignore_ascii_case(host));
    if aliases_of(host).is_none() && !is_registered {
        let text = "Unknown or invalid instance.";
        let error = EntraError::new(400, "invalid_instance", 50049, text);
        return token_endpoint::refuse(service, request, error);
    }
    let tenant = path.split('/').next().unwrap_or("common");
    let mut metadata: Vec<Value> = CLOUDS
        .iter()
        .map(|aliases| {
            // Only in the public cloud does the cache name differ from the network name.
            let is_public = aliases.contains(&"login.windows.net");
            let cache = if is_public { "login.windows.net" } else { aliases[0] };
            json!({"preferred_network": aliases[0], "preferred_cache": cache, "aliases": aliases})
        })
        .collect();
    for own in &service.directory.instances {
        metadata.push(json!({"preferred_network": own, "preferred_cache": own, "aliases": [own]}));
    }
    let document = format!("https://{host}/{tenant}/v2.0/.well-known/openid-configuration");
    Response::json(
        200,
        &json!({
            "tenant_discovery_endpoint": document,
            "api-version": "1.1",
            "metadata": metadata,
        }),
    )
    .with("Cache-Control", CACHED_FOR_A_DAY)
}

/// `/{tenant}/v2.0/.well-known/openid-configuration`, with endpoints on the requested host.
pub(crate) fn openid_configuration(
    service: &mut Service,
    request: &Request,
    tenant: &str,
) -> Response {
    let segment = match tenant {
        "common" | "organizations" | "consumers" => tenant.to_owned(),
        _ => match token_endpoint::find_tenant(&service.directory, tenant) {
            Ok(tenant) => tenant.id,
            Err(error) => {
                return token_endpoint::refuse(service, request, error)
                    .without("Cache-Control")
                    .with("Cache-Control", CACHED_FOR_A_DAY);
            }
        },
    };
    let base = format!("{}/{segment}", request.origin());
    Response::json(
        200,
        &json!({
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": issuer(&segment),
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "ver", "tid"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }),
    )
    .with("Cache-Control", CACHED_FOR_A_DAY)
}

/// `/{tenant}/discovery/v2.0/keys`
pub(crate) fn keys(service: &Service, tenant: &str) -> Response {
    let jwks = service.signing_key.to_jwks(&issuer(&service.tenant_id(tenant)));
    Response::json(200, &jwks).with("Cache-Control", CACHED_FOR_A_DAY)
}

/// The issuer of version 2 tokens, on every host.
fn issuer(tenant: &str) -> String {
    let tenant = if tenant == "common" { "{tenantid}" } else { tenant };
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}
