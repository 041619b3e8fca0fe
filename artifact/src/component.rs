//! The component.

use std::path::Path;
use std::path::PathBuf;

use wit_component::ComponentEncoder;

use crate::BuildError;
use crate::strip;
use crate::toolchain;
use crate::workspace;

/// The component over the store that the feature names, encoded so that it imports exactly what its world lists.
pub(crate) fn build(feature: &str, directory: &Path) -> Result<Vec<u8>, BuildError> {
    toolchain::ensure_target(TARGET)?;
    let mut command = toolchain::cargo("rustc");
    command
        .args(["--package", "msal-wasi", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "component", "--target", TARGET])
        .args(["--no-default-features", "--features", feature])
        .arg("--target-dir")
        .arg(directory)
        .env("CARGO_ENCODED_RUSTFLAGS", toolchain::encoded(rustc_flags()))
        .arg("--")
        .arg(format!("-Clink-arg=-zstack-size={STACK_SIZE}"));
    toolchain::run(command)?;
    encode(&workspace::read(&directory.join(TARGET).join("component").join(FILE_NAME))?)
}

/// As somebody would who knows nothing of this crate.
pub(crate) fn build_plainly(directory: &Path) -> Result<PathBuf, BuildError> {
    toolchain::ensure_target("wasm32-wasip2")?;
    let mut command = toolchain::cargo("build");
    command
        .args(["--target", "wasm32-wasip2", "-p", "msal-wasi", "--lib"])
        .arg("--target-dir")
        .arg(directory);
    toolchain::run(command)?;
    Ok(directory.join("wasm32-wasip2").join("debug").join(FILE_NAME))
}

const TARGET: &str = "wasm32-unknown-unknown";
const FILE_NAME: &str = "msal_wasi.wasm";

/// 64 KiB: the stack is most of a fresh instance's memory, and fresh instances are what an edge host makes.
const STACK_SIZE: u32 = 65_536;

fn rustc_flags() -> Vec<String> {
    let mut flags = vec![
        // Vectors for ChaCha20, and limbs of the width that WebAssembly multiplies.
        "-Ctarget-feature=+simd128".to_owned(),
        "--cfg=cpubits=\"32\"".to_owned(),
        // AES only opens key files, so it is to be small.
        "--cfg=aes_backend=\"soft\"".to_owned(),
        "--cfg=aes_backend_soft=\"compact\"".to_owned(),
        // Between the code size of no inlining at all and of the default; the last step below the size budget.
        "-Cllvm-args=-inline-threshold=20".to_owned(),
    ];
    flags.extend(toolchain::remapped_folders());
    flags
}

fn encode(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut encoder = ComponentEncoder::default();
    let component = encoder
        .validate(true)
        .module(module)
        .and_then(ComponentEncoder::encode)
        .map_err(|error| BuildError(format!("encoding the component failed: {error:#}")))?;
    strip::strip_names(component)
        .map_err(|error| BuildError(format!("the encoded component is not valid: {error}")))
}
