//! A file as an OCI image layout: what a registry holds, in a folder.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use chrono::DateTime;
use msal_artifact::Shipped;
use oci_client::annotations;
use oci_client::manifest::OCI_IMAGE_INDEX_MEDIA_TYPE;
use oci_client::manifest::OciImageManifest;
use oci_wasm::ToConfig;
use oci_wasm::WASM_MANIFEST_MEDIA_TYPE;
use oci_wasm::WasmConfig;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::hexadecimal;

/// Writes the layout into the folder `NAME` of `folder`, and returns the digest of its one manifest. The manifest is the one
/// with which `wkg` pushes a component, but for the time: the Unix epoch, so that the same file always has the same digest.
pub(crate) fn write_image_layout(
    shipped: &Shipped,
    component: &[u8],
    folder: &Path,
) -> Result<String, Box<dyn Error>> {
    let name = shipped.file_name.trim_end_matches(".wasm");
    let layout = folder.join(name);
    fs::create_dir_all(layout.join(BLOBS))?;
    let (mut config, layer) = WasmConfig::from_raw_component(component.to_vec(), None)?;
    config.created = DateTime::UNIX_EPOCH;
    let config = config.to_config()?;
    let layers = [layer];
    let mut manifest = OciImageManifest::build(&layers, &config, Some(about(shipped, name)));
    manifest.media_type = Some(WASM_MANIFEST_MEDIA_TYPE.to_owned());
    let manifest = serde_json::to_vec(&manifest)?;

    write_blob(&layout, &layers[0].data)?;
    write_blob(&layout, &config.data)?;
    let digest = write_blob(&layout, &manifest)?;
    let index = json!({
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE_INDEX_MEDIA_TYPE,
        "manifests": [{
            "mediaType": WASM_MANIFEST_MEDIA_TYPE,
            "digest": digest,
            "size": manifest.len(),
            // Tools call this manifest by this name: `oci:FOLDER:0.1.0`.
            "annotations": { (annotations::ORG_OPENCONTAINERS_IMAGE_REF_NAME): VERSION },
        }],
    });
    fs::write(layout.join("index.json"), index.to_string())?;
    fs::write(layout.join("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }).to_string())?;
    Ok(digest)
}

/// What registries show.
fn about(shipped: &Shipped, name: &str) -> BTreeMap<String, String> {
    let annotations = [
        (annotations::ORG_OPENCONTAINERS_IMAGE_CREATED, "1970-01-01T00:00:00Z"),
        (annotations::ORG_OPENCONTAINERS_IMAGE_DESCRIPTION, shipped.host),
        (annotations::ORG_OPENCONTAINERS_IMAGE_LICENSES, env!("CARGO_PKG_LICENSE")),
        (annotations::ORG_OPENCONTAINERS_IMAGE_TITLE, name),
        (annotations::ORG_OPENCONTAINERS_IMAGE_VERSION, VERSION),
    ];
    annotations.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// Writes a blob under its digest, which it returns.
fn write_blob(layout: &Path, blob: &[u8]) -> Result<String, Box<dyn Error>> {
    let sha256 = hexadecimal(&Sha256::digest(blob));
    fs::write(layout.join(BLOBS).join(&sha256), blob)?;
    Ok(format!("sha256:{sha256}"))
}

const BLOBS: &str = "blobs/sha256";
const VERSION: &str = env!("CARGO_PKG_VERSION");
