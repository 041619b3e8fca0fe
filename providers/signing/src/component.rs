//! The shell: implements the provider interface with the host's signer, clock and randomness.

mod bindings;

use bindings::exports::msal::client_credentials::assertion_provider as contract;
use bindings::msal::client_credentials::signer;
use bindings::wasi::clocks::wall_clock;
use bindings::wasi::random::random;
use msal_client_assertion::Algorithm;

use crate::assertion::Purpose;
use crate::assertion::RANDOM_LENGTH;
use crate::assertion::Unsigned;

struct Component;

impl contract::Guest for Component {
    fn get_assertion(
        request: contract::AssertionRequest,
    ) -> Result<String, contract::ProviderError> {
        sign(&request).map_err(|message| contract::ProviderError { message })
    }
}

fn sign(request: &contract::AssertionRequest) -> Result<String, String> {
    let client_id = &request.client_id;
    let chain = signer::certificate_chain(client_id)
        .map_err(|error| format!("the signer returned no certificate: {error}"))?;
    let algorithm = signer::algorithm(client_id)
        .map_err(|error| format!("the signer returned no algorithm: {error}"))?;
    let purpose = Purpose {
        client_id,
        token_endpoint: &request.token_endpoint,
        now: wall_clock::now().seconds,
        random: &random::get_random_bytes(RANDOM_LENGTH),
    };
    let unsigned = Unsigned::from_parts(&chain, to_algorithm(algorithm), &purpose)?;
    let signature = signer::sign_digest(client_id, algorithm, &unsigned.to_digest())
        .map_err(|error| format!("the signer returned no signature: {error}"))?;
    unsigned.attach(&signature)
}

fn to_algorithm(name: signer::AlgorithmName) -> Algorithm {
    match name {
        signer::AlgorithmName::Ps256 => Algorithm::Ps256,
        signer::AlgorithmName::Rs256 => Algorithm::Rs256,
    }
}
