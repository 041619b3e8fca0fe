//! What calls cost besides time: fuel, memory, and bytes in the store.

use std::error::Error;

use msal_host::contract::Credential;
use msal_host::contract::TokenRequest;

use crate::subject;
use crate::subject::TOKEN_LENGTH;
use crate::subject::application;
use crate::subject::filled_store;
use crate::subject::forced_request;
use crate::subject::request;
use crate::subject::rsa;
use crate::subject::secret;

/// The costs of the calls and of the component.
pub(super) struct Costs {
    pub(super) miss_secret: Cost,
    pub(super) hit_secret: Cost,
    pub(super) miss_certificate: Cost,
    pub(super) hit_certificate: Cost,
    /// The bytes of the entry in the store, without those of the token.
    pub(super) entry_overhead: usize,
    /// The bytes of the component.
    pub(super) component: usize,
}

/// The costs of one call in a fresh instance.
pub(super) struct Cost {
    pub(super) fuel: u64,
    /// The largest linear memory in bytes.
    pub(super) memory: usize,
}

impl Costs {
    pub(super) async fn of(component: &[u8]) -> Result<Self, Box<dyn Error>> {
        let metered = subject::host(component, |builder| builder.fuel(Some(u64::MAX / 2)))?;
        let cost = async |credential: Credential, request: TokenRequest| {
            let mut instance = metered.instance().await.expect("an instance");
            let result =
                instance.acquire_token_for_client(&application(credential), &request).await;
            result.expect("the host works").expect("a token");
            let statistics = instance.statistics();
            Cost { fuel: statistics.fuel, memory: statistics.peak_memory }
        };
        Ok(Self {
            miss_secret: cost(secret(), forced_request()).await,
            hit_secret: cost(secret(), request()).await,
            miss_certificate: cost(rsa(None), forced_request()).await,
            hit_certificate: cost(rsa(None), request()).await,
            entry_overhead: entry_overhead(component).await?,
            component: component.len(),
        })
    }

    pub(super) fn calls(&self) -> [(&'static str, &Cost); 4] {
        [
            ("hit, secret", &self.hit_secret),
            ("hit, RSA-2048 certificate", &self.hit_certificate),
            ("miss, secret", &self.miss_secret),
            ("miss, RSA-2048 certificate, PS256", &self.miss_certificate),
        ]
    }
}

async fn entry_overhead(component: &[u8]) -> Result<usize, Box<dyn Error>> {
    let store = filled_store(0).await?;
    let host = subject::host(component, |builder| builder.store(store.clone()))?;
    subject::call(&host, &application(secret()), &request()).await;
    let mut largest = 0;
    let page = store.list_keys("default", None).await.map_err(|error| error.to_string())?;
    for key in page.keys {
        let entry = store.get("default", &key).await.map_err(|error| error.to_string())?;
        largest = largest.max(entry.map_or(0, |entry| entry.len()));
    }
    Ok(largest.saturating_sub(TOKEN_LENGTH))
}
