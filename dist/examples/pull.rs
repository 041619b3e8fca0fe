//! Pulls components from a registry over plain HTTP with oci-wasm, the library of `wkg`, and prints the SHA-256 of each as
//! `sha256sum` does: `pull REGISTRY NAME...`

use std::env;
use std::error::Error;

use oci_client::Client;
use oci_client::Reference;
use oci_client::client::ClientConfig;
use oci_client::client::ClientProtocol;
use oci_client::secrets::RegistryAuth;
use oci_wasm::WasmClient;
use sha2::Digest;
use sha2::Sha256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let registry = arguments.next().ok_or("usage: pull REGISTRY NAME...")?;
    // The client needs it even without TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() };
    let client = WasmClient::new(Client::new(config));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for name in arguments {
        let image = Reference::with_tag(registry.clone(), name, VERSION.to_owned());
        let pulled = runtime.block_on(client.pull(&image, &RegistryAuth::Anonymous))?;
        let component = pulled.layers.first().ok_or("the image has no layer")?;
        let sha256: String =
            Sha256::digest(&component.data).iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{sha256}  {}.wasm", image.repository());
    }
    Ok(())
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
