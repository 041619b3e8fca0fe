//! The contract's types, `msal:client-credentials/client-credentials@0.1.0`, as Rust values.
//!
//! They are written by hand for two reasons: a generated `Debug` would print secrets, and these
//! types also serialize to JSON (the WIT's names, fields in snake_case, cases in kebab-case).
//! wasmtime compares them with the component's own types before the first call, so they cannot
//! drift from the WIT unnoticed. The WIT documents each field.

mod application;
mod failure;
mod outcome;
mod request;
mod token;

pub use self::application::Application;
pub use self::application::ApplicationOption;
pub use self::application::AuthorityType;
pub use self::application::Certificate;
pub use self::application::CertificateOption;
pub use self::application::CertificateSource;
pub use self::application::Credential;
pub use self::application::InstanceMetadata;
pub use self::application::SigningAlgorithm;
pub use self::failure::AcquireError;
pub use self::failure::ErrorCause;
pub use self::failure::Refusal;
pub use self::failure::Rejection;
pub use self::failure::RejectionCode;
pub use self::failure::Throttle;
pub use self::failure::UnexpectedResponse;
pub use self::outcome::AuthenticationResult;
pub use self::outcome::CacheRefreshReason;
pub use self::outcome::ImportReport;
pub use self::outcome::Metadata;
pub use self::outcome::RegionOutcome;
pub use self::outcome::TokenSource;
pub use self::request::RequestOption;
pub use self::request::TokenRequest;
pub use self::token::Token;
pub use self::token::TokenFailure;

/// The interface that every flavour of the component exports.
pub const INTERFACE: &str = "msal:client-credentials/client-credentials@0.1.0";

/// The interface that the configured component exports instead.
pub const TOKEN_PROVIDER: &str = "msal:client-credentials/token-provider@0.1.0";
