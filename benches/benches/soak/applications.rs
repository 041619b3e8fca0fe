//! The applications that request tokens. Every second one has a certificate, the others have a secret.

use msal_emulator::ClientSecret;
use msal_emulator::demo;
use msal_host::contract::Application;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;

/// The number of applications.
pub(super) const COUNT: usize = 8;

/// The application as the emulator knows it.
pub(super) fn registered(number: usize) -> msal_emulator::Application {
    let application = msal_emulator::Application::new(&client_id(number)).in_tenant(demo::TENANT);
    if has_certificate(number) {
        application.with_certificate(&msal_host_tests::certificate_der())
    } else {
        application.with_secret(ClientSecret::new(secret(number)))
    }
}

/// The application as a caller of the component describes it.
pub(super) fn described(number: usize) -> Application {
    let credential = if has_certificate(number) {
        let pem = msal_host_tests::key_text("rsa2048.pem");
        Credential::Certificate(Certificate::new(CertificateSource::Pem(pem)))
    } else {
        Credential::Secret(secret(number))
    };
    Application {
        client_id: client_id(number),
        authority: demo::TENANT.to_owned(),
        credentials: vec![credential],
        options: Vec::new(),
    }
}

fn client_id(number: usize) -> String {
    format!("50ac0000-0000-4000-8000-{number:012}")
}

fn has_certificate(number: usize) -> bool {
    number % 2 == 1
}

fn secret(number: usize) -> String {
    format!("soak-only~secret-{number}")
}
