//! Keys and certificates from a PKCS#12 (PFX) file (RFC 7292).

use der::AnyRef;
use der::Encode;
use der::asn1::ObjectIdentifier;
use pkcs12::PKCS_12_CERT_BAG_OID;
use pkcs12::PKCS_12_KEY_BAG_OID;
use pkcs12::PKCS_12_PKCS8_KEY_BAG_OID;
use pkcs12::PKCS_12_X509_CERT_OID;
use pkcs12::kdf::Pkcs12KeyType;

use super::asn1;
use super::encryption;
use super::encryption::DecryptError;
use super::encryption::MAX_ITERATIONS;
use super::hash::Hash;
use super::hash::KeyDerivation;
use super::key::is_key;
use super::material::KeyDer;
use super::material::Material;
use super::passphrase::Passphrase;
use super::x509::X509;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// Verifies the file's MAC, then reads its keys and certificates.
pub(super) fn read(
    file: &Secret<Vec<u8>>,
    passphrase: Option<&Secret<String>>,
) -> Result<Material, Rejection> {
    let der = asn1::to_der(file.expose()).ok_or_else(|| not_pkcs12(file.expose()))?;
    let is_given = passphrase.is_some_and(|text| !text.expose().is_empty());
    let mut result = Err(not_decryptable());
    for passphrase in Passphrase::candidates(passphrase) {
        result = read_with(der.expose(), &passphrase, is_given);
        let is_wrong = |error: &Rejection| error.code == RejectionCode::NotDecryptable;
        if !result.as_ref().is_err_and(is_wrong) {
            break;
        }
    }
    result
}

fn read_with(
    der: &[u8],
    passphrase: &Passphrase,
    is_passphrase_given: bool,
) -> Result<Material, Rejection> {
    let pfx = asn1::read(der).as_ref().and_then(asn1::elements);
    let (content, mac) = match pfx.as_deref() {
        Some([_version, content]) => (content, None),
        Some([_version, content, mac]) => (content, Some(mac)),
        _ => return Err(not_pkcs12(der)),
    };
    let safe = match read_content(content).ok_or_else(|| not_pkcs12(der))? {
        (ID_DATA, content) => asn1::octets(&content).ok_or_else(damaged)?,
        _ => return Err(malformed("is signed with a key; export it again with a passphrase")),
    };
    if let Some(mac) = mac {
        MacData::read(mac)?.check(safe, passphrase)?;
    }
    let mut reader = Contents { passphrase, material: Material::default(), has_decrypted: false };
    reader.read_safe(safe)?;
    if mac.is_none() && is_passphrase_given && !reader.has_decrypted {
        return Err(malformed(
            "has no MAC and is not encrypted, so its passphrase proves nothing; leave the passphrase out",
        ));
    }
    Ok(reader.material)
}

/// `MacData`: digest, salt, iterations.
struct MacData<'a> {
    digest: &'a [u8],
    derivation: KeyDerivation<'a>,
}

impl<'a> MacData<'a> {
    fn read(element: &AnyRef<'a>) -> Result<Self, Rejection> {
        let fields = asn1::elements(element).ok_or_else(damaged)?;
        let (digest, salt, iterations) = match fields.as_slice() {
            [digest, salt] => (digest, salt, Some(1)),
            [digest, salt, iterations] => (digest, salt, asn1::integer(iterations)),
            _ => return Err(damaged()),
        };
        let digest = asn1::elements(digest).ok_or_else(damaged)?;
        let [algorithm, digest] = digest.as_slice() else {
            return Err(damaged());
        };
        let algorithm = asn1::algorithm(algorithm).ok_or_else(damaged)?.0;
        let Some(hash) = Hash::of_digest(algorithm) else {
            return Err(malformed(
                "has a MAC other than HMAC-SHA-1, -256, -384 or -512; export it again with one of these",
            ));
        };
        let iterations = iterations.filter(|iterations| (1..=MAX_ITERATIONS).contains(iterations));
        let Some(iterations) = iterations else {
            return Err(malformed(
                "has a MAC with 0 or more than 10,000,000 iterations; export it again with fewer",
            ));
        };
        let salt = asn1::octets(salt).ok_or_else(damaged)?;
        Ok(Self {
            digest: asn1::octets(digest).ok_or_else(damaged)?,
            derivation: KeyDerivation { hash, salt, iterations },
        })
    }

    fn check(&self, safe: &[u8], passphrase: &Passphrase) -> Result<(), Rejection> {
        let hash = self.derivation.hash;
        let passphrase = passphrase.utf16.expose();
        let key = self.derivation.pkcs12(passphrase, Pkcs12KeyType::Mac, hash.length());
        let key = key.ok_or_else(damaged)?;
        if hash.verifies_hmac(key.expose(), safe, self.digest) {
            Ok(())
        } else {
            Err(not_decryptable())
        }
    }
}

/// `ContentInfo`: the content's type and the content.
fn read_content<'a>(element: &AnyRef<'a>) -> Option<(ObjectIdentifier, AnyRef<'a>)> {
    match asn1::elements(element)?.as_slice() {
        [kind, content] => Some((asn1::object_identifier(kind)?, asn1::explicit(content)?)),
        _ => None,
    }
}

