//! `msal:client-credentials/signer`: signs with a private key that never enters an instance.

use async_trait::async_trait;
use wasmtime::StoreContextMut;
use wasmtime::component::ComponentType;
use wasmtime::component::Lift;
use wasmtime::component::Linker;
use wasmtime::component::Lower;

use super::Assertions;
use crate::contract::SigningAlgorithm;

/// Signs with keys that are kept elsewhere, such as in an HSM or Azure Key Vault. The caller sees the
/// text of an error, so it must not contain a secret.
#[async_trait]
pub trait Signer: Send + Sync {
    /// Returns the application's certificate in DER, followed by its chain if the chain must be sent.
    async fn certificate_chain(&self, client_id: &str) -> Result<Vec<Vec<u8>>, String>;

    /// Returns the algorithm that the application's key supports.
    async fn algorithm(&self, client_id: &str) -> Result<SigningAlgorithm, String>;

    /// Signs the message whose SHA-256 digest this is.
    async fn sign_digest(
        &self,
        client_id: &str,
        algorithm: SigningAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, String>;
}

/// The WIT's enum of algorithms.
#[derive(Clone, ComponentType, Copy, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
enum AlgorithmName {
    #[component(name = "ps256")]
    Ps256,
    #[component(name = "rs256")]
    Rs256,
}

impl From<SigningAlgorithm> for AlgorithmName {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Ps256 => Self::Ps256,
            SigningAlgorithm::Rs256 => Self::Rs256,
        }
    }
}

impl From<AlgorithmName> for SigningAlgorithm {
    fn from(name: AlgorithmName) -> Self {
        match name {
            AlgorithmName::Ps256 => Self::Ps256,
            AlgorithmName::Rs256 => Self::Rs256,
        }
    }
}

pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&T) -> &Assertions,
) -> wasmtime::Result<()> {
    let mut interface = linker.instance("msal:client-credentials/signer@0.1.0")?;
    interface.func_wrap_async(
        "certificate-chain",
        move |store: StoreContextMut<'_, T>, (client_id,): (String,)| {
            let signer = view(store.data()).signer.clone();
            Box::new(async move {
                let Some(signer) = signer else { return Ok((Err(no_signer()),)) };
                Ok((signer.certificate_chain(&client_id).await,))
            })
        },
    )?;
    interface.func_wrap_async(
        "algorithm",
        move |store: StoreContextMut<'_, T>, (client_id,): (String,)| {
            let signer = view(store.data()).signer.clone();
            Box::new(async move {
                let Some(signer) = signer else { return Ok((Err(no_signer()),)) };
                Ok((signer.algorithm(&client_id).await.map(AlgorithmName::from),))
            })
        },
    )?;
    interface.func_wrap_async(
        "sign-digest",
        move |store: StoreContextMut<'_, T>,
              (client_id, algorithm, digest): (String, AlgorithmName, Vec<u8>)| {
            let signer = view(store.data()).signer.clone();
            Box::new(async move {
                let Some(signer) = signer else { return Ok((Err(no_signer()),)) };
                Ok((signer.sign_digest(&client_id, algorithm.into(), &digest).await,))
            })
        },
    )
}

fn no_signer() -> String {
    "this host has no signer".to_owned()
}
