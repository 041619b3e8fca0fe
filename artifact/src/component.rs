//! Compiles a package to a component.

use std::path::Path;
use std::path::PathBuf;

use wit_component::ComponentEncoder;

use crate::BuildError;
use crate::recipe::Recipe;
use crate::recipe::Target;
use crate::strip;
use crate::toolchain;
use crate::workspace;

/// Builds an artifact and returns its bytes. A package built for `wasm32-unknown-unknown` is encoded here, so that it
/// imports exactly what its world lists.
pub(crate) fn build(recipe: &Recipe, directory: &Path) -> Result<Vec<u8>, BuildError> {
    let target = recipe.target.triple();
    toolchain::ensure_target(target)?;
    let mut command = toolchain::cargo("rustc");
    command
        .args(["--package", recipe.package, "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "component", "--target", target])
        .args(["--no-default-features", "--features", recipe.features])
        .arg("--target-dir")
        .arg(directory)
        .env("CARGO_ENCODED_RUSTFLAGS", toolchain::encoded(rustc_flags(recipe.target)));
    // Cargo ignores a profile's `strip` for a package whose level it overrides.
    command.args(["--", "-Cstrip=symbols"]);
    if let Some(size) = recipe.target.stack_size() {
        command.arg(format!("-Clink-arg=-zstack-size={size}"));
        // By default the linker pads every function index and address to five bytes; most need two or three.
        command.arg("-Clink-arg=--compress-relocations");
    }
    if let Some(size) = recipe.initial_memory {
        command.arg(format!("-Clink-arg=--initial-memory={size}"));
    }
    toolchain::run(command)?;
    let file = directory.join(target).join("component").join(recipe.library_file_name());
    let bytes = workspace::read(&file)?;
    match recipe.target {
        Target::Bare | Target::BareWide => encode(&bytes),
        Target::Wasi | Target::WasiApp => Ok(bytes),
    }
}

/// Builds with a plain `cargo build --target wasm32-wasip2`, as a user without this crate would.
pub(crate) fn build_plainly(directory: &Path) -> Result<PathBuf, BuildError> {
    toolchain::ensure_target("wasm32-wasip2")?;
    let mut command = toolchain::cargo("build");
    command
        .args(["--target", "wasm32-wasip2", "-p", "msal-component"])
        .arg("--target-dir")
        .arg(directory);
    toolchain::run(command)?;
    Ok(directory.join("wasm32-wasip2").join("debug").join("msal_component.wasm"))
}

fn rustc_flags(target: Target) -> Vec<String> {
    let flags = match target {
        Target::Bare => [&NARROW_FLAGS[..], &BARE_FLAGS].concat(),
        Target::BareWide => [&WIDE_FLAGS[..], &BARE_FLAGS].concat(),
        Target::Wasi | Target::WasiApp => Vec::new(),
    };
    let mut flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
    flags.extend(toolchain::remapped_folders());
    flags
}

fn encode(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| BuildError(format!("encoding the component failed: {error:#}")))?;
    strip::strip_names(component)
        .map_err(|error| BuildError(format!("the encoded component is not valid: {error}")))
}

/// SIMD for ChaCha20 and BLAKE3; 32-bit limbs, because WebAssembly multiplies 32 by 32 bits to 64.
const NARROW_FLAGS: [&str; 2] = ["-Ctarget-feature=+simd128", "--cfg=cpubits=\"32\""];

/// 64-bit limbs: wide arithmetic multiplies 64 by 64 bits to 128.
const WIDE_FLAGS: [&str; 2] =
    ["-Ctarget-feature=+simd128,+wide-arithmetic", "--cfg=cpubits=\"64\""];

const BARE_FLAGS: [&str; 3] = [
    // It moves a part of ChaCha20's rounds into vectors and back, which takes longer than the rounds.
    "-Cno-vectorize-slp",
    // AES is only used to decrypt key files, so size matters more than speed.
    "--cfg=aes_backend=\"soft\"",
    "--cfg=aes_backend_soft=\"compact\"",
];
