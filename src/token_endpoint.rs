//! The token endpoint: builds its request and judges its answer, without I/O.

mod redaction;
mod refusal;
mod request;
mod response;
mod retry_after;
mod seconds;

pub use redaction::Redaction;
pub use request::TokenRequestForm;
pub use response::TokenAnswer;
pub use response::check_document;
pub(crate) use response::is_bearer_token;
pub use response::judge;
pub use retry_after::server_time;
