//! The token endpoint in an issuer's configuration (OpenID Connect Discovery 1.0, section 4).

use super::issuer;
use crate::authority::Authority;
use crate::authority::Endpoint;
use crate::authority::parse_url;
use crate::error::Cause;
use crate::json::Members;

pub(super) fn to_endpoint(authority: &Authority) -> Endpoint {
    authority.to_endpoint(format!("{}/.well-known/openid-configuration", authority.to_path()))
}

/// The token endpoint's path. It must be on the authority's host, because the caller named no other.
pub(super) fn judge(document: &Members, authority: &Authority) -> Result<String, Cause> {
    let text = |name| document.text(name);
    if !text("issuer").is_some_and(|issuer| issuer::is_acceptable(issuer, authority)) {
        return Err(unexpected(
            "the discovery document has no issuer, or one that the authority may not issue for",
        ));
    }
    let Some(url) = text("token_endpoint") else {
        return Err(unexpected("the discovery document has no token endpoint"));
    };
    let Ok((origin, path)) = parse_url("token_endpoint", url, !authority.origin().is_https) else {
        return Err(unexpected("the discovery document's token endpoint is not a plain https URL"));
    };
    if origin != *authority.origin() {
        return Err(unexpected(
            "the discovery document's token endpoint is not on the authority's host, and a credential is \
             sent to no other host",
        ));
    }
    if path.is_empty() || path.len() > 1_024 {
        return Err(unexpected(
            "the discovery document's token endpoint has no path, or one longer than 1024 bytes",
        ));
    }
    Ok(path.to_owned())
}

fn unexpected(reason: &str) -> Cause {
    Cause::unexpected(Some(200), reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::AuthorityKind;
    use crate::authority::AuthorityRules;
    use crate::json;

    fn judge_urls(issuer: &str, token_endpoint: &str) -> Result<String, Cause> {
        let rules = AuthorityRules { kind: Some(AuthorityKind::Oidc), ..Default::default() };
        let authority =
            Authority::parse("authority", "https://id.example/realms/one", &rules).unwrap();
        assert_eq!(
            to_endpoint(&authority).to_string(),
            "https://id.example/realms/one/.well-known/openid-configuration"
        );
        let document =
            serde_json::json!({ "issuer": issuer, "token_endpoint": token_endpoint }).to_string();
        let names = ["issuer", "token_endpoint"];
        let document = json::parse_members(document.as_bytes(), &names).unwrap();
        judge(&document, &authority)
    }

    #[test]
    fn the_token_endpoint_must_be_on_the_authoritys_host() {
        let issuer = "https://id.example/realms/one";
        assert_eq!(judge_urls(issuer, "https://ID.example:443/t/token").unwrap(), "/t/token");
        for url in [
            "https://evil.example/token",
            "https://id.example.evil.example/token",
            "https://id.example:8443/token",
            "http://id.example/token",
            "https://id.example@evil.example/token",
            "https://id.example/token?x=1",
            "https://id.example",
            "/token",
            "",
        ] {
            assert!(judge_urls(issuer, url).is_err(), "{url}");
        }
        assert!(judge_urls("https://evil.example", "https://id.example/token").is_err());
    }
}
