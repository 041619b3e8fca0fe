//! Which issuers an authority may have, by the rules of MSAL.NET and MSAL Go.

use crate::authority::Authority;
use crate::authority::is_microsoft_host;
use crate::authority::parse_url;

/// Whether the issuer is on the authority's host, on a host of Microsoft's or a region of it, or is the External ID
/// tenant in the authority's path.
pub(super) fn is_acceptable(issuer: &str, authority: &Authority) -> bool {
    let Ok((origin, path)) = parse_url("issuer", issuer, !authority.origin().is_https) else {
        return false;
    };
    if origin == *authority.origin() {
        return true;
    }
    if !origin.is_https || origin.port.is_some() {
        return false;
    }
    let is_regional = |(region, host): (&str, &str)| {
        region.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_microsoft_host(host)
    };
    if is_microsoft_host(&origin.host) || origin.host.split_once('.').is_some_and(is_regional) {
        return true;
    }
    is_ciam_of(&origin.host, path, authority)
}

/// `https://TENANT.ciamlogin.com[/TENANT[/v2.0]]`, where the tenant is the first segment of the authority's path.
fn is_ciam_of(host: &str, path: &str, authority: &Authority) -> bool {
    let own_path = authority.to_path();
    let Some(tenant) = own_path.split('/').find(|segment| !segment.is_empty()) else {
        return false;
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix("/v2.0").unwrap_or(path);
    host.strip_suffix(".ciamlogin.com").is_some_and(|name| name.eq_ignore_ascii_case(tenant))
        && (path.is_empty() || path.eq_ignore_ascii_case(tenant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::AuthorityKind;
    use crate::authority::AuthorityRules;

    fn accepts(issuer: &str) -> bool {
        let rules = AuthorityRules { kind: Some(AuthorityKind::Oidc), ..Default::default() };
        let authority =
            Authority::parse("authority", "https://id.contoso.com/tid/v2.0", &rules).unwrap();
        is_acceptable(issuer, &authority)
    }

    #[test]
    fn issuers_follow_the_rules_of_msal() {
        for issuer in [
            "https://id.contoso.com/another/path",
            "https://login.microsoftonline.com/tid/v2.0",
            "https://sts.windows.net/tid/",
            "https://westus.login.microsoft.com/tid",
            "https://tid.ciamlogin.com",
            "https://tid.ciamlogin.com/tid",
            "https://tid.ciamlogin.com/tid/v2.0",
        ] {
            assert!(accepts(issuer), "{issuer}");
        }
        for issuer in [
            "",
            "id.contoso.com",
            "http://id.contoso.com/tid",
            "https://id.contoso.com.evil.example/tid",
            "https://id.contoso.com:8443/tid",
            "https://evil.login.microsoftonline.com.evil.example/tid",
            "https://a.b.login.microsoft.com/tid",
            "https://other.ciamlogin.com/tid",
            "https://tid.ciamlogin.com/other/v2.0",
        ] {
            assert!(!accepts(issuer), "{issuer}");
        }
    }
}
