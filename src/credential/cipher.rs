//! The ciphers of key files: block ciphers in CBC mode with PKCS#7 padding, and RC4.

use aes::Aes128;
use aes::Aes192;
use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::BlockCipherDecrypt;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::InnerIvInit;
use cbc::cipher::KeyInit;
use cbc::cipher::array::Array;
use cbc::cipher::block_padding::Padding;
use cbc::cipher::block_padding::Pkcs7;
use der::asn1::ObjectIdentifier;
use des::TdesEde3;
use rc2::Rc2;
use rc4::Rc4;
use rc4::StreamCipher;

use crate::secret::Secret;

/// A cipher, with the length of its key in bytes if there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    /// With one key, two or three.
    Des(usize),
    Rc2(usize),
    Rc4(usize),
}

impl Cipher {
    /// The cipher with this OID in PBES2 (RFC 8018, appendix B.2).
    pub(super) fn of_pbes2(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            AES_128_CBC => Self::Aes128,
            AES_192_CBC => Self::Aes192,
            AES_256_CBC => Self::Aes256,
            DES_EDE3_CBC => Self::TRIPLE_DES,
            DES_CBC => Self::Des(8),
            _ => return None,
        })
    }

    /// The cipher with this OID among those of PKCS#12 (RFC 7292, appendix C).
    pub(super) fn of_pkcs12(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            SHA_AND_128_BIT_RC4 => Self::Rc4(16),
            SHA_AND_40_BIT_RC4 => Self::Rc4(5),
            SHA_AND_3_KEY_3DES => Self::TRIPLE_DES,
            SHA_AND_2_KEY_3DES => Self::Des(16),
            SHA_AND_128_BIT_RC2 => Self::Rc2(16),
            SHA_AND_40_BIT_RC2 => Self::Rc2(5),
            _ => return None,
        })
    }

    /// The cipher with this name in the `DEK-Info` of a PEM section.
    pub(super) fn of_pem(name: &str) -> Option<Self> {
        Some(match name {
            "AES-128-CBC" => Self::Aes128,
            "AES-192-CBC" => Self::Aes192,
            "AES-256-CBC" => Self::Aes256,
            "DES-EDE3-CBC" => Self::TRIPLE_DES,
            "DES-CBC" => Self::Des(8),
            _ => return None,
        })
    }

    /// The length of the key in bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
            Self::Des(length) | Self::Rc2(length) | Self::Rc4(length) => length,
        }
    }

    /// The length of the initialization vector in bytes.
    pub(super) fn iv_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::Des(_) | Self::Rc2(_) => 8,
            Self::Rc4(_) => 0,
        }
    }

    const TRIPLE_DES: Self = Self::Des(24);

    /// Decrypts in place and returns the length of the plaintext; `None` if the padding is wrong.
    pub(super) fn decrypt_in_place(self, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<usize> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, data),
            Self::Aes192 => decrypt::<Aes192>(key, iv, data),
            Self::Aes256 => decrypt::<Aes256>(key, iv, data),
            Self::Des(_) => {
                // One key three times is DES, and two keys are the first one again at the end.
                let key = Secret::from(key.iter().copied().cycle().take(24).collect::<Vec<u8>>());
                decrypt::<TdesEde3>(key.expose(), iv, data)
            }
            Self::Rc2(_) => decrypt::<Rc2>(key, iv, data),
            Self::Rc4(_) => {
                Rc4::new_from_slice(key).ok()?.apply_keystream(data);
                Some(data.len())
            }
        }
    }
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> Option<usize> {
    let cipher = C::new_from_slice(key).ok()?;
    let mut decryptor = Decryptor::<C>::inner_iv_slice_init(cipher, iv).ok()?;
    let (blocks, []) = Array::slice_as_chunks_mut(data) else {
        return None;
    };
    // Block by block: decrypting several at once would link more code.
    for block in blocks.iter_mut() {
        decryptor.decrypt_block(block);
    }
    Pkcs7::unpad_blocks(blocks).ok().map(<[u8]>::len)
}

const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES_192_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
const DES_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.7");
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");
const SHA_AND_128_BIT_RC4: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.1");
const SHA_AND_40_BIT_RC4: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.2");
const SHA_AND_3_KEY_3DES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const SHA_AND_2_KEY_3DES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4");
const SHA_AND_128_BIT_RC2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const SHA_AND_40_BIT_RC2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
