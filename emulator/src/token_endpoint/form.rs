use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::entra_error::EntraError;
use crate::http::Request;

/// The parameters of a token request, without duplicates.
pub(super) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    pub(super) fn parse(request: &Request) -> Result<Self, EntraError> {
        if request.method != "POST" {
            let text = format!(
                "The endpoint only accepts POST, OPTIONS requests. Received a {} request.",
                request.method
            );
            return Err(EntraError::new(400, "invalid_request", 900_561, text));
        }
        // A body that is not a form is not parsed, so it has no parameters.
        let pairs = request.form().unwrap_or_default();
        let mut names = HashSet::new();
        let repeated = pairs.iter().any(|(name, _)| !names.insert(name));
        if repeated {
            let text = "Invalid request. Request is malformed or invalid.";
            return Err(EntraError::new(400, "invalid_request", 9_002_313, text));
        }
        Ok(Self { pairs })
    }

    pub(super) fn check_grant_type(&self) -> Result<(), EntraError> {
        match self.required("grant_type")? {
            "client_credentials" => Ok(()),
            other => {
                let text = format!("The app requested an unsupported grant type '{other}'.");
                Err(EntraError::new(400, "unsupported_grant_type", 70_003, text))
            }
        }
    }

    /// A parameter that is present and not empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.value(name).ok_or_else(|| EntraError::missing_parameter(name))
    }
}

/// The client ID and secret of an `Authorization: Basic` header, decoded as in RFC 6749, section 2.3.1.
pub(super) fn basic_credentials(request: &Request) -> Option<(String, String)> {
    let (scheme, encoded) = request.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = pair.split_once(':')?;
    Some((form_decode(client_id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
