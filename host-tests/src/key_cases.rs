//! Key files that people reported, with what is right for each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::key_file;
use super::keys::key_text;

/// A file in `tests/keys/others` that is read.
#[derive(Clone, Copy, Debug)]
pub struct KeyCase {
    /// The file's name.
    pub name: &'static str,
    /// The passphrases that open it; `None` is an absent one.
    pub passphrases: &'static [Option<&'static str>],
    /// Whether only the host reads it, as text in another encoding than UTF-8 or as base64.
    pub is_for_host: bool,
    certificate: CertificateIn,
}

impl KeyCase {
    /// The certificate that it signs with, in DER.
    pub fn certificate(self) -> Vec<u8> {
        match self.certificate {
            CertificateIn::Der(name) => key_file(name),
            CertificateIn::Pem(name, index) => certificates_in(name).swap_remove(index),
        }
    }

    /// Its path in `tests/keys`.
    pub fn path(self) -> String {
        format!("others/{}", self.name)
    }
}

/// A file with the certificate.
#[derive(Clone, Copy, Debug)]
enum CertificateIn {
    Der(&'static str),
    Pem(&'static str, usize),
}

fn certificates_in(name: &str) -> Vec<Vec<u8>> {
    let text = key_text(name);
    let sections = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let base64 = |section: &str| -> String {
        section.lines().take_while(|line| !line.starts_with("-----END")).collect()
    };
    sections.map(|section| STANDARD.decode(base64(section)).expect("it is PEM")).collect()
}

const fn case(name: &'static str, passphrases: &'static [Option<&'static str>]) -> KeyCase {
    KeyCase { name, passphrases, is_for_host: false, certificate: CertificateIn::Der(LEAF) }
}

const fn for_host(name: &'static str, passphrases: &'static [Option<&'static str>]) -> KeyCase {
    KeyCase { is_for_host: true, ..case(name, passphrases) }
}

const fn renewed(name: &'static str, passphrases: &'static [Option<&'static str>]) -> KeyCase {
    let certificate = CertificateIn::Pem("others/renewed-old-first.pem", 1);
    KeyCase { certificate, ..case(name, passphrases) }
}

/// The files, which are described in `docs/key-files.md`.
pub const KEY_CASES: [KeyCase; 22] = [
    case("tripledes.pfx", HUNTER2),
    case("legacy.pfx", HUNTER2),
    case("aes128.pfx", HUNTER2),
    case("pbes2-sha1mac.pfx", HUNTER2),
    case("sha512mac.pfx", HUNTER2),
    case("emptypass.pfx", NONE),
    case("nullpass.pfx", NONE),
    case("kv-plain-sha1mac.pfx", NONE),
    case("kv-plain-nomac.pfx", NONE),
    case("bc-pkcs12.p12", HUNTER2),
    case("trailing-nl.pfx", HUNTER2),
    KeyCase {
        certificate: CertificateIn::Pem("others/js26806-encrypted.pem", 0),
        ..case("js26806-encrypted.pem", &[Some("HereIsMySuperPass")])
    },
    case("enc-des3.pem", HUNTER2),
    case("enc-aes128.pem", HUNTER2),
    case("enc-aes256-sha1.pem", HUNTER2),
    case("enc-v1-3des.pem", HUNTER2),
    case("enc-traditional.pem", HUNTER2),
    for_host("latin1-bag.pem", NONE),
    for_host("utf16le.pem", NONE),
    for_host("modern.pfx.b64", HUNTER2),
    renewed("renewed-old-first.pem", NONE),
    renewed("renewed.pfx", HUNTER2),
];

const HUNTER2: &[Option<&str>] = &[Some("hunter2")];
const NONE: &[Option<&str>] = &[None, Some("")];
const LEAF: &str = "others/leaf.cer";
