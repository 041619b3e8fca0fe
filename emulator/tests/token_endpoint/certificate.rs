//! Keys, certificates and assertions of test clients.

use std::sync::OnceLock;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::KeyPair;
use rcgen::PublicKeyData;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;
use ring::signature::RSA_PSS_SHA256;
use ring::signature::RsaKeyPair;
use rsa::PrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value;
use serde_json::json;

/// An RSA key with a self-signed certificate.
pub(crate) struct TestCertificate {
    pkcs8: Vec<u8>,
    pub(crate) der: Vec<u8>,
}

/// A 2048-bit key. Generating keys is slow, so tests share them.
pub(crate) fn certificate() -> &'static TestCertificate {
    static CERTIFICATE: OnceLock<TestCertificate> = OnceLock::new();
    CERTIFICATE.get_or_init(|| TestCertificate::generate("test client"))
}

pub(crate) fn other_certificate() -> &'static TestCertificate {
    static CERTIFICATE: OnceLock<TestCertificate> = OnceLock::new();
    CERTIFICATE.get_or_init(|| TestCertificate::generate("another client"))
}

impl TestCertificate {
    fn generate(name: &str) -> Self {
        let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        let key = PrivateKey::new(&mut random, 2048).unwrap();
        let pkcs8 = key.to_pkcs8_der().unwrap().as_bytes().to_vec();
        let pair = to_key_pair(&pkcs8);
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let der = params.self_signed(&pair).unwrap().der().to_vec();
        Self { pkcs8, der }
    }

    pub(crate) fn expired(&self) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        params.self_signed(&to_key_pair(&self.pkcs8)).unwrap().der().to_vec()
    }

    pub(crate) fn public_key(&self) -> Vec<u8> {
        to_key_pair(&self.pkcs8).subject_public_key_info()
    }

    /// The public key as a JWK.
    pub(crate) fn jwk(&self, key_id: &str) -> Value {
        let pair = RsaKeyPair::from_pkcs8(&self.pkcs8).unwrap();
        let components: ring::signature::RsaPublicKeyComponents<Vec<u8>> = pair.public().into();
        json!({
            "kty": "RSA",
            "kid": key_id,
            "n": URL_SAFE_NO_PAD.encode(components.n),
            "e": URL_SAFE_NO_PAD.encode(components.e),
        })
    }

    /// Signs a JWT with its header's `alg`: PS256, or else RS256.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let pair = RsaKeyPair::from_pkcs8(&self.pkcs8).unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        let padding: &dyn ring::signature::RsaEncoding =
            if header["alg"] == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        pair.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn to_key_pair(pkcs8: &[u8]) -> KeyPair {
    let pkcs8 = PrivatePkcs8KeyDer::from(pkcs8.to_vec());
    KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_RSA_SHA256).unwrap()
}

pub(crate) fn sha1(der: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec()
}

pub(crate) fn sha256(der: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, der).as_ref().to_vec()
}

pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_secs()).unwrap()
}
