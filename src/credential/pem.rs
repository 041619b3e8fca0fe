//! Keys and certificates from PEM text.

use pem::Pem;

use super::asn1;
use super::budget::Budget;
use super::budget::TOO_EXPENSIVE;
use super::cipher::Cipher;
use super::encryption::DecryptError;
use super::encryption::decrypt_key_with_any;
use super::encryption::decrypt_with;
use super::key::is_key;
use super::legacy::DerivedKey;
use super::legacy::openssl;
use super::material::KeyDer;
use super::material::Material;
use super::passphrase::Passphrase;
use crate::byte_order_mark::after_mark;
use crate::error::Rejection;
use crate::error::RejectionCode;
use crate::secret::Secret;

/// Reads all sections of a PEM text. Text between sections and sections of other kinds are skipped.
pub(super) fn read(
    text: &Secret<String>,
    passphrase: Option<&Secret<String>>,
) -> Result<Material, Rejection> {
    let normalised = normalise(text.expose())?;
    let sections = pem::parse_many(normalised.expose().as_bytes()).map_err(|_| damaged())?;
    // The parser skips a section without an end, and a truncated file must not pass as complete.
    if sections.len() != normalised.expose().matches(BEGIN).count() {
        return Err(damaged());
    }
    let encrypted = sections.iter().filter(|section| is_encrypted(section));
    if encrypted.count() > 1 {
        return Err(malformed("contains two encrypted keys; give one key with its certificate"));
    }
    let mut material = Material::default();
    for section in sections {
        read_section(section, passphrase, &mut material)?;
    }
    Ok(material)
}

fn read_section(
    section: Pem,
    passphrase: Option<&Secret<String>>,
    material: &mut Material,
) -> Result<(), Rejection> {
    let has_openssls_encryption = section.headers().get(PROC_TYPE).is_some();
    let encryption = section.headers().get("DEK-Info").map(str::to_owned);
    let tag = section.tag().to_owned();
    let contents = Secret::from(section.into_contents());
    match tag.as_str() {
        "CERTIFICATE" => material.certificates.push(contents.expose().clone()),
        "RSA PRIVATE KEY" if has_openssls_encryption => {
            let encryption = encryption.unwrap_or_default();
            let key = decrypt_openssl(&encryption, &contents, passphrase);
            material.keys.push(KeyDer::Pkcs1(key.map_err(|error| or_missing(error, passphrase))?));
        }
        "PRIVATE KEY" => material.keys.push(KeyDer::Pkcs8(contents)),
        "RSA PRIVATE KEY" => material.keys.push(KeyDer::Pkcs1(contents)),
        "ENCRYPTED PRIVATE KEY" => {
            let key = decrypt(&contents, passphrase);
            material.keys.push(key.map_err(|error| or_missing(error, passphrase))?);
        }
        "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => {
            return Err(malformed("contains a key that is not RSA; Entra accepts RSA keys only"));
        }
        _ => {}
    }
    Ok(())
}

fn is_encrypted(section: &Pem) -> bool {
    section.tag() == "ENCRYPTED PRIVATE KEY" || section.headers().get(PROC_TYPE).is_some()
}

/// A key that the empty passphrase does not open needs one.
fn or_missing(error: Rejection, passphrase: Option<&Secret<String>>) -> Rejection {
    let is_given = passphrase.is_some_and(|text| !text.expose().is_empty());
    if is_given || error.code != RejectionCode::NotDecryptable {
        return error;
    }
    Rejection::missing(
        "application.credentials.certificate.options.passphrase",
        "is missing, but the private key is encrypted",
    )
}

