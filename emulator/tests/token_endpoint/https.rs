use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use msal_emulator::ConnectionFault;
use msal_emulator::Emulator;
use msal_emulator::Scripted;
use msal_emulator::ServerCertificate;
use msal_emulator::demo;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use crate::client::Answer;
use crate::client::FORM;
use crate::client::demo_form;
use crate::client::encode;
use crate::client::to_request;

fn post_as(emulator: &Emulator, host: &'static str) -> std::io::Result<Vec<u8>> {
    let mut stream = connect_as(emulator, host)?;
    let target = format!("/{}/oauth2/v2.0/token", demo::TENANT);
    let headers = [FORM, ("Host", host)];
    stream.write_all(&to_request("POST", &target, &headers, encode(&demo_form()).as_bytes()))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn connect_as(
    emulator: &Emulator,
    host: &'static str,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    let pem = emulator.ca_certificate_pem();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), host.try_into().unwrap()).unwrap();
    Ok(StreamOwned::new(connection, TcpStream::connect(emulator.https_address())?))
}

fn start_with(certificate: ServerCertificate) -> Emulator {
    Emulator::builder().server_certificate(certificate).start().unwrap()
}

#[test]
fn a_client_that_trusts_the_authority_gets_a_token() {
    let emulator = Emulator::start().unwrap();
    let hosts = [
        "localhost",
        "127.0.0.1",
        "login.microsoftonline.com",
        "westeurope.login.microsoft.com",
        "westeurope.login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.sovcloud-identity.fr",
        "contoso.b2clogin.com",
        "contoso.ciamlogin.com",
    ];
    for host in hosts {
        Answer::parse(&post_as(&emulator, host).unwrap()).token();
    }
    let recorded = &emulator.requests()[2];
    assert!(recorded.tls);
    assert_eq!(recorded.server_name.as_deref(), Some("login.microsoftonline.com"));
    assert!(emulator.https_url().starts_with("https://localhost:"));
}

/// Python 3.13 refuses a certificate that does not name the key of its issuer.
#[test]
fn the_certificate_names_the_key_of_its_authority() {
    let emulator = Emulator::start().unwrap();
    let mut stream = connect_as(&emulator, "localhost").unwrap();
    stream.conn.complete_io(&mut stream.sock).unwrap();
    let leaf = &stream.conn.peer_certificates().unwrap()[0];
    let (leaf, authority) =
        (key_identifiers(leaf), key_identifiers(&emulator.ca_certificate_der()));
    assert!(leaf.of_issuer.is_some());
    assert_eq!(leaf.of_issuer, authority.of_subject);
}

struct KeyIdentifiers {
    of_subject: Option<Vec<u8>>,
    of_issuer: Option<Vec<u8>>,
}

fn key_identifiers(der: &[u8]) -> KeyIdentifiers {
    let (_, certificate) = X509Certificate::from_der(der).unwrap();
    let mut found = KeyIdentifiers { of_subject: None, of_issuer: None };
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => found.of_subject = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                found.of_issuer = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            _ => {}
        }
    }
    found
}

#[test]
fn bad_certificates_are_refused_before_any_request() {
    for certificate in [
        ServerCertificate::Expired,
        ServerCertificate::WrongHost,
        ServerCertificate::UnknownAuthority,
    ] {
        let emulator = start_with(certificate);
        post_as(&emulator, "localhost").unwrap_err();
        assert_eq!(emulator.requests().len(), 0, "{certificate:?}");
    }
}

#[test]
fn a_name_that_the_certificate_lacks_is_refused() {
    let emulator = Emulator::start().unwrap();
    post_as(&emulator, "evil.example").unwrap_err();
    assert_eq!(emulator.requests().len(), 0);
}

#[test]
fn a_test_may_add_server_names() {
    let builder = Emulator::builder().with_server_name("adfs.example");
    let emulator = builder.with_server_name("*.dsts.example").start().unwrap();
    for host in ["adfs.example", "co1.dsts.example", "login.microsoftonline.com"] {
        Answer::parse(&post_as(&emulator, host).unwrap()).token();
    }
    post_as(&emulator, "evil.example").unwrap_err();
}

#[test]
fn a_cut_answer_has_no_close_notify() {
    let emulator = Emulator::start().unwrap();
    emulator.script_any(vec![Scripted::status(200).body("0123456789").cut_after(30)]);
    let error = post_as(&emulator, "localhost").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_handshake_may_be_aborted() {
    let emulator = Emulator::start().unwrap();
    emulator.script_connections(vec![
        ConnectionFault::CloseAfterFirstBytes,
        ConnectionFault::Garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ]);
    post_as(&emulator, "localhost").unwrap_err();
    post_as(&emulator, "localhost").unwrap_err();
    Answer::parse(&post_as(&emulator, "localhost").unwrap()).token();
}
