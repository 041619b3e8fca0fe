//! Tests the emulator over loopback sockets with a client that shares no code with it.

mod assertions;
mod authorities;
mod certificate;
mod client;
mod client_secrets;
mod continuous_access;
mod controls;
mod directories;
mod discovery;
mod federation;
mod https;
mod journal;
mod oidc;
mod requests;
mod scripts;
mod throttling;
