//! Builds every artefact and prints where it is and how large; with the feature `compose`, the composed apps too.

use std::error::Error;
use std::fs;
use std::path::Path;

use msal_artifact::Artifact;

fn main() -> Result<(), Box<dyn Error>> {
    for artifact in Artifact::ALL {
        print(&msal_artifact::build(artifact)?)?;
    }
    #[cfg(feature = "compose")]
    for (app, component, name) in COMPOSITIONS {
        let folder = msal_artifact::folder();
        let (app, component) = (folder.join(app.file_name()), folder.join(component.file_name()));
        let composed = msal_artifact::compose(&fs::read(app)?, &fs::read(component)?)?;
        let path = folder.join(name);
        fs::write(&path, composed)?;
        print(&path)?;
    }
    Ok(())
}

/// App, component, and the name of the file they make.
#[cfg(feature = "compose")]
const COMPOSITIONS: [(Artifact, Artifact, &str); 3] = [
    // For `msal-host serve`, which offers both drafts of the store.
    (Artifact::ExampleApp, Artifact::ComponentDraft2, "msal-example-app-composed-draft2.wasm"),
    // For `wasmtime serve` and wasmCloud.
    (Artifact::ExampleApp, Artifact::ComponentDraft, "msal-example-app-composed-draft.wasm"),
    // What Spin makes of its manifest when it loads the app.
    (Artifact::ExampleAppOnSpin, Artifact::ComponentDraft2, "msal-example-app-spin-composed.wasm"),
];

fn print(path: &Path) -> Result<(), Box<dyn Error>> {
    println!("{} {} bytes", path.display(), fs::metadata(path)?.len());
    Ok(())
}
