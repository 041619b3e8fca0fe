//! HTTP/1.1 as far as one request per connection needs it, with the answer's bytes under control.

mod delivery;
mod head;
mod request;
mod response;

pub(crate) use delivery::Act;
pub(crate) use delivery::Delivery;
pub(crate) use request::ReadError;
pub(crate) use request::Request;
pub(crate) use response::Response;
