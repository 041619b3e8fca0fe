//! Builds the component that the host has built in: the one with a provider, which can do all that the others can.

use std::error::Error;

use msal_artifact::Artifact;

fn main() -> Result<(), Box<dyn Error>> {
    let artifact = Artifact::ComponentDraft2Provider;
    for input in msal_artifact::inputs(artifact) {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    let path = msal_artifact::build(artifact)?;
    println!("cargo:rustc-env=MSAL_COMPONENT={}", path.display());
    Ok(())
}
