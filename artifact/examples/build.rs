//! Builds every artifact and prints its path and size, or only those whose file names are given. With the feature
//! `compose` it also builds the compositions that ship, and those below.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use msal_artifact::Artifact;
#[cfg(feature = "compose")]
use msal_artifact::Shipped;

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = env::args().skip(1).collect();
    let is_named = |name: &str| names.is_empty() || names.iter().any(|given| given == name);
    Artifact::ALL.into_iter().filter(|it| is_named(it.file_name())).try_for_each(build)?;
    #[cfg(feature = "compose")]
    for shipped in Shipped::ALL.into_iter().filter(|it| it.parts.len() > 1) {
        if is_named(shipped.file_name) {
            write(shipped.file_name, shipped.build()?)?;
        }
    }
    #[cfg(feature = "compose")]
    for (app, component, name) in APPS {
        if is_named(name) {
            let [app, component] = [app, component].map(msal_artifact::build);
            write(name, msal_composition::compose(&fs::read(app?)?, &fs::read(component?)?)?)?;
        }
    }
    Ok(())
}

fn build(artifact: Artifact) -> Result<(), Box<dyn Error>> {
    print(&msal_artifact::build(artifact)?)
}

#[cfg(feature = "compose")]
fn write(name: &str, composed: Vec<u8>) -> Result<(), Box<dyn Error>> {
    let path = msal_artifact::folder().join(name);
    fs::write(&path, composed)?;
    print(&path)
}

/// The example apps: the app, the component, and the file name of the composition.
#[cfg(feature = "compose")]
const APPS: [(Artifact, Artifact, &str); 3] = [
    // For `msal-host serve`, which offers both drafts of the store.
    (Artifact::ExampleApp, Artifact::ComponentDraft2, "msal-example-app-composed-draft2.wasm"),
    // For `wasmtime serve` and wasmCloud.
    (Artifact::ExampleApp, Artifact::ComponentDraft, "msal-example-app-composed-draft.wasm"),
    // The composition that Spin makes from its manifest when it loads the app.
    (Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2, "msal-example-app-spin-composed.wasm"),
];

fn print(path: &Path) -> Result<(), Box<dyn Error>> {
    println!("{} {} bytes", path.display(), fs::metadata(path)?.len());
    Ok(())
}
