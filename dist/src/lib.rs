//! Builds everything that ships into one folder: each file with its WIT, its imports, its SHA-256 and its bill of materials.
//!
//! The content depends on the sources and the toolchain alone: no time, no random number and no path of the machine.

mod bill_of_materials;
mod catalogue;
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
use self::wit::wit;

/// Builds a file and writes it with what describes it: `NAME.wasm`, `NAME.wit` and `NAME.cdx.json`.
pub fn write(shipped: &Shipped, folder: &Path) -> Result<Entry, Box<dyn Error>> {
    let bytes = shipped.build()?;
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    let path = folder.join(shipped.file_name);
    fs::write(&path, &bytes)?;
    fs::write(path.with_extension("wit"), wit(&bytes)?)?;
    fs::write(path.with_extension("cdx.json"), bill_of_materials(shipped, &sha256)?)?;
    Ok(Entry {
        file_name: shipped.file_name,
        host: shipped.host,
        size: bytes.len(),
        imports: Interfaces::of(&bytes)?.imports,
        sha256,
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
