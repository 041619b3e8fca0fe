use serde_json::Value;

use crate::directory::Resource;

/// A checked token request.
pub(crate) struct Grant {
    /// The tenant's GUID.
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) roles: Vec<String>,
    pub(crate) resource: Resource,
    /// The scope as requested.
    pub(crate) scope: String,
    pub(crate) by_assertion: bool,
    /// The claims request, a JSON object.
    pub(crate) claims: Option<Value>,
    /// The federated managed identity path as requested.
    pub(crate) fmi_path: Option<String>,
}

impl Grant {
    /// Whether client and resource both support continuous access evaluation.
    pub(crate) fn is_continuously_evaluated(&self) -> bool {
        let capabilities = self.claim("xms_cc").and_then(|it| it.get("values")?.as_array());
        self.resource.evaluates_continuously()
            && capabilities.is_some_and(|values| values.iter().any(|value| value == "cp1"))
    }

    /// The value of `nbf` in the claims request, which a claims challenge sets.
    pub(crate) fn not_before(&self) -> Option<i64> {
        let value = self.claim("nbf")?.get("value")?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.as_ref()?.get("access_token")?.get(name)
    }
}
