//! Azure AD B2C: `https://HOST/tfp/TENANT/POLICY`, with or without `tfp`.

use super::path::AuthorityPath;
use super::path::ParsedUrl;
use super::path::PathKind;
use super::path::V2_ENDPOINT;
use super::path::is_plain_segment;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn matches(url: &ParsedUrl<'_>) -> bool {
    url.host.ends_with(".b2clogin.com") || url.begins_with(TFP)
}

pub(super) fn parse(url: &ParsedUrl<'_>) -> Result<AuthorityPath, Rejection> {
    let (prefix, tenant, policy) = match url.segments.as_slice() {
        [first, tenant, policy] if first.eq_ignore_ascii_case(TFP) => ("/tfp/", tenant, policy),
        [tenant, policy] if !tenant.eq_ignore_ascii_case(TFP) => ("/", tenant, policy),
        _ => return Err(url.malformed("is not of the form https://HOST/tfp/TENANT/POLICY")),
    };
    if !is_plain_segment(policy) {
        return Err(
            url.malformed("has a policy with characters other than letters, digits and -._~")
        );
    }
    let mut tenant = Tenant::parse(url.field, tenant)?;
    tenant.fold();
    let kind = PathKind::Policy(tenant, policy.to_ascii_lowercase());
    Ok(AuthorityPath { prefix, kind, endpoint: Some(V2_ENDPOINT) })
}

const TFP: &str = "tfp";
