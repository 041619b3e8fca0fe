//! What the documents claim is true: code blocks exist, cited tests exist.

mod citations;
mod conformance;
mod faults;
mod readme;
mod supply_chain;
