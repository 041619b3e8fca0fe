use super::entra_error::EntraError;
use crate::directory::Directory;
use crate::directory::Resource;
use crate::service::Service;

/// The tokens of a scope parameter; at least one.
pub(super) fn tokens(scope: &str) -> Result<Vec<&str>, EntraError> {
    let tokens: Vec<&str> = scope.split(' ').filter(|token| !token.is_empty()).collect();
    if tokens.is_empty() {
        return Err(EntraError::missing_parameter("scope"));
    }
    if !tokens.iter().all(|token| token.bytes().all(is_scope_character)) {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the \
             input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(invalid(70_011, text));
    }
    Ok(tokens)
}

/// The identifier of the single resource that a scope's tokens name.
pub(super) fn resource_identifier<'a>(
    scope: &str,
    tokens: &[&'a str],
) -> Result<&'a str, EntraError> {
    let mut named: Option<&str> = None;
    for token in tokens {
        let Some(identifier) = token.strip_suffix("/.default").filter(|it| !it.is_empty()) else {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have \
                 a scope value with /.default suffixed to the resource identifier (application ID \
                 URI)."
            );
            return Err(invalid(1_002_012, text));
        };
        match named {
            Some(earlier) if !earlier.eq_ignore_ascii_case(identifier) => {
                let text = format!(
                    "Provided value for the input parameter scope is not valid because it contains \
                     more than one resource. Scope {scope} is not valid."
                );
                return Err(invalid(28_000, text));
            }
            _ => named = Some(identifier),
        }
    }
    named.ok_or_else(|| EntraError::missing_parameter("scope"))
}

/// The resource that a scope's token names, or an invented one if the directory has no such resource.
pub(super) fn any_resource(service: &Service, token: &str) -> Resource {
    let identifier = token.strip_suffix("/.default").unwrap_or(token);
    let known = service.directory.resource(identifier).cloned();
    known.unwrap_or_else(|| Resource::new(identifier, &service.ids.guid_of(&["app", identifier])))
}

pub(super) fn find_resource(
    directory: &Directory,
    identifier: &str,
    tenant_id: &str,
) -> Result<Resource, EntraError> {
    directory.resource(identifier).cloned().ok_or_else(|| {
        let text = format!(
            "The resource principal named {identifier} was not found in the tenant named {tenant_id}. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You might have sent your \
             authentication request to the wrong tenant."
        );
        EntraError::new(400, "invalid_resource", 500_011, text)
    })
}

fn invalid(code: u32, text: String) -> EntraError {
    EntraError::new(400, "invalid_scope", code, text)
}

/// `scope-token` of RFC 6749, section 3.3.
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier_of(scope: &str) -> Result<&str, u32> {
        let tokens = tokens(scope).map_err(|error| error.code)?;
        resource_identifier(scope, &tokens).map_err(|error| error.code)
    }

    #[test]
    fn a_scope_names_one_resource() {
        assert_eq!(identifier_of("api://demo/.default"), Ok("api://demo"));
        assert_eq!(identifier_of("https://x//.default"), Ok("https://x/"));
        assert_eq!(identifier_of("api://demo/Read"), Err(1_002_012));
        assert_eq!(identifier_of("openid api://demo/.default"), Err(1_002_012));
        assert_eq!(identifier_of("a/.default b/.default"), Err(28_000));
        assert_eq!(identifier_of("a\"/.default"), Err(70_011));
        assert_eq!(identifier_of(" "), Err(900_144));
    }
}
