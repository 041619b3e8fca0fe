//! The ciphers of key files, all in CBC mode with PKCS#7 padding.

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

/// A block cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    /// With 40 bits.
    Rc2,
}

impl Cipher {
    /// The cipher with this OID in PBES2 (RFC 8018, appendix B.2).
    pub(super) fn of_pbes2(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            AES_128_CBC => Self::Aes128,
            AES_192_CBC => Self::Aes192,
            AES_256_CBC => Self::Aes256,
            DES_EDE3_CBC => Self::TripleDes,
            _ => return None,
        })
    }

    /// The length of the key in bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2 => 5,
        }
    }

    /// Decrypts in place and returns the length of the plaintext; `None` if the padding is wrong.
    pub(super) fn decrypt_in_place(self, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<usize> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, data),
            Self::Aes192 => decrypt::<Aes192>(key, iv, data),
            Self::Aes256 => decrypt::<Aes256>(key, iv, data),
            Self::TripleDes => decrypt::<TdesEde3>(key, iv, data),
            Self::Rc2 => decrypt::<Rc2>(key, iv, data),
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
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");
