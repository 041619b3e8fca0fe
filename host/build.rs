//! Builds the components that the host has built in.

use std::error::Error;

use msal_artifact::Artifact;

fn main() -> Result<(), Box<dyn Error>> {
    for input in msal_artifact::inputs() {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    for (variable, artifact) in [
        ("MSAL_COMPONENT_DRAFT2", Artifact::ComponentDraft2),
        ("MSAL_COMPONENT_DRAFT", Artifact::ComponentDraft),
        ("MSAL_COMPONENT_DRAFT2_PROVIDER", Artifact::ComponentDraft2Provider),
    ] {
        let path = msal_artifact::build(artifact)?;
        println!("cargo:rustc-env={variable}={}", path.display());
    }
    Ok(())
}
