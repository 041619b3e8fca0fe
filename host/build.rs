//! Builds the components that the host has built in: those with a provider, which can do all that the others can.

use std::env;
use std::error::Error;

use msal_artifact::Artifact;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rustc-check-cfg=cfg(has_wide_component)");
    build(Artifact::ComponentDraft2Provider, "MSAL_COMPONENT")?;
    // A build for development is done in less time without it.
    if env::var("PROFILE")? == "release" {
        build(Artifact::ComponentDraft2ProviderWide, "MSAL_COMPONENT_WIDE")?;
        println!("cargo:rustc-cfg=has_wide_component");
    }
    Ok(())
}

fn build(artifact: Artifact, variable: &str) -> Result<(), Box<dyn Error>> {
    for input in msal_artifact::inputs(artifact) {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    let path = msal_artifact::build(artifact)?;
    println!("cargo:rustc-env={variable}={}", path.display());
    Ok(())
}
