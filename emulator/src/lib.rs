//! A local emulator of Microsoft Entra's v2.0 token endpoint for the `client_credentials` grant.
//!
//! [`Emulator::start`] listens on loopback, over http and https, and responds as Entra does: with the
//! same order of checks, statuses, error bodies and headers. A test registers applications in a
//! [`Directory`], scripts faults with [`Scripted`], and reads every recorded request.
//!
//! It is for tests only. It keeps secrets and tokens in plain text, and its control routes show them
//! to every local client. It implements this project's understanding of Entra, so a passing test does
//! not prove that Entra behaves the same. Access tokens are well-formed JWTs signed with the
//! emulator's own ECDSA key (`ES256`; Entra uses `RS256`); clients must treat them as opaque.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod authority;
mod builder;
mod clock;
mod clouds;
mod connection_fault;
mod controls;
mod demo_directory;
mod directory;
mod discovery;
mod emulator;
mod http;
mod ids;
mod issued_token;
mod journal;
mod listener;
mod protected_resource;
mod recorded_request;
mod router;
mod script_queue;
mod scripted;
mod server_certificate;
mod service;
mod signing_key;
mod strictness;
mod throttle;
mod token_endpoint;
mod traffic;

pub use builder::Builder;
pub use connection_fault::ConnectionFault;
pub use demo_directory::demo;
pub use directory::Application;
pub use directory::ClientSecret;
pub use directory::Directory;
pub use directory::DirectoryError;
pub use directory::FederatedCredential;
pub use directory::OidcIssuer;
pub use directory::Resource;
pub use directory::ResourceVersion;
pub use directory::Tenant;
pub use directory::TrustedSubject;
pub use emulator::Emulator;
pub use issued_token::IssuedToken;
pub use recorded_request::RecordedRequest;
pub use scripted::Scripted;
pub use server_certificate::ServerCertificate;
pub use strictness::Strictness;
pub use traffic::Traffic;
