//! Keys and certificates from a PKCS#12 (PFX) file (RFC 7292) encrypted with PBES2.

use der::AnyRef;
use der::Encode;
use der::asn1::ObjectIdentifier;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use pkcs12::PKCS_12_CERT_BAG_OID;
use pkcs12::PKCS_12_KEY_BAG_OID;
use pkcs12::PKCS_12_PKCS8_KEY_BAG_OID;
use pkcs12::PKCS_12_X509_CERT_OID;
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::kdf::derive_key;
use pkcs12::kdf::derive_key_utf8;
use sha2::Sha256;

use super::asn1;
use super::material::KeyDer;
use super::material::Material;
use super::pbes2;
use super::pbes2::DecryptError;
use super::pbes2::MAX_ITERATIONS;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// Verifies the file's MAC, then reads its keys and certificates.
pub(super) fn read(
    file: &Secret<Vec<u8>>,
    passphrase: Option<&Secret<String>>,
) -> Result<Material, Rejection> {
    let pfx = asn1::read(file.expose()).as_ref().and_then(asn1::elements);
    let (content, mac) = match pfx.as_deref() {
        Some([_version, content]) => (content, None),
        Some([_version, content, mac]) => (content, Some(mac)),
        _ => return Err(not_pkcs12(file.expose())),
    };
    let safe = match read_content(content).ok_or_else(|| not_pkcs12(file.expose()))? {
        (ID_DATA, content) => asn1::octets(&content).ok_or_else(damaged)?,
        _ => return Err(unsupported("is signed with a key instead of a passphrase")),
    };
    let Some(mac) = mac else {
        return Err(unsupported("has no MAC, so changes to it cannot be detected"));
    };
    MacData::read(mac).ok_or_else(damaged)?.check(safe, passphrase)?;
    let mut material = Material::default();
    let contents = asn1::read(safe).as_ref().and_then(asn1::elements).ok_or_else(damaged)?;
    for content in &contents {
        match read_content(content).ok_or_else(damaged)? {
            (ID_DATA, content) => {
                read_bags(asn1::octets(&content).ok_or_else(damaged)?, passphrase, &mut material)?;
            }
            (ID_ENCRYPTED_DATA, content) => {
                let bags = decrypt_content(&content, passphrase)?;
                read_bags(bags.expose(), passphrase, &mut material)?;
            }
            _ => return Err(unsupported("is protected with a public key instead of a passphrase")),
        }
    }
    Ok(material)
}

/// `MacData`: digest, salt, iterations.
struct MacData<'a> {
    algorithm: ObjectIdentifier,
    digest: &'a [u8],
    salt: &'a [u8],
    iterations: u32,
}

impl<'a> MacData<'a> {
    fn read(element: &AnyRef<'a>) -> Option<Self> {
        let fields = asn1::elements(element)?;
        let (digest, salt, iterations) = match fields.as_slice() {
            [digest, salt] => (digest, salt, 1),
            [digest, salt, iterations] => (digest, salt, asn1::integer(iterations)?),
            _ => return None,
        };
        let digest = asn1::elements(digest)?;
        let [algorithm, digest] = digest.as_slice() else {
            return None;
        };
        Some(Self {
            algorithm: asn1::algorithm(algorithm)?.0,
            digest: asn1::octets(digest)?,
            salt: asn1::octets(salt)?,
            iterations,
        })
    }

    fn check(&self, safe: &[u8], passphrase: Option<&Secret<String>>) -> Result<(), Rejection> {
        if self.algorithm != ID_SHA_256 {
            return Err(unsupported("has a MAC other than HMAC-SHA-256"));
        }
        let iterations = match i32::try_from(self.iterations) {
            Ok(iterations) if iterations > 0 && self.iterations <= MAX_ITERATIONS => iterations,
            _ => return Err(unsupported("has a MAC with 0 or more than 10,000,000 iterations")),
        };
        let key = match passphrase {
            None => Ok(derive_key::<Sha256>(&[], self.salt, Pkcs12KeyType::Mac, iterations, 32)),
            Some(text) => derive_key_utf8::<Sha256>(
                text.expose(),
                self.salt,
                Pkcs12KeyType::Mac,
                iterations,
                32,
            ),
        };
        let key = Secret::from(key.map_err(|_| not_decryptable())?);
        let mut hmac =
            Hmac::<Sha256>::new_from_slice(key.expose()).map_err(|_| not_decryptable())?;
        hmac.update(safe);
        hmac.verify_slice(self.digest).map_err(|_| not_decryptable())
    }
}

