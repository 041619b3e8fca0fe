//! No outgoing HTTP.

use super::Component;
use super::bindings::exports::wasi::http::outgoing_handler;
use super::bindings::wasi::http::types::ErrorCode;

impl outgoing_handler::Guest for Component {
    fn handle(
        _request: outgoing_handler::OutgoingRequest,
        _options: Option<outgoing_handler::RequestOptions>,
    ) -> Result<outgoing_handler::FutureIncomingResponse, ErrorCode> {
        Err(ErrorCode::HttpRequestDenied)
    }
}
