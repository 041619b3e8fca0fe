//! The scopes that callers of an application may ask for.

use crate::failure::Failure;
use crate::variables::ALLOWED_SCOPES;
use crate::variables::Source;
use crate::variables::Variables;

/// Refuses a scope that is not in the application's list. Without a list, every scope is refused.
///
/// The comparison is exact. The authority ignores case, so a caller can only lose by another spelling.
pub fn check<S: Source>(variables: &Variables<'_, S>, scope: &str) -> Result<(), Failure> {
    let allowed = variables.required(ALLOWED_SCOPES)?;
    if allowed.split_ascii_whitespace().any(|one| one == scope) {
        return Ok(());
    }
    Err(Failure::scope_not_allowed(format!(
        "the scope is not in {}; ask the host's operator to add it, in exactly this spelling",
        variables.name_of(ALLOWED_SCOPES)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::tests::Fixed;

    const GRAPH: &str = "https://graph.microsoft.com/.default";
    const VAULT: &str = "https://vault.azure.net/.default";

    fn checked(allowed: &str, scope: &str) -> Result<(), Failure> {
        let source = Fixed::new(&[(ALLOWED_SCOPES, allowed)]);
        check(&Variables::of(&source, None)?, scope)
    }

    #[test]
    fn a_scope_of_the_list_is_allowed() {
        for allowed in [GRAPH, &format!("{VAULT} {GRAPH}"), &format!(" {GRAPH}\n\t{VAULT}\r\n")] {
            assert_eq!(checked(allowed, GRAPH), Ok(()));
        }
    }

    #[test]
    fn any_other_scope_is_refused_and_not_quoted() {
        let both = format!("{VAULT} {GRAPH}");
        for scope in [
            "",
            " ",
            "*",
            ".default",
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/.default/",
            "https://graph.microsoft.com/.defaul",
            "HTTPS://graph.microsoft.com/.default",
            " https://graph.microsoft.com/.default",
            "https://graph.microsoft.com/.default\n",
            both.as_str(),
        ] {
            let failure = checked(&both, scope).unwrap_err();
            assert_eq!(failure.code, "scope-not-allowed", "{scope:?}");
            assert_eq!(
                failure.message,
                "the scope is not in msal_allowed_scopes; ask the host's operator to add it, in exactly this spelling"
            );
        }
    }

    #[test]
    fn without_a_list_nothing_is_allowed() {
        for allowed in ["", " "] {
            assert!(checked(allowed, GRAPH).is_err(), "{allowed:?}");
            assert!(checked(allowed, "").is_err(), "{allowed:?}");
        }
        assert_eq!(checked("", GRAPH).unwrap_err().message, "msal_allowed_scopes is not set");
    }
}
