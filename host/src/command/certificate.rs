//! `certificate`: converts certificate files.

use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::files;

use super::Failure;
use super::file;
use super::replace;
use super::replace::NewFile;

/// Convert a certificate file.
#[derive(clap::Subcommand, Debug)]
pub(super) enum Certificate {
    Convert(Convert),
}

/// Write the key and the certificates of a file in any form as PEM. The key in the new file is not encrypted; only its
/// owner can read the file.
#[derive(clap::Args, Debug)]
pub(super) struct Convert {
    /// A PKCS#12 or PEM file with a certificate and its RSA key.
    #[arg(value_name = "IN")]
    input: PathBuf,

    /// The new file, which must not exist.
    #[arg(value_name = "OUT")]
    output: PathBuf,

    /// File with the passphrase of IN; one final line end is ignored.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Certificate {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let Self::Convert(convert) = self;
        convert.run()
    }
}

impl Convert {
    fn run(self) -> Result<ExitCode, Failure> {
        let passphrase = self.passphrase_file.as_deref();
        let passphrase =
            passphrase.map(|path| file::read_passphrase("--passphrase-file", path)).transpose()?;
        let pem = files::certificate_to_pem(file::read("IN", &self.input)?, passphrase)
            .map_err(|error| Failure::of("IN", error))?;
        replace::create(&self.output, pem.as_bytes(), NewFile::Private)
            .map_err(|error| replace::cannot_write("OUT", &error))?;
        Ok(ExitCode::SUCCESS)
    }
}
