//! Builds everything that ships into one folder: each file with its WIT, its imports, its SHA-256, its bill of materials, and
//! its OCI image layout.
//!
//! The content depends on the sources and the toolchain alone: no time, no random number and no path of the machine.

mod bill_of_materials;
mod catalogue;
mod image_layout;
mod wit;

use std::error::Error;
use std::fs;
use std::path::Path;

use msal_artifact::Shipped;
use msal_composition::Interfaces;
use sha2::Digest;
use sha2::Sha256;

use self::bill_of_materials::bill_of_materials;
use self::catalogue::Entry;
use self::catalogue::catalogue;
use self::image_layout::write_image_layout;
use self::wit::wit;

/// Builds a file and writes it with what describes it: `NAME.wasm`, `NAME.wit`, `NAME.cdx.json`, and for registries the
/// folder `oci/NAME`.
pub fn write(shipped: &Shipped, folder: &Path) -> Result<Entry, Box<dyn Error>> {
    let bytes = shipped.build()?;
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    let path = folder.join(shipped.file_name);
    fs::write(&path, &bytes)?;
    fs::write(path.with_extension("wit"), wit(&bytes)?)?;
    fs::write(path.with_extension("cdx.json"), bill_of_materials(shipped, &sha256)?)?;
    let image_digest = write_image_layout(shipped, &bytes, &folder.join("oci"))?;
    Ok(Entry {
        file_name: shipped.file_name,
        host: shipped.host,
        size: bytes.len(),
        imports: Interfaces::of(&bytes)?.imports,
        sha256,
        image_digest,
    })
}

/// Writes `README.md`, a table of the files, and `SHA256SUMS`, which `sha256sum --check` reads.
pub fn write_catalogue(entries: &[Entry], folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::write(folder.join("README.md"), catalogue(entries))?;
    let lines = entries.iter().map(|entry| format!("{}  {}\n", entry.sha256, entry.file_name));
    fs::write(folder.join("SHA256SUMS"), lines.collect::<String>())?;
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
