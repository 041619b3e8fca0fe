//! The other libraries, each timed by a separate program.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use serde::Deserialize;

use crate::figures::Figures;
use crate::figures::Library;
use crate::figures::Work;
use crate::openssl;
use crate::settings::Settings;

/// The libraries that are installed.
pub(super) struct Peers {
    scale: f64,
    present: Vec<Peer>,
    /// How to install those that are not.
    missing: Vec<String>,
}

struct Peer {
    library: Library,
    measure: Measure,
}

/// Runs a program that times a library, with a factor for the numbers of calls.
type Measure = Box<dyn Fn(f64) -> Result<Report, Box<dyn Error>>>;

/// What a program that times a library prints.
#[derive(Deserialize)]
pub(super) struct Report {
    pub(super) version: String,
    pub(super) medians_us: BTreeMap<Work, f64>,
}

impl Peers {
    pub(super) fn find(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let mut peers = Self { scale: settings.scale(), present: Vec::new(), missing: Vec::new() };
        let installed = repository().join("target/peers");
        for (library, folder, interpreter, script) in [
            (Library::MsalPython, "python", "python3", "msal_python.py"),
            (Library::MsalNode, "node", "node", "msal_node.mjs"),
        ] {
            let script = repository().join("benches/peers").join(script);
            let keys = repository().join("tests/keys");
            let folder = installed.join(folder);
            let installed = installed.clone();
            let measure = move |scale: f64| {
                let mut program = Command::new(interpreter);
                program.arg(&script).arg(&installed);
                program.arg(keys.join("rsa2048.key.pem"));
                program.arg(keys.join("rsa2048.certificate.pem"));
                report(program.arg(scale.to_string()))
            };
            let how = "host-tests/peers/install.sh target/peers installs it";
            peers.add(library, folder.is_dir(), how, measure);
        }

        let azure_identity = azure_identity(settings.builds_azure_identity)?;
        let is_built = azure_identity.is_file();
        let measure =
            move |scale: f64| report(Command::new(&azure_identity).arg(scale.to_string()));
        peers.add(Library::AzureIdentity, is_built, "--azure-identity builds it", measure);

        let how = "it needs `openssl` on the path";
        peers.add(Library::OpenSsl, openssl::is_installed(), how, openssl::report);
        Ok(peers)
    }

    fn add(
        &mut self,
        library: Library,
        is_present: bool,
        how: &str,
        measure: impl Fn(f64) -> Result<Report, Box<dyn Error>> + 'static,
    ) {
        if is_present {
            self.present.push(Peer { library, measure: Box::new(measure) });
        } else {
            self.missing.push(format!("{}: {how}", library.name()));
        }
    }

    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Measures everything once, and returns the versions.
    pub(super) fn measure(&self, figures: &mut Figures) -> Result<Vec<String>, Box<dyn Error>> {
        let mut versions = Vec::new();
        for peer in &self.present {
            eprintln!("  {}", peer.library.name());
            let report = (peer.measure)(self.scale)?;
            for (work, median) in report.medians_us {
                figures.add(work, peer.library, median);
            }
            versions.push(report.version);
        }
        Ok(versions)
    }
}

/// Runs a program that prints a report.
fn report(program: &mut Command) -> Result<Report, Box<dyn Error>> {
    let output = program.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{program:?} failed").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The program that times `azure_identity`, a separate workspace that no other build compiles.
fn azure_identity(is_built: bool) -> Result<PathBuf, Box<dyn Error>> {
    let target = repository().join("target/azure-identity");
    if is_built {
        let manifest = repository().join("benches/azure-identity/Cargo.toml");
        let status = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["build", "--release", "--locked", "--manifest-path"])
            .arg(manifest)
            .arg("--target-dir")
            .arg(&target)
            .status()?;
        if !status.success() {
            return Err("the bench of azure_identity does not build".into());
        }
    }
    let name = format!("msal-azure-identity-bench{}", env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
