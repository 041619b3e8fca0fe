//! An external token service whose assertions the directory trusts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_emulator::Application;
use msal_emulator::FederatedCredential;
use msal_emulator::demo;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;
use serde_json::json;

use super::World;

/// A federated issuer with its own key.
pub struct Issuer {
    key: EcdsaKeyPair,
}

impl Issuer {
    /// The application that its assertions are for.
    pub const CLIENT_ID: &str = "66666666-aaaa-4000-8000-000000000066";

    /// An issuer that the emulator of this world trusts, in both tenants.
    pub fn trusted_by(world: &World) -> Self {
        let issuer = Self { key: new_key() };
        let credential = FederatedCredential::new(ISSUER, SUBJECT).with_jwks(issuer.jwks());
        let application = Application::new(Self::CLIENT_ID)
            .in_tenant(demo::TENANT)
            .in_tenant(demo::OTHER_TENANT)
            .with_federated(credential);
        world.emulator.add_application(application).expect("the application is a new one");
        issuer
    }

    /// A new assertion that is valid for 10 minutes from this Unix time. No two assertions are equal.
    pub fn assertion(&self, not_before: i64) -> String {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": "one"}).to_string();
        let claims = json!({
            "iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange",
            "nbf": not_before, "exp": not_before + 600,
        });
        let message =
            [header, claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signed = self.key.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signed))
    }

    fn jwks(&self) -> serde_json::Value {
        let point = self.key.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..65]].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "x": x, "y": y}]})
    }
}

fn new_key() -> EcdsaKeyPair {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("randomness");
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
        .expect("the generated key is valid")
}

const ISSUER: &str = "https://issuer.example/";
const SUBJECT: &str = "system:serviceaccount:default:workload";
