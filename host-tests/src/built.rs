//! The artifacts of this workspace, each built at most once in a test binary.

use std::fs;
use std::sync::OnceLock;

use msal_artifact::Artifact;

/// The bytes of an artifact. Panics if it cannot be built.
pub fn built(artifact: Artifact) -> &'static [u8] {
    static BUILT: [OnceLock<Vec<u8>>; Artifact::ALL.len()] =
        [const { OnceLock::new() }; Artifact::ALL.len()];
    let place =
        Artifact::ALL.iter().position(|&other| other == artifact).expect("a known artifact");
    BUILT[place].get_or_init(|| {
        let path = msal_artifact::build(artifact).expect("the artifact is built");
        fs::read(path).expect("the artifact is read")
    })
}
