//! `emulator`: runs the local token service.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use msal_emulator::demo;
use msal_host::files;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::Failure;
use super::file;
use super::output::print_line;
use super::replace;
use super::stop::StopSignals;

/// Run a local emulator of Microsoft Entra's token endpoint on loopback until Ctrl-C.
#[derive(clap::Args, Debug)]
pub(super) struct Emulator {
    /// Port for http. Default: a free port.
    #[arg(long, value_name = "P", default_value = "0", hide_default_value = true)]
    port: u16,

    /// Port for https. Default: a free port.
    #[arg(long, value_name = "P", default_value = "0", hide_default_value = true)]
    https_port: u16,

    /// Write the certificate authority of the https certificate to this file. It is generated at each
    /// start.
    #[arg(long, value_name = "FILE")]
    ca_certificate_out: Option<PathBuf>,

    /// Register this certificate (PEM or DER) for the demo application. A private key in the file is not read.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// Seed for the random parts of responses: IDs and token lifetimes.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Emulator {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let mut signals = StopSignals::install()?;
        let mut builder =
            msal_emulator::Emulator::builder().http_port(self.port).https_port(self.https_port);
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        let emulator = builder
            .start()
            .map_err(|error| Failure::of("the emulator cannot be started", error))?;
        if let Some(path) = &self.certificate {
            let der = certificate(file::read("--certificate", path)?);
            emulator.register_certificate(demo::CLIENT_ID, &der).map_err(|_| {
                let reason = "the file contains no certificate in PEM or DER format";
                Failure::of("--certificate", reason)
            })?;
        }
        if let Some(path) = &self.ca_certificate_out {
            fs::write(path, emulator.ca_certificate_pem())
                .map_err(|error| replace::cannot_write("--ca-certificate-out", &error))?;
        }
        print_line(self.introduction(&emulator));
        signals.next().await;
        Ok(ExitCode::SUCCESS)
    }

    fn introduction(&self, emulator: &msal_emulator::Emulator) -> String {
        let authority = match &self.ca_certificate_out {
            Some(path) => format!(
                "--authority {}/{} --ca-certificate {}",
                emulator.https_url(),
                demo::TENANT,
                quoted(&path.display().to_string())
            ),
            None => format!(
                "--authority {}/{} --allow-insecure-loopback",
                emulator.http_url(),
                demo::TENANT
            ),
        };
        format!(
            "http    {http}\nhttps   {https}\ntenant  {tenant}\nclient  {client}\nsecret  {secret}\n\n\
             Get a token (in bash or zsh):\n\
             cargo run -- acquire {authority} --client-id {client} --scope {scope} \
             --client-secret-file <(printf %s {quoted_secret})",
            http = emulator.http_url(),
            https = emulator.https_url(),
            tenant = demo::TENANT,
            client = demo::CLIENT_ID,
            secret = demo::client_secret(),
            scope = demo::GRAPH_SCOPE,
            quoted_secret = quoted(demo::client_secret()),
        )
    }
}

/// The first certificate of a PEM file, or else the file's bytes.
fn certificate(bytes: Vec<u8>) -> Vec<u8> {
    let bytes = files::text(bytes).map_or_else(|bytes| bytes, String::into_bytes);
    CertificateDer::from_pem_slice(&bytes).map_or(bytes, |certificate| certificate.to_vec())
}

/// Quotes an argument for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
