//! Credentials with canary secrets in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use msal_host::contract::Application;
use msal_host::contract::ApplicationOption;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::contract::CertificateSource;
use msal_host::contract::Credential;
use msal_host_tests::Canary;
use msal_host_tests::PASSPHRASE;
use msal_host_tests::World;
use msal_host_tests::key_file;
use msal_host_tests::key_text;
use msal_host_tests::secret;

/// A credential, and the canaries that must not be found after a call with it.
pub(crate) struct Planted {
    pub(crate) credential: Credential,
    pub(crate) canaries: Vec<Canary>,
}

impl Planted {
    pub(crate) fn new(credential: Credential, mut canaries: Vec<Canary>) -> Self {
        canaries.push(token_canary());
        canaries.push(cache_key_canary());
        Self { credential, canaries }
    }

    pub(crate) fn application(&self, world: &World) -> Application {
        let application = world.application_with(self.credential.clone());
        Application { options: application_options(), ..application }
    }
}

pub(crate) fn with_secret() -> Planted {
    Planted::new(secret(SECRET), vec![Canary::new("secret", SECRET)])
}

pub(crate) fn with_assertion() -> Planted {
    let assertion = Credential::Assertion(ASSERTION.to_owned());
    Planted::new(assertion, vec![Canary::new("assertion", ASSERTION)])
}

pub(crate) fn with_key() -> Planted {
    Planted::new(certificate(&key_text("rsa2048.pem"), None), key_canaries())
}

pub(crate) fn with_encrypted_key() -> Planted {
    let text = key_text("rsa2048.encrypted.pem");
    let mut canaries = key_canaries();
    canaries.push(Canary::whole("passphrase", PASSPHRASE));
    canaries.push(Canary::new("encrypted key", section(&text, "ENCRYPTED PRIVATE KEY")));
    Planted::new(certificate(&text, Some(PASSPHRASE)), canaries)
}

pub(crate) fn with_pfx() -> Planted {
    let mut certificate = Certificate::new(CertificateSource::Pkcs12(key_file("rsa2048.pfx")));
    certificate.options.push(CertificateOption::Passphrase(PASSPHRASE.to_owned()));
    let mut canaries = key_canaries();
    canaries.push(Canary::whole("passphrase", PASSPHRASE));
    Planted::new(Credential::Certificate(certificate), canaries)
}

pub(crate) fn certificate(pem: &str, passphrase: Option<&str>) -> Credential {
    let mut certificate = Certificate::new(CertificateSource::Pem(pem.to_owned()));
    certificate
        .options
        .extend(passphrase.map(|text| CertificateOption::Passphrase(text.to_owned())));
    certificate.options.push(CertificateOption::SendX5c);
    Credential::Certificate(certificate)
}

pub(crate) fn application_options() -> Vec<ApplicationOption> {
    vec![ApplicationOption::CacheKeys(vec![CACHE_KEY.to_vec()]), ApplicationOption::DisableRetry]
}

pub(crate) fn token_canary() -> Canary {
    Canary::new("token", TOKEN)
}

pub(crate) fn cache_key_canary() -> Canary {
    Canary::new("cache key", CACHE_KEY)
}

/// The private part of the key as text and as bytes. The public part is in the certificate as well.
pub(crate) fn key_canaries() -> Vec<Canary> {
    let text = section(&key_text("rsa2048.pem"), "PRIVATE KEY");
    let der = STANDARD.decode(&text).unwrap();
    // Version, algorithm, modulus and public exponent take fewer bytes than this.
    let private = &der[320..];
    let text = &text[320 / 3 * 4 + 4..];
    vec![Canary::new("key text", text), Canary::new("key", private)]
}

/// The base64 text of a PEM section in one line.
pub(crate) fn section(pem: &str, label: &str) -> String {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----")).expect("the section");
    let (text, _) = rest.split_once("-----END").expect("its end");
    text.split_whitespace().collect()
}

/// It contains every kind of character that some encoding escapes.
pub(crate) const SECRET: &str = "q7VxN2kRwZ~tP4.mYb8s_Lc3Jd+hF9/gA=&%z 5eUx~~?A";

pub(crate) const ASSERTION: &str =
    "Zk3vQ9xT2mWc7RbY.p8LdN4sHj6GtV1aKf5Ue0oXyBiC.hM2qwErTzU9IoPaSdF7gHjK";

pub(crate) const TOKEN: &str = "Xr6Tn1Ov8Wd3.Ks5Pz0Qe7By2Ju9.Lc4Mg6Hf1Ia8Vt3-Ew5_Rx0";

pub(crate) const CACHE_KEY: &[u8] = b"\x9dJ7v!\xe1Qm4\xb8Zt0(Rk2\xf3Wp6~Xc1\x05Ln8Hy3Bd5";
