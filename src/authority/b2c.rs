//! Azure AD B2C: `https://HOST/tfp/TENANT/POLICY`, also without `tfp`.

use super::place::Location;
use super::place::Name;
use super::place::Place;
use super::place::V2_ENDPOINT;
use super::place::is_plain_segment;
use super::tenant::Tenant;
use crate::error::Rejection;

pub(super) fn is_alike(location: &Location<'_>) -> bool {
    location.host.ends_with(".b2clogin.com") || location.begins_with(TFP)
}

pub(super) fn read(location: &Location<'_>) -> Result<Place, Rejection> {
    let (prefix, tenant, policy) = match location.segments.as_slice() {
        [first, tenant, policy] if first.eq_ignore_ascii_case(TFP) => ("/tfp/", tenant, policy),
        [tenant, policy] if !tenant.eq_ignore_ascii_case(TFP) => ("/", tenant, policy),
        _ => return Err(location.malformed("is not of the form https://HOST/tfp/TENANT/POLICY")),
    };
    if !is_plain_segment(policy) {
        return Err(
            location.malformed("has a policy of other characters than letters, digits and -._~")
        );
    }
    let tenant = Tenant::parse(location.field, tenant)?.to_lower_case();
    let name = Name::Policy(tenant, policy.to_ascii_lowercase());
    Ok(Place { prefix, name, endpoint: Some(V2_ENDPOINT) })
}

const TFP: &str = "tfp";
