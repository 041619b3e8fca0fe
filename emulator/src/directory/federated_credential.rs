use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature;
use serde_json::Value;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A federated identity credential: assertions with these claims, signed by their issuer, are
/// accepted in place of a certificate.
#[derive(Clone, Debug)]
pub struct FederatedCredential {
    /// The exact `iss`.
    pub issuer: String,
    /// The exact `sub`, case-sensitive.
    pub subject: String,
    /// The `aud`. Default: `api://AzureADTokenExchange`.
    pub audience: String,
    /// The issuer's keys as a JWKS document.
    pub jwks: Value,
    /// More keys of the issuer, each a DER `SubjectPublicKeyInfo` with an RSA or P-256 key.
    pub public_keys: Vec<Vec<u8>>,
    /// Whether the issuer's keys cannot be fetched.
    pub keys_unreachable: bool,
    /// How many more requests fail because the credential has not propagated yet.
    pub requests_until_propagated: u32,
}

impl FederatedCredential {
    /// A credential without keys, for Entra's usual audience.
    pub fn new(issuer: &str, subject: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            audience: "api://AzureADTokenExchange".to_owned(),
            jwks: Value::Null,
            public_keys: Vec::new(),
            keys_unreachable: false,
            requests_until_propagated: 0,
        }
    }

    /// Sets the audience.
    #[must_use]
    pub fn with_audience(mut self, audience: &str) -> Self {
        self.audience = audience.to_owned();
        self
    }

    /// Sets the issuer's keys from a JWKS document (`{"keys":[…]}`) with RSA or P-256 keys.
    #[must_use]
    pub fn with_jwks(mut self, jwks: Value) -> Self {
        self.jwks = jwks;
        self
    }

    /// Adds a key of the issuer from a DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn with_public_key(mut self, spki: &[u8]) -> Self {
        self.public_keys.push(spki.to_vec());
        self
    }

    /// Makes the next `requests` fail as if the credential had just been created.
    #[must_use]
    pub fn not_propagated_for(mut self, requests: u32) -> Self {
        self.requests_until_propagated = requests;
        self
    }

    /// The issuer's keys, or why they are invalid.
    pub(crate) fn keys(&self) -> Result<Vec<IssuerKey>, String> {
        let mut keys = Vec::new();
        if !self.jwks.is_null() {
            let listed = self.jwks.get("keys").and_then(Value::as_array);
            for key in listed.ok_or("has a JWKS without a list of keys")? {
                keys.push(IssuerKey::from_jwk(key)?);
            }
        }
        for spki in &self.public_keys {
            keys.push(IssuerKey::from_spki(spki)?);
        }
        Ok(keys)
    }
}

/// A public key that an issuer signs with.
pub(crate) struct IssuerKey {
    key_id: Option<String>,
    public_key: PublicKey,
}

enum PublicKey {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    RsaDer(Vec<u8>),
    P256(Vec<u8>),
}

impl IssuerKey {
    fn from_jwk(jwk: &Value) -> Result<Self, String> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            let value = text(name).ok_or(format!("has a key without {name}"))?;
            let decoded = URL_SAFE_NO_PAD.decode(value.trim_end_matches('='));
            decoded.map_err(|_| format!("has a key whose {name} is not base64url"))
        };
        let public_key = match text("kty") {
            Some("RSA") => PublicKey::Rsa { modulus: bytes("n")?, exponent: bytes("e")? },
            Some("EC") if text("crv") == Some("P-256") => {
                PublicKey::P256([vec![4], bytes("x")?, bytes("y")?].concat())
            }
            _ => return Err("has a key that is neither RSA nor P-256".to_owned()),
        };
        Ok(Self { key_id: text("kid").map(str::to_owned), public_key })
    }

    fn from_spki(spki: &[u8]) -> Result<Self, String> {
        let (_, info) = SubjectPublicKeyInfo::from_der(spki)
            .map_err(|_| "has a public key that is not a SubjectPublicKeyInfo".to_owned())?;
        let bits = info.subject_public_key.data.to_vec();
        let public_key = match info.algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.1" => PublicKey::RsaDer(bits),
            "1.2.840.10045.2.1" if bits.len() == 65 => PublicKey::P256(bits),
            _ => return Err("has a key that is neither RSA nor P-256".to_owned()),
        };
        Ok(Self { key_id: None, public_key })
    }

    /// Whether a header with this `kid` may refer to this key.
    pub(crate) fn may_be(&self, key_id: Option<&str>) -> bool {
        match (&self.key_id, key_id) {
            (Some(own), Some(named)) => own == named,
            _ => true,
        }
    }

    pub(crate) fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let rsa = crate::token_endpoint::rsa_algorithm(algorithm);
        match (&self.public_key, rsa) {
            (PublicKey::Rsa { modulus, exponent }, Some(rsa)) => {
                let components = signature::RsaPublicKeyComponents { n: modulus, e: exponent };
                components.verify(rsa, message, signature).is_ok()
            }
            (PublicKey::RsaDer(der), Some(rsa)) => {
                signature::UnparsedPublicKey::new(rsa, der).verify(message, signature).is_ok()
            }
            (PublicKey::P256(point), None) if algorithm == "ES256" => {
                let p256 = &signature::ECDSA_P256_SHA256_FIXED;
                signature::UnparsedPublicKey::new(p256, point).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}
