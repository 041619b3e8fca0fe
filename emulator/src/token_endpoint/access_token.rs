//! The content of access tokens. Clients must treat tokens as opaque; the content only makes them
//! realistic.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use time::OffsetDateTime;

use super::Grant;
use crate::directory::ResourceVersion;
use crate::ids::Ids;
use crate::signing_key::SigningKey;

/// About the length of Entra's tokens.
const USUAL_LENGTH: usize = 1400;
const SIGNATURE_LENGTH: usize = 86;

/// Makes a signed token for a grant. Every token is different.
pub(crate) fn access_token(
    grant: &Grant,
    expires_in: u64,
    now: OffsetDateTime,
    key: &SigningKey,
    ids: &mut Ids,
) -> String {
    let header = to_header(grant, key, ids);
    let mut claims = to_claims(grant, expires_in, now, ids);
    let rest = USUAL_LENGTH.saturating_sub(SIGNATURE_LENGTH + 2 + header.to_string().len() * 4 / 3);
    let filler = (rest * 3 / 4).saturating_sub(claims.to_string().len() + r#","xms_ftd":"""#.len());
    if filler > 0 {
        claims["xms_ftd"] = URL_SAFE_NO_PAD.encode(ids.bytes(filler * 3 / 4)).into();
    }
    key.sign(&header, &claims)
}

fn to_header(grant: &Grant, key: &SigningKey, ids: &mut Ids) -> Value {
    let mut header = json!({"typ": "JWT", "alg": "ES256", "kid": key.key_id()});
    if grant.resource.version == ResourceVersion::V1 {
        header["x5t"] = key.key_id().into();
    }
    if grant.resource.evaluates_continuously() {
        header["nonce"] = URL_SAFE_NO_PAD.encode(ids.bytes(32)).into();
    }
    header
}

fn to_claims(grant: &Grant, expires_in: u64, now: OffsetDateTime, ids: &mut Ids) -> Value {
    let now = now.unix_timestamp();
    let lifetime = i64::try_from(expires_in).unwrap_or(i64::MAX);
    let principal = ids.guid_of(&["service principal", &grant.tenant, &grant.client_id]);
    let mut claims = json!({
        "iat": now - 300,
        "nbf": now - 300,
        "exp": now.saturating_add(lifetime).saturating_add(1),
        "aio": URL_SAFE_NO_PAD.encode(ids.bytes(36)),
        "rh": format!("1.{}.", URL_SAFE_NO_PAD.encode(ids.bytes(36))),
        "uti": URL_SAFE_NO_PAD.encode(ids.bytes(16)),
        "oid": principal,
        "sub": principal,
        "tid": grant.tenant,
        "idtyp": "app",
    });
    let credential = if grant.by_assertion { "2" } else { "1" };
    match grant.resource.version {
        ResourceVersion::V1 => {
            let issuer = format!("https://sts.windows.net/{}/", grant.tenant);
            claims["ver"] = "1.0".into();
            claims["aud"] = grant.resource.identifier.as_str().into();
            claims["idp"] = issuer.as_str().into();
            claims["iss"] = issuer.into();
            claims["appid"] = grant.client_id.as_str().into();
            claims["appidacr"] = credential.into();
        }
        ResourceVersion::V2 => {
            claims["ver"] = "2.0".into();
            claims["aud"] = grant.resource.app_id.as_str().into();
            claims["iss"] =
                format!("https://login.microsoftonline.com/{}/v2.0", grant.tenant).into();
            claims["azp"] = grant.client_id.as_str().into();
            claims["azpacr"] = credential.into();
        }
    }
    if !grant.roles.is_empty() {
        claims["roles"] = grant.roles.clone().into();
    }
    if grant.is_continuously_evaluated() {
        claims["xms_cc"] = json!(["cp1"]);
        claims["xms_ssm"] = "1".into();
    }
    if let Some(path) = &grant.fmi_path {
        claims["xms_fmi_path"] = path.as_str().into();
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Resource;

    #[test]
    fn tokens_are_as_long_as_entras_and_all_different() {
        let grant = Grant {
            tenant: "t".to_owned(),
            client_id: "c".to_owned(),
            roles: vec!["Demo.Read".to_owned()],
            resource: Resource::new("api://demo", "a"),
            scope: "api://demo/.default".to_owned(),
            by_assertion: false,
            claims: None,
            fmi_path: None,
        };
        let key = SigningKey::generate().unwrap();
        let mut ids = Ids::new(1);
        let mut make = || access_token(&grant, 3599, OffsetDateTime::UNIX_EPOCH, &key, &mut ids);
        let (one, other) = (make(), make());
        assert_ne!(one, other);
        assert!((1350..=1450).contains(&one.len()), "{}", one.len());
        assert_eq!(one.split('.').count(), 3);
    }
}
