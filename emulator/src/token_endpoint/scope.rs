use super::entra_error::EntraError;
use crate::directory::Directory;
use crate::directory::Resource;

/// The identifier of the one resource that a scope parameter names.
pub(super) fn resource_identifier(scope: &str) -> Result<&str, EntraError> {
    let mut named: Option<&str> = None;
    for token in scope.split(' ').filter(|token| !token.is_empty()) {
        if !token.bytes().all(is_scope_character) {
            return Err(invalid(
                70_011,
                format!(
                    "The provided request must include a 'scope' input parameter. The provided value for \
                 the input parameter 'scope' is not valid. The scope {scope} is not valid."
                ),
            ));
        }
        let Some(identifier) = token.strip_suffix("/.default").filter(|it| !it.is_empty()) else {
            return Err(invalid(
                1_002_012,
                format!(
                    "The provided value for scope {scope} is not valid. Client credential flows must have \
                 a scope value with /.default suffixed to the resource identifier (application ID \
                 URI)."
                ),
            ));
        };
        match named {
            Some(earlier) if !earlier.eq_ignore_ascii_case(identifier) => {
                return Err(invalid(
                    28_000,
                    format!(
                        "Provided value for the input parameter scope is not valid because it contains \
                     more than one resource. Scope {scope} is not valid."
                    ),
                ));
            }
            _ => named = Some(identifier),
        }
    }
    named.ok_or_else(|| EntraError::missing_parameter("scope"))
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

/// `scope-token` of RFC 6749 section 3.3.
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(scope: &str) -> u32 {
        resource_identifier(scope).unwrap_err().code
    }

    #[test]
    fn a_scope_names_one_resource() {
        assert_eq!(resource_identifier("api://demo/.default").unwrap(), "api://demo");
        assert_eq!(resource_identifier("https://x//.default").unwrap(), "https://x/");
        assert_eq!(code_of("api://demo/Read"), 1_002_012);
        assert_eq!(code_of("openid api://demo/.default"), 1_002_012);
        assert_eq!(code_of("a/.default b/.default"), 28_000);
        assert_eq!(code_of("a\"/.default"), 70_011);
        assert_eq!(code_of(" "), 900_144);
    }
}
