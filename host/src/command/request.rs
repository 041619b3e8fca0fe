//! Flags for what is asked for.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use msal_host::contract;

/// What is asked for besides the scope.
#[derive(clap::Args, Debug)]
pub(super) struct Request {
    /// Do not read the cache; the new token replaces the cached one.
    #[arg(long)]
    force_refresh: bool,

    /// Do not serve the cached token if this is its SHA-256.
    #[arg(long, value_name = "HEX")]
    refresh_if_sha256: Option<String>,

    /// A claims challenge to answer.
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,

    /// Claims of the client's own, which are part of the cache key.
    #[arg(long, value_name = "JSON")]
    claims_from_client: Option<String>,

    /// Another tenant than the authority's, or an authority URL to take it from.
    #[arg(long)]
    tenant: Option<String>,

    /// Bound each call, in milliseconds.
    #[arg(long, value_name = "N")]
    pub(super) deadline_ms: Option<u64>,

    /// Wait at most so many milliseconds for a token that another instance is asking for; 0: ask at once. Default: two
    /// thirds of the deadline.
    #[arg(long, value_name = "N")]
    max_wait_ms: Option<u32>,

    /// Serve a cached token only if it lives for so many seconds more.
    #[arg(long, value_name = "N")]
    minimum_validity_seconds: Option<u32>,

    /// What to do with a cached token that is past its refresh time. Default: inline.
    #[arg(long, value_name = "inline|deferred")]
    refresh_policy: Option<RefreshPolicy>,

    /// Sent as client-request-id. Default: a random one.
    #[arg(long, value_name = "GUID")]
    correlation_id: Option<String>,

    /// A federated managed identity path.
    #[arg(long, value_name = "PATH")]
    fmi_path: Option<String>,

    /// Attributes for the token.
    #[arg(long, value_name = "JSON")]
    attributes: Option<String>,

    /// A signed attribute token. May be repeated.
    #[arg(long, value_name = "TOKEN")]
    attribute_token: Vec<Hidden>,

    /// One more form field of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    body_parameter: Vec<Pair>,

    /// One more query parameter of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    query_parameter: Vec<Pair>,

    /// One more header of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<Pair>,

    /// More claims to sign in the assertion, with --certificate.
    #[arg(long, value_name = "JSON")]
    extra_assertion_claims: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RefreshPolicy {
    Inline,
    Deferred,
}

impl Request {
    /// A request for these scopes.
    pub(super) fn read(&self, scopes: Vec<String>) -> contract::TokenRequest {
        let pairs = |pairs: &[Pair]| pairs.iter().map(|pair| pair.0.clone()).collect();
        let options = contract::RequestOptions {
            tenant: self.tenant.clone(),
            claims: self.claims.clone(),
            claims_from_client: self.claims_from_client.clone(),
            force_refresh: self.force_refresh,
            refresh_if_sha256: self.refresh_if_sha256.clone(),
            correlation_id: self.correlation_id.clone(),
            deadline_ms: self.deadline_ms,
            max_wait_ms: self.max_wait_ms,
            fmi_path: self.fmi_path.clone(),
            attributes: self.attributes.clone(),
            attribute_tokens: self.attribute_token.iter().map(|token| token.0.clone()).collect(),
            extra_body_parameters: pairs(&self.body_parameter),
            extra_query_parameters: pairs(&self.query_parameter),
            extra_headers: pairs(&self.header),
            minimum_validity_seconds: self.minimum_validity_seconds,
            refresh_policy: self.refresh_policy.map(|policy| match policy {
                RefreshPolicy::Inline => contract::RefreshPolicy::Inline,
                RefreshPolicy::Deferred => contract::RefreshPolicy::Deferred,
            }),
            send_x5c: None,
            extra_assertion_claims: self.extra_assertion_claims.clone(),
        };
        contract::TokenRequest { scopes, options: Some(options) }
    }
}

/// A name and a value that may be private.
#[derive(Clone)]
struct Pair((String, String));

impl FromStr for Pair {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self((name.to_owned(), value.to_owned())))
            }
            _ => Err("it is not of the form NAME=VALUE"),
        }
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}=..", self.0.0)
    }
}

/// A value that may be private.
#[derive(Clone)]
struct Hidden(String);

impl FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(..)")
    }
}
