//! Builds the WebAssembly artefacts of this workspace, so that `cargo run` and `cargo test` need nothing but rustup.
//!
//! The component is compiled for `wasm32-unknown-unknown` and encoded with `wit-component`: a `wasm32-wasip2` build of
//! the standard library would add a dozen imports that nobody uses.

mod strip;
mod toolchain;

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use wit_component::ComponentEncoder;

/// Something this workspace builds for WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// The component over `wasi:keyvalue@0.2.0-draft2`.
    ComponentDraft2,
    /// The component over `wasi:keyvalue@0.2.0-draft`.
    ComponentDraft,
}

impl Artifact {
    /// Everything there is.
    pub const ALL: [Self; 2] = [Self::ComponentDraft2, Self::ComponentDraft];

    /// The name of the file, without a folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ComponentDraft2 => "msal-client-credentials-draft2.wasm",
            Self::ComponentDraft => "msal-client-credentials-draft.wasm",
        }
    }

    fn feature(self) -> &'static str {
        match self {
            Self::ComponentDraft2 => "draft2",
            Self::ComponentDraft => "draft",
        }
    }
}

/// Builds an artefact, or leaves it as it is when nothing changed, and returns its path.
///
/// Cargo runs in a target directory of its own (`component` in the workspace's), so that this may be called from a
/// build script while the outer cargo holds its lock.
pub fn build(artifact: Artifact) -> Result<PathBuf, BuildError> {
    let directory = target_directory().join("component");
    let module = compile(artifact, &directory)?;
    let component = encode(&module)?;
    let path = directory.join(artifact.file_name());
    write_if_changed(&path, &component)?;
    Ok(path)
}

/// The files whose change makes a new build needed, for `cargo:rerun-if-changed`.
pub fn inputs() -> Vec<PathBuf> {
    ["src", "wit", "Cargo.toml", "Cargo.lock"].map(|name| workspace().join(name)).into()
}

/// Why an artefact could not be built.
#[derive(Debug)]
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for BuildError {}

const TARGET: &str = "wasm32-unknown-unknown";

/// 64 KiB: the stack is most of a fresh instance's memory, and fresh instances are what an edge host makes.
const STACK_SIZE: u32 = 65_536;

fn compile(artifact: Artifact, directory: &Path) -> Result<Vec<u8>, BuildError> {
    toolchain::ensure_target(TARGET)?;
    let mut command = toolchain::cargo();
    command
        .args(["rustc", "--package", "msal-wasi", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "component", "--target", TARGET])
        .args(["--no-default-features", "--features", artifact.feature()])
        .arg("--target-dir")
        .arg(directory)
        .current_dir(workspace())
        .env("CARGO_ENCODED_RUSTFLAGS", rustc_flags());
    if std::env::var_os("CI").is_some() {
        command.arg("--locked");
    }
    command.arg("--").arg(format!("-Clink-arg=-zstack-size={STACK_SIZE}"));
    run(command)?;
    let module = directory.join(TARGET).join("component").join("msal_wasi.wasm");
    fs::read(&module)
        .map_err(|error| BuildError(format!("cannot read {}: {error}", module.display())))
}

fn rustc_flags() -> String {
    let mut flags = vec![
        // Vectors for ChaCha20, and limbs of the width that WebAssembly multiplies.
        "-Ctarget-feature=+simd128".to_owned(),
        "--cfg=cpubits=\"32\"".to_owned(),
        // AES only opens key files, so it is to be small.
        "--cfg=aes_backend=\"soft\"".to_owned(),
        "--cfg=aes_backend_soft=\"compact\"".to_owned(),
        // Between the code size of no inlining at all and of the default; the last step below the size budget.
        "-Cllvm-args=-inline-threshold=15".to_owned(),
    ];
    // The same bytes from every folder, and no folder's name in them.
    flags.push(format!("--remap-path-prefix={}=.", workspace().display()));
    let registry = toolchain::cargo_home().join("registry").join("src");
    for source in fs::read_dir(registry).into_iter().flatten().flatten() {
        flags.push(format!("--remap-path-prefix={}=crates", source.path().display()));
    }
    flags.join("\u{1f}")
}

fn run(mut command: Command) -> Result<(), BuildError> {
    let output =
        command.output().map_err(|error| BuildError(format!("cannot start cargo: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(BuildError(format!("building the component failed ({}):\n{text}", output.status)))
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

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    // Renamed into place, so that a reader in another process never sees half a file.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| BuildError(format!("cannot write {}: {error}", path.display())))
}

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

fn target_directory() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => workspace().join(directory),
        None => workspace().join("target"),
    }
}
