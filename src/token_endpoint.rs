//! The token endpoint: builds its request and judges its answer, without I/O.

mod redaction;
mod refusal;
mod request;
mod response;
mod retry_after;
mod seconds;

pub(crate) use redaction::Redaction;
pub(crate) use request::TokenRequestForm;
pub(crate) use response::TokenAnswer;
pub(crate) use response::check_document;
pub(crate) use response::is_bearer_token;
pub(crate) use response::judge;
pub(crate) use retry_after::server_time;
