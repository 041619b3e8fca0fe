#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod access_token;
mod acquire_error;
mod application;
mod authentication_result;
#[allow(unsafe_code, reason = "generated code")]
mod bindings;
mod certificate;
mod credential;
mod token_provider;
mod token_request;

pub use self::access_token::AccessToken;
pub use self::acquire_error::AcquireError;
pub use self::application::Application;
pub use self::authentication_result::AuthenticationResult;
pub use self::bindings::msal::client_credentials::client_credentials::AuthorityType;
pub use self::bindings::msal::client_credentials::client_credentials::CacheRefreshReason;
pub use self::bindings::msal::client_credentials::client_credentials::ErrorCause;
pub use self::bindings::msal::client_credentials::client_credentials::ImportReport;
pub use self::bindings::msal::client_credentials::client_credentials::InstanceMetadata;
pub use self::bindings::msal::client_credentials::client_credentials::Metadata;
pub use self::bindings::msal::client_credentials::client_credentials::Refusal;
pub use self::bindings::msal::client_credentials::client_credentials::RegionOutcome;
pub use self::bindings::msal::client_credentials::client_credentials::Rejection;
pub use self::bindings::msal::client_credentials::client_credentials::RejectionCode;
pub use self::bindings::msal::client_credentials::client_credentials::SigningAlgorithm;
pub use self::bindings::msal::client_credentials::client_credentials::Throttle;
pub use self::bindings::msal::client_credentials::client_credentials::TokenSource;
pub use self::bindings::msal::client_credentials::client_credentials::UnexpectedResponse;
pub use self::certificate::Certificate;
pub use self::credential::Credential;
pub use self::token_provider::Failure;
pub use self::token_provider::Token;
pub use self::token_provider::get_token;
pub use self::token_request::TokenRequest;