/// `ContentInfo`: the content's type and the content.
fn read_content<'a>(element: &AnyRef<'a>) -> Option<(ObjectIdentifier, AnyRef<'a>)> {
    match asn1::elements(element)?.as_slice() {
        [kind, content] => Some((asn1::object_identifier(kind)?, asn1::explicit(content)?)),
        _ => None,
    }
}

/// `EncryptedData` (RFC 5652, section 8): the bags after decryption.
fn decrypt_content(
    content: &AnyRef<'_>,
    passphrase: Option<&Secret<String>>,
) -> Result<Secret<Vec<u8>>, Rejection> {
    let fields = asn1::elements(content).ok_or_else(damaged)?;
    let [_version, info, ..] = fields.as_slice() else {
        return Err(damaged());
    };
    let info = asn1::elements(info).ok_or_else(damaged)?;
    let [_kind, algorithm, ciphertext] = info.as_slice() else {
        return Err(damaged());
    };
    pbes2::decrypt(algorithm, passphrase_bytes(passphrase), ciphertext.value())
        .map_err(not_decrypted)
}

/// `SafeContents`: bags with a type, a value and attributes.
fn read_bags(
    bags: &[u8],
    passphrase: Option<&Secret<String>>,
    material: &mut Material,
) -> Result<(), Rejection> {
    let bags = asn1::read(bags).as_ref().and_then(asn1::elements).ok_or_else(damaged)?;
    for bag in &bags {
        let fields = asn1::elements(bag).ok_or_else(damaged)?;
        let [kind, value, ..] = fields.as_slice() else {
            return Err(damaged());
        };
        let kind = asn1::object_identifier(kind).ok_or_else(damaged)?;
        let value = asn1::explicit(value).ok_or_else(damaged)?;
        if kind == PKCS_12_CERT_BAG_OID {
            if let Some(certificate) = read_certificate(&value) {
                material.certificates.push(certificate.to_vec());
            }
        } else if kind == PKCS_12_PKCS8_KEY_BAG_OID {
            let key =
                pbes2::decrypt_key(&value, passphrase_bytes(passphrase)).map_err(not_decrypted)?;
            material.keys.push(KeyDer::Pkcs8(key));
        } else if kind == PKCS_12_KEY_BAG_OID {
            let key = value.to_der().map_err(|_| damaged())?;
            material.keys.push(KeyDer::Pkcs8(Secret::from(key)));
        }
    }
    Ok(())
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
        DecryptError::Unsupported => {
            unsupported("is encrypted with RC2, 3DES or another scheme that is not PBES2")
        }
        DecryptError::TooExpensive => {
            unsupported("is encrypted with more than 10,000,000 iterations")
        }
        DecryptError::Failed => not_decryptable(),
    }
}

fn passphrase_bytes(passphrase: Option<&Secret<String>>) -> &[u8] {
    passphrase.map_or(&[], |passphrase| passphrase.expose().as_bytes())
}

fn not_pkcs12(bytes: &[u8]) -> Rejection {
    if bytes.starts_with(b"-----BEGIN") {
        return Rejection::malformed(FIELD, "is PEM text, not PKCS#12; give it as pem");
    }
    Rejection::malformed(FIELD, "is not a PKCS#12 (PFX) file in DER")
}

fn damaged() -> Rejection {
    Rejection::malformed(FIELD, "is a damaged PKCS#12 file")
}

fn unsupported(what: &'static str) -> Rejection {
    Rejection::malformed(
        FIELD,
        format!(
            "{what}; convert the file with `openssl pkcs12 -in old.pfx -out all.pem -legacy` and \
             `openssl pkcs12 -export -in all.pem -out new.pfx` (OpenSSL 3)"
        ),
    )
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
const ID_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
