//! Flags of a request.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use msal_host::contract;
use msal_host::contract::RequestOption;

/// The request besides its scope.
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

    /// The client's own claims, which are part of the cache key.
    #[arg(long, value_name = "JSON")]
    claims_from_client: Option<String>,

    /// Another tenant than the authority's, or an authority URL to take it from.
    #[arg(long)]
    tenant: Option<String>,

    /// The deadline of each call, in milliseconds.
    #[arg(long, value_name = "N")]
    pub(super) deadline_ms: Option<u32>,

    /// Wait at most this many milliseconds for a token that another instance is requesting; 0: do not wait. Default:
    /// two thirds of the deadline.
    #[arg(long, value_name = "N")]
    max_wait_ms: Option<u32>,

    /// Serve a cached token only if it is valid for this many more seconds.
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

    /// A further form field of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    body_parameter: Vec<Pair>,

    /// A further query parameter of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    query_parameter: Vec<Pair>,

    /// A further header of the token request. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    header: Vec<Pair>,

    /// Further claims to sign in the assertion, with --certificate.
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
        let texts = [
            (&self.tenant, RequestOption::Tenant as fn(String) -> RequestOption),
            (&self.claims, RequestOption::Claims),
            (&self.claims_from_client, RequestOption::ClaimsFromClient),
            (&self.refresh_if_sha256, RequestOption::RefreshIfSha256),
            (&self.correlation_id, RequestOption::CorrelationId),
            (&self.fmi_path, RequestOption::FmiPath),
            (&self.attributes, RequestOption::Attributes),
            (&self.extra_assertion_claims, RequestOption::ExtraAssertionClaims),
        ];
        let numbers = [
            (self.deadline_ms, RequestOption::DeadlineMs as fn(u32) -> RequestOption),
            (self.max_wait_ms, RequestOption::MaxWaitMs),
            (self.minimum_validity_seconds, RequestOption::MinimumValiditySeconds),
        ];
        let pairs = [
            (&self.body_parameter, RequestOption::ExtraBodyParameters as PairsOption),
            (&self.query_parameter, RequestOption::ExtraQueryParameters),
            (&self.header, RequestOption::ExtraHeaders),
        ];
        let mut options = Vec::new();
        for (text, option) in texts {
            options.extend(text.clone().map(option));
        }
        for (number, option) in numbers {
            options.extend(number.map(option));
        }
        for (pairs, option) in pairs {
            if !pairs.is_empty() {
                options.push(option(pairs.iter().map(|pair| pair.0.clone()).collect()));
            }
        }
        if self.force_refresh {
            options.push(RequestOption::ForceRefresh);
        }
        if !self.attribute_token.is_empty() {
            let tokens = self.attribute_token.iter().map(|token| token.0.clone()).collect();
            options.push(RequestOption::AttributeTokens(tokens));
        }
        if let Some(RefreshPolicy::Deferred) = self.refresh_policy {
            options.push(RequestOption::DeferRefresh);
        }
        contract::TokenRequest { scopes, options }
    }
}

type PairsOption = fn(Vec<(String, String)>) -> RequestOption;

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
