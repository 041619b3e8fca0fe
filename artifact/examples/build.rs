//! Builds every artefact and prints where it is and how large.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    for artifact in msal_artifact::Artifact::ALL {
        let path = msal_artifact::build(artifact)?;
        let size = std::fs::metadata(&path)?.len();
        println!("{} {size} bytes", path.display());
    }
    Ok(())
}
