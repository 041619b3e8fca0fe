//! Builds every artefact and prints where it is and how large; with the feature `compose`, the composed apps too.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    for artifact in msal_artifact::Artifact::ALL {
        print(&msal_artifact::build(artifact)?)?;
    }
    #[cfg(feature = "compose")]
    for composition in msal_artifact::Composition::ALL {
        print(&msal_artifact::build_composition(composition)?)?;
    }
    Ok(())
}

fn print(path: &Path) -> Result<(), Box<dyn Error>> {
    println!("{} {} bytes", path.display(), std::fs::metadata(path)?.len());
    Ok(())
}
