//! Builds everything that ships into a folder: the argument, or `target/dist`. An existing folder is replaced.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use msal_artifact::Shipped;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("target/dist"), PathBuf::from);
    // Only a folder that this program has written is removed.
    if folder.join("SHA256SUMS").is_file() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut entries = Vec::new();
    for shipped in Shipped::ALL {
        let entry = msal_dist::write(&shipped, &folder)?;
        println!("{} {} bytes", folder.join(entry.file_name).display(), entry.size);
        entries.push(entry);
    }
    msal_dist::write_catalogue(&entries, &folder)
}
