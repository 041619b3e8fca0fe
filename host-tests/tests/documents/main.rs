//! What the documents claim is true: code blocks exist, cited tests exist.

mod conformance;
mod readme;
