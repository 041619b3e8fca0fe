//! The parts of HTTP/1.1 for one request per connection, with full control over the answer's bytes.

mod delivery;
mod head;
mod request;
mod response;

pub(crate) use delivery::Act;
pub(crate) use delivery::Delivery;
pub(crate) use request::ReadError;
pub(crate) use request::Request;
pub(crate) use response::Response;
