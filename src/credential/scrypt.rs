//! scrypt as the key derivation of PBES2 (RFC 7914, section 7), for native builds.

use ::scrypt::Params;
use ::scrypt::scrypt;
use der::AnyRef;

use super::asn1;
use crate::secret::Secret;

/// The parameters of scrypt.
pub(super) struct Scrypt<'a> {
    salt: &'a [u8],
    parameters: Params,
    /// The blocks of 128 bytes that it computes.
    pub(super) blocks: u32,
}

impl<'a> Scrypt<'a> {
    /// `None` if it would take more than 64 MiB of memory, or the parameters are invalid.
    pub(super) fn read(parameters: &AnyRef<'a>) -> Option<Self> {
        let parameters = asn1::elements(parameters)?;
        let [salt, cost, block_size, parallelization, ..] = parameters.as_slice() else {
            return None;
        };
        let (salt, cost) = (asn1::octets(salt)?, asn1::integer(cost)?);
        let (r, p) = (asn1::integer(block_size)?, asn1::integer(parallelization)?);
        let blocks = cost.checked_mul(r)?.checked_mul(p)?;
        if !cost.is_power_of_two() || blocks > MAX_BLOCKS {
            return None;
        }
        let log_n = u8::try_from(cost.ilog2()).ok()?;
        Some(Self { salt, parameters: Params::new(log_n, r, p).ok()?, blocks })
    }

    pub(super) fn derive(&self, passphrase: &[u8], length: usize) -> Option<Secret<Vec<u8>>> {
        let mut is_derived = false;
        let key = Secret::from(vec![0; length]).map(|key: &mut Vec<u8>| {
            is_derived = scrypt(passphrase, self.salt, &self.parameters, key).is_ok();
        });
        is_derived.then_some(key)
    }
}

/// Of 128 bytes.
const MAX_BLOCKS: u32 = 512 << 10;