/// Reads the contents of a file.
struct Contents<'a> {
    passphrase: &'a Passphrase,
    material: Material,
    /// Whether the passphrase has decrypted anything.
    has_decrypted: bool,
}

impl Contents<'_> {
    /// `AuthenticatedSafe`: contents with bags, in clear or encrypted.
    fn read_safe(&mut self, safe: &[u8]) -> Result<(), Rejection> {
        let safe = asn1::to_der(safe).ok_or_else(damaged)?;
        let contents =
            asn1::read(safe.expose()).as_ref().and_then(asn1::elements).ok_or_else(damaged)?;
        for content in &contents {
            match read_content(content).ok_or_else(damaged)? {
                (ID_DATA, content) => {
                    self.read_bags(asn1::octets(&content).ok_or_else(damaged)?)?;
                }
                (ID_ENCRYPTED_DATA, content) => {
                    let bags = self.decrypt_content(&content)?;
                    self.read_bags(bags.expose())?;
                }
                _ => {
                    return Err(malformed(
                        "is protected with a public key; export it again with a passphrase",
                    ));
                }
            }
        }
        Ok(())
    }

    /// `EncryptedData` (RFC 5652, section 8): the bags after decryption.
    fn decrypt_content(&mut self, content: &AnyRef<'_>) -> Result<Secret<Vec<u8>>, Rejection> {
        let fields = asn1::elements(content).ok_or_else(damaged)?;
        let [_version, info, ..] = fields.as_slice() else {
            return Err(damaged());
        };
        let info = asn1::elements(info).ok_or_else(damaged)?;
        let [_kind, algorithm, ciphertext] = info.as_slice() else {
            return Err(damaged());
        };
        let ciphertext = asn1::implicit_octets(ciphertext).ok_or_else(damaged)?;
        let bags = encryption::decrypt(algorithm, self.passphrase, &ciphertext);
        self.has_decrypted = true;
        bags.map_err(not_decrypted)
    }

    /// `SafeContents`: bags with a type, a value and attributes.
    fn read_bags(&mut self, bags: &[u8]) -> Result<(), Rejection> {
        let bags = asn1::to_der(bags).ok_or_else(damaged)?;
        let bags =
            asn1::read(bags.expose()).as_ref().and_then(asn1::elements).ok_or_else(damaged)?;
        for bag in &bags {
            let fields = asn1::elements(bag).ok_or_else(damaged)?;
            let [kind, value, ..] = fields.as_slice() else {
                return Err(damaged());
            };
            let kind = asn1::object_identifier(kind).ok_or_else(damaged)?;
            let value = asn1::explicit(value).ok_or_else(damaged)?;
            match kind {
                PKCS_12_CERT_BAG_OID => {
                    if let Some(certificate) = read_certificate(&value) {
                        self.material.certificates.push(certificate.to_vec());
                    }
                }
                PKCS_12_PKCS8_KEY_BAG_OID => {
                    let key = encryption::decrypt_key(&value, self.passphrase);
                    self.material.keys.push(KeyDer::Pkcs8(key.map_err(not_decrypted)?));
                    self.has_decrypted = true;
                }
                PKCS_12_KEY_BAG_OID => {
                    let key = value.to_der().map_err(|_| damaged())?;
                    self.material.keys.push(KeyDer::Pkcs8(Secret::from(key)));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The X.509 certificate in a `CertBag`; `None` for other certificates.
fn read_certificate<'a>(bag: &AnyRef<'a>) -> Option<&'a [u8]> {
    match read_content(bag)? {
        (PKCS_12_X509_CERT_OID, certificate) => asn1::octets(&certificate),
        _ => None,
    }
}

fn not_decrypted(error: DecryptError) -> Rejection {
    match error {
        DecryptError::Unsupported => malformed(
            "is encrypted with a scheme that is not read here; convert the file with `msal-host certificate convert`, \
             which reads scrypt too, or export it again with AES",
        ),
        DecryptError::TooExpensive => malformed(
            "is encrypted with more than 10,000,000 iterations; export it again with fewer",
        ),
        DecryptError::Failed => not_decryptable(),
    }
}

/// Says what a file is instead.
fn not_pkcs12(bytes: &[u8]) -> Rejection {
    let reason = if bytes.starts_with(b"-----BEGIN") {
        "is PEM text, not PKCS#12; give it as pem"
    } else if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        "is a Java key store (JKS); convert it with \
         `keytool -importkeystore -srckeystore old.jks -destkeystore new.p12 -deststoretype PKCS12`"
    } else if X509::from_der(bytes).is_some() {
        "is a certificate without its private key; give both, as PKCS#12 or in one PEM text"
    } else if is_key(bytes) {
        "is a private key without its certificate; give both, as PKCS#12 or in one PEM text"
    } else {
        "is not a PKCS#12 (PFX) file in DER or BER"
    };
    malformed(reason)
}

fn damaged() -> Rejection {
    malformed("is a damaged PKCS#12 file")
}

fn malformed(reason: &'static str) -> Rejection {
    Rejection::malformed(FIELD, reason)
}

fn not_decryptable() -> Rejection {
    Rejection::new(
        FIELD,
        RejectionCode::NotDecryptable,
        "cannot be decrypted: the passphrase is wrong or missing, or the file is damaged",
    )
}

const FIELD: &str = "application.credentials.certificate.source.pkcs12";

const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ID_ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
