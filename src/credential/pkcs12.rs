//! Keys and certificates from a PKCS#12 (PFX) file (RFC 7292).

mod mac;

use der::AnyRef;
use der::Encode;
use der::asn1::ObjectIdentifier;
use pkcs12::PKCS_12_CERT_BAG_OID;
use pkcs12::PKCS_12_KEY_BAG_OID;
use pkcs12::PKCS_12_PKCS8_KEY_BAG_OID;
use pkcs12::PKCS_12_X509_CERT_OID;

use super::asn1;
use super::budget::Budget;
use super::budget::TOO_EXPENSIVE;
use super::encryption;
use super::encryption::DecryptError;
use super::key::is_key;
use super::material::KeyDer;
use super::material::Material;
use super::passphrase::Passphrase;
use super::x509::X509;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;
use mac::MacData;

/// Verifies the file's MAC, then reads its keys and certificates.
pub(super) fn read(
    file: &Secret<Vec<u8>>,
    passphrase: Option<&Secret<String>>,
) -> Result<Material, Rejection> {
    let der = asn1::to_der(file.expose()).ok_or_else(|| not_pkcs12(file.expose()))?;
    let is_given = passphrase.is_some_and(|text| !text.expose().is_empty());
    let budget = Budget::of_a_file();
    let mut result = Err(not_decryptable());
    for passphrase in Passphrase::candidates(passphrase) {
        result = read_with(der.expose(), &passphrase, is_given, &budget);
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
    budget: &Budget,
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
    if encrypted_keys(safe) > Some(1) {
        return Err(malformed(TWO_KEYS));
    }
    if let Some(mac) = mac {
        MacData::read(mac)?.check(safe, passphrase, budget)?;
    }
    let mut reader =
        Contents { passphrase, budget, material: Material::default(), has_decrypted: false };
    reader.read_safe(safe)?;
    if mac.is_none() && is_passphrase_given && !reader.has_decrypted {
        return Err(malformed(
            "has no MAC and is not encrypted, so its passphrase proves nothing; leave the passphrase out",
        ));
    }
    Ok(reader.material)
}

/// The number of encrypted keys that are visible without the passphrase; `None` if the contents are damaged.
fn encrypted_keys(safe: &[u8]) -> Option<usize> {
    let safe = asn1::to_der(safe)?;
    let mut count = 0_usize;
    for content in asn1::elements(&asn1::read(safe.expose())?)? {
        let (kind, content) = read_content(&content)?;
        if kind != ID_DATA {
            continue;
        }
        let bags = asn1::to_der(asn1::octets(&content)?)?;
        for bag in asn1::elements(&asn1::read(bags.expose())?)? {
            let kind = asn1::object_identifier(asn1::elements(&bag)?.first()?)?;
            count = count.saturating_add(usize::from(kind == PKCS_12_PKCS8_KEY_BAG_OID));
        }
    }
    Some(count)
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
    budget: &'a Budget,
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
        let bags = encryption::decrypt(algorithm, self.passphrase, &ciphertext, self.budget);
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
                    if !self.material.keys.is_empty() {
                        return Err(malformed(TWO_KEYS));
                    }
                    let key = encryption::decrypt_key(&value, self.passphrase, self.budget);
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
        DecryptError::TooExpensive => malformed(TOO_EXPENSIVE),
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
    } else if bytes.starts_with(&[0xce; 4]) {
        "is a Java key store (JCEKS); convert it with `keytool -importkeystore -srcstoretype JCEKS \
         -srckeystore old.jceks -destkeystore new.p12 -deststoretype PKCS12`"
    } else if X509::from_der(bytes).is_some() {
        "is a certificate without its private key; give both, as PKCS#12 or in one PEM text"
    } else if is_key(bytes) {
        "is a private key without its certificate; give both, as PKCS#12 or in one PEM text"
    } else if encryption::is_encrypted_key(bytes) {
        "is an encrypted private key without its certificate; give both, as PKCS#12 or in one PEM text"
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
const TWO_KEYS: &str = "contains two keys; export one key with its certificate";

const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ID_ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
