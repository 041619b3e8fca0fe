//! The ways to try, each by its name.

mod bindings;

use bindings::exports::msal::client_credentials::token_provider as exported;
use bindings::msal::client_credentials::token_provider;
use bindings::wasi::cli::environment;
use bindings::wasi::config0_2_0_draft_2024_09_27::store as config_draft;
use bindings::wasi::config0_2_0_rc_1::store as config_rc;
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::Fields;
use bindings::wasi::http::types::OutgoingRequest;
use bindings::wasi::http::types::Scheme;
use bindings::wasi::keyvalue0_2_0_draft as draft;
use bindings::wasi::keyvalue0_2_0_draft2 as draft2;

struct Component;

impl exported::Guest for Component {
    /// Tries a way, or else asks for a token. The token is what it got; the failure says why it got nothing.
    fn get_token(
        way: String,
        application: Option<String>,
    ) -> Result<exported::Token, exported::Failure> {
        match attempt(&way) {
            Some(Ok(access_token)) if !access_token.is_empty() => {
                Ok(exported::Token { access_token, expires_on: 0 })
            }
            Some(got) => Err(exported::Failure {
                code: "nothing".to_owned(),
                message: got.err().unwrap_or_default(),
                retry_after_seconds: None,
            }),
            None => match token_provider::get_token(&way, application.as_deref()) {
                Ok(token) => Ok(exported::Token {
                    access_token: token.access_token,
                    expires_on: token.expires_on,
                }),
                Err(failure) => Err(exported::Failure {
                    code: failure.code,
                    message: failure.message,
                    retry_after_seconds: failure.retry_after_seconds,
                }),
            },
        }
    }
}

/// `None` if it is not the name of a way.
fn attempt(way: &str) -> Option<Result<String, String>> {
    Some(match way {
        "environment" => Ok(lines(environment::get_environment())),
        "config-draft" => config_draft::get_all().map(lines).map_err(text),
        "config-draft-get" => {
            config_draft::get("azure_client_secret").map(or_nothing).map_err(text)
        }
        "config-rc" => config_rc::get_all().map(lines).map_err(text),
        "config-rc-get" => config_rc::get("azure_client_secret").map(or_nothing).map_err(text),
        "http" => request(),
        "store-draft" => draft::store::open("default")
            .and_then(|bucket| bucket.list_keys(None))
            .map(|page| page.keys.join("\n"))
            .map_err(text),
        "store-draft2" => draft2::store::open("default")
            .and_then(|bucket| bucket.list_keys(None))
            .map(|page| page.keys.join("\n"))
            .map_err(text),
        "counter-draft" => draft::store::open("default")
            .and_then(|bucket| draft::atomics::increment(&bucket, "counter", 1))
            .map(|count| count.to_string())
            .map_err(text),
        "counter-draft2" => draft2::store::open("default")
            .and_then(|bucket| draft2::atomics::increment(&bucket, "counter", 1))
            .map(|count| count.to_string())
            .map_err(text),
        _ => return None,
    })
}

/// A request to the authority, and the status of the answer.
fn request() -> Result<String, String> {
    let request = OutgoingRequest::new(Fields::new());
    let is_set = request
        .set_scheme(Some(&Scheme::Https))
        .and_then(|()| request.set_authority(Some("login.microsoftonline.com")))
        .and_then(|()| request.set_path_with_query(Some("/")));
    is_set.map_err(text)?;
    let future = outgoing_handler::handle(request, None).map_err(text)?;
    future.subscribe().block();
    match future.get() {
        Some(Ok(Ok(response))) => Ok(format!("status {}", response.status())),
        other => Err(format!("{other:?}")),
    }
}

fn lines(variables: Vec<(String, String)>) -> String {
    let lines = variables.into_iter().map(|(name, value)| format!("{name}={value}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn or_nothing(value: Option<String>) -> String {
    value.unwrap_or_default()
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