/// Decrypts a PKCS#1 key as OpenSSL encrypts PEM sections; `DEK-Info` names the cipher and the initialization vector,
/// whose first 8 bytes are the salt.
fn decrypt_openssl(
    encryption: &str,
    contents: &Secret<Vec<u8>>,
    passphrase: Option<&Secret<String>>,
) -> Result<Secret<Vec<u8>>, Rejection> {
    let (name, iv) = encryption.split_once(',').unwrap_or((encryption, ""));
    let Some(cipher) = Cipher::of_pem(name.trim()) else {
        return Err(malformed(
            "contains a `Proc-Type` key whose cipher is neither AES nor DES; encrypt the key in another form",
        ));
    };
    let iv = base16ct::mixed::decode_vec(iv.trim()).map_err(|_| not_decryptable())?;
    let salt = iv.get(..8).ok_or_else(not_decryptable)?;
    let passphrase = passphrase.map_or(&[][..], |text| text.expose().as_bytes());
    let key = openssl(passphrase, salt, cipher.key_length());
    let key = decrypt_with(cipher, &DerivedKey { key, iv }, contents.expose());
    // One wrong passphrase in 256 has valid padding.
    key.filter(|key| is_key(key.expose())).ok_or_else(not_decryptable)
}

fn decrypt(
    contents: &Secret<Vec<u8>>,
    passphrase: Option<&Secret<String>>,
) -> Result<KeyDer, Rejection> {
    let info = asn1::read(contents.expose()).ok_or_else(not_decryptable)?;
    let candidates = Passphrase::candidates(passphrase);
    let key = decrypt_key_with_any(&info, &candidates, &Budget::of_a_file());
    key.map(KeyDer::Pkcs8).map_err(|error| match error {
        DecryptError::Unsupported => malformed(
            "contains a key whose encryption is not read here; convert the file with `msal-host certificate convert`, \
             which reads scrypt too, or encrypt the key with PBES2, PBKDF2 and AES",
        ),
        DecryptError::TooExpensive => malformed(TOO_EXPENSIVE),
        DecryptError::Failed => not_decryptable(),
    })
}

/// Normalizes line ends, and removes the byte order mark and trailing white space that editors and shells add.
fn normalise(text: &str) -> Result<Secret<String>, Rejection> {
    if text.contains("\\n") && !text.contains('\n') {
        return Err(malformed(
            "contains `\\n` as two characters instead of line ends; expand them, for example with `printf '%b'`",
        ));
    }
    if !text.contains(BEGIN) {
        return Err(malformed("is not PEM text; give a PKCS#12 file's bytes as pkcs12"));
    }
    let text = after_mark(text);
    let mut lines = String::with_capacity(text.len().saturating_add(1));
    for line in text.split('\n') {
        // A lone carriage return is a line end too.
        for line in line.strip_suffix('\r').unwrap_or(line).split('\r') {
            lines.push_str(line.trim_matches([' ', '\t']));
            lines.push('\n');
        }
    }
    Ok(Secret::from(lines))
}

fn damaged() -> Rejection {
    malformed("is not complete PEM text: a section is truncated, mislabelled or not base64")
}

fn malformed(reason: &'static str) -> Rejection {
    Rejection::malformed(FIELD, reason)
}

fn not_decryptable() -> Rejection {
    Rejection::new(
        FIELD,
        RejectionCode::NotDecryptable,
        "cannot be decrypted: the passphrase is wrong, or the key is damaged",
    )
}

const FIELD: &str = "application.credentials.certificate.source.pem";
const PROC_TYPE: &str = "Proc-Type";
const BEGIN: &str = "-----BEGIN";

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tries with the same passphrase would exceed the budget of tests.
    #[test]
    fn an_absent_passphrase_costs_one_derivation_if_the_scheme_has_one_empty_passphrase() {
        let text = include_str!("../../tests/keys/empty/pbes2.pem").to_owned();
        assert_eq!(read(&Secret::from(text.clone()), None).unwrap().keys.len(), 1);
        // The last block, and with it the padding.
        let (before, after) = text.split_once("\n-----END ENCRYPTED").unwrap();
        let (before, _) = before.split_at(before.len() - 4);
        let damaged = Secret::from(format!("{before}AAAA\n-----END ENCRYPTED{after}"));
        let Err(rejection) = read(&damaged, None) else {
            panic!("its padding is wrong");
        };
        assert_eq!(rejection.code, RejectionCode::Missing, "{}", rejection.reason);
    }
}
