//! Keys and certificates from a PKCS#12 (PFX) file, RFC 7292, encrypted with RFC 8018's PBES2.

use cms::encrypted_data::EncryptedData;
use der::Decode;
use der::Encode;
use der::asn1::ContextSpecific;
use der::asn1::ObjectIdentifier;
use der::asn1::OctetString;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs12::AuthenticatedSafe;
use pkcs12::CertBag;
use pkcs12::MacData;
use pkcs12::PKCS_12_CERT_BAG_OID;
use pkcs12::PKCS_12_KEY_BAG_OID;
use pkcs12::PKCS_12_PKCS8_KEY_BAG_OID;
use pkcs12::PKCS_12_X509_CERT_OID;
use pkcs12::Pfx;
use pkcs12::SafeBag;
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::kdf::derive_key;
use pkcs12::kdf::derive_key_utf8;
use pkcs12::safe_bag::SafeContents;
use sha2::Sha256;

use super::material::KeyDer;
use super::material::Material;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// Checks the file's MAC, then reads its keys and certificates.
pub(super) fn read(file: &Secret<Vec<u8>>, passphrase: Option<&Secret<String>>) -> Result<Material, Rejection> {
    let pfx = Pfx::from_der(file.expose()).map_err(|_| not_pkcs12(file.expose()))?;
    let safe = octets(&pfx.auth_safe.content, pfx.auth_safe.content_type == ID_DATA)?;
    let Some(mac) = &pfx.mac_data else {
        return Err(unsupported("has no MAC, so that a change in it could not be noticed"));
    };
    check_mac(mac, safe.as_bytes(), passphrase)?;
    let mut material = Material::default();
    for content in AuthenticatedSafe::from_der(safe.as_bytes()).map_err(|_| damaged())? {
        let contents = if content.content_type == ID_DATA {
            Secret::from(octets(&content.content, true)?.as_bytes().to_vec())
        } else if content.content_type == ID_ENCRYPTED_DATA {
            decrypt_contents(&content.content, passphrase)?
        } else {
            return Err(unsupported("is protected with a public key instead of a passphrase"));
        };
        for bag in SafeContents::from_der(contents.expose()).map_err(|_| damaged())? {
            read_bag(&bag, passphrase, &mut material)?;
        }
    }
    Ok(material)
}

/// Whether an encryption scheme's key derivation can be paid for: it is chosen by whoever made the file.
pub(super) fn is_affordable(scheme: &EncryptionScheme) -> bool {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(parameters)) => parameters.iteration_count <= MAX_ITERATIONS,
        Some(Kdf::Scrypt(parameters)) => {
            let blocks = parameters.cost_parameter.saturating_mul(u64::from(parameters.block_size));
            blocks.saturating_mul(128) <= MAX_SCRYPT_BYTES && parameters.parallelization <= 16
        }
        _ => true,
    }
}

fn check_mac(mac: &MacData, safe: &[u8], passphrase: Option<&Secret<String>>) -> Result<(), Rejection> {
    if mac.mac.algorithm.oid != ID_SHA_256 {
        return Err(unsupported("has a MAC of another kind than HMAC-SHA-256"));
    }
    let iterations_limit = i32::try_from(MAX_ITERATIONS).unwrap_or(i32::MAX);
    if mac.iterations < 1 || mac.iterations > iterations_limit {
        return Err(unsupported("asks for more than 10,000,000 iterations"));
    }
    let salt = mac.mac_salt.as_bytes();
    let key = match passphrase {
        None => Ok(derive_key::<Sha256>(&[], salt, Pkcs12KeyType::Mac, mac.iterations, 32)),
        Some(passphrase) => {
            derive_key_utf8::<Sha256>(passphrase.expose(), salt, Pkcs12KeyType::Mac, mac.iterations, 32)
        }
    };
    let key = Secret::from(key.map_err(|_| not_decryptable())?);
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.expose()).map_err(|_| not_decryptable())?;
    hmac.update(safe);
    hmac.verify_slice(mac.mac.digest.as_bytes()).map_err(|_| not_decryptable())
}

fn decrypt_contents(content: &der::Any, passphrase: Option<&Secret<String>>) -> Result<Secret<Vec<u8>>, Rejection> {
    let der = content.to_der().map_err(|_| damaged())?;
    let info = EncryptedData::from_der(&der).map_err(|_| damaged())?.enc_content_info;
    let scheme = info.content_enc_alg.to_der().map_err(|_| damaged())?;
    let scheme = EncryptionScheme::from_der(&scheme)
        .map_err(|_| unsupported("is encrypted with RC2 or 3DES, or another scheme than PBES2"))?;
    if !is_affordable(&scheme) {
        return Err(unsupported("asks for more than 10,000,000 iterations"));
    }
    let encrypted = info.encrypted_content.ok_or_else(damaged)?;
    scheme
        .decrypt(passphrase_bytes(passphrase), encrypted.as_bytes())
        .map(Secret::from)
        .map_err(|_| not_decryptable())
}

fn read_bag(bag: &SafeBag, passphrase: Option<&Secret<String>>, material: &mut Material) -> Result<(), Rejection> {
    if bag.bag_id == PKCS_12_CERT_BAG_OID {
        let bag: ContextSpecific<CertBag> =
            ContextSpecific::from_der(&bag.bag_value).map_err(|_| damaged())?;
        if bag.value.cert_id == PKCS_12_X509_CERT_OID {
            material.certificates.push(bag.value.cert_value.as_bytes().to_vec());
        }
    } else if bag.bag_id == PKCS_12_PKCS8_KEY_BAG_OID {
        let bag: ContextSpecific<EncryptedPrivateKeyInfoRef<'_>> =
            ContextSpecific::from_der(&bag.bag_value)
                .map_err(|_| unsupported("holds a key encrypted with another scheme than PBES2"))?;
        if !is_affordable(&bag.value.encryption_algorithm) {
            return Err(unsupported("asks for more than 10,000,000 iterations"));
        }
        let key =
            bag.value.decrypt(passphrase_bytes(passphrase)).map_err(|_| not_decryptable())?;
        material.keys.push(KeyDer::Pkcs8(Secret::from(key.as_bytes().to_vec())));
    } else if bag.bag_id == PKCS_12_KEY_BAG_OID {
        let bag: ContextSpecific<der::Any> =
            ContextSpecific::from_der(&bag.bag_value).map_err(|_| damaged())?;
        let key = bag.value.to_der().map_err(|_| damaged())?;
        material.keys.push(KeyDer::Pkcs8(Secret::from(key)));
    }
    Ok(())
}

fn octets(content: &der::Any, is_data: bool) -> Result<OctetString, Rejection> {
    if !is_data {
        return Err(unsupported("is signed with a key instead of a passphrase"));
    }
    content.decode_as::<OctetString>().map_err(|_| damaged())
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

fn unsupported(what: &str) -> Rejection {
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

/// Ten times what the most careful tools use; beyond that a file is an attack on the host's time.
const MAX_ITERATIONS: u32 = 10_000_000;
const MAX_SCRYPT_BYTES: u64 = 64 << 20;

const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ID_ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const ID_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
