//! Flags for the credential.

use std::path::Path;
use std::path::PathBuf;

use clap::ValueEnum;
use msal_host::contract;
use msal_host::contract::CertificateSource;

use super::Failure;
use super::file;

/// How the application proves who it is.
#[derive(clap::Args, Debug)]
pub(super) struct Credential {
    #[command(flatten)]
    source: Source,

    /// File with the passphrase of the certificate's key; one line end at its end is dropped.
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_A_CERTIFICATE)]
    passphrase_file: Option<PathBuf>,

    /// Send the certificate chain in the assertion.
    #[arg(long, conflicts_with_all = NOT_A_CERTIFICATE)]
    send_x5c: bool,

    /// More claims to sign in every assertion.
    #[arg(long, value_name = "JSON", conflicts_with_all = NOT_A_CERTIFICATE)]
    extra_claims: Option<String>,

    /// How the assertion is signed. Default: PS256 for Entra, RS256 for other servers.
    #[arg(long, value_name = "PS256|RS256", ignore_case = true, conflicts_with_all = NOT_A_CERTIFICATE)]
    alg: Option<Algorithm>,
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Source {
    /// File with the client secret; one line end at its end is dropped. Repeated: the next is tried
    /// when the authority refuses one.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Vec<PathBuf>,

    /// File with a certificate and its RSA private key: PEM text, or PKCS#12 if it is no text.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// File with a signed client assertion (a JWT); one line end at its end is dropped.
    #[arg(long, value_name = "FILE")]
    assertion_file: Option<PathBuf>,

    /// File with a federated workload's token (a JWT), which is read anew for each token request.
    #[arg(long, value_name = "FILE")]
    federated_token_file: Option<PathBuf>,
}

/// The flag that names a federated workload's token.
pub(super) const FEDERATED_TOKEN_FILE: &str = "--federated-token-file";

/// The credentials that the certificate's own flags do not go with; one of the four is always given.
const NOT_A_CERTIFICATE: [&str; 3] =
    ["client_secret_file", "assertion_file", "federated_token_file"];

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Algorithm {
    #[value(name = "PS256")]
    Ps256,
    #[value(name = "RS256")]
    Rs256,
}

impl Credential {
    /// Reads the files.
    pub(super) fn read(&self) -> Result<Vec<contract::Credential>, Failure> {
        if !self.source.client_secret_file.is_empty() {
            let secrets = self.source.client_secret_file.iter();
            return secrets
                .map(|path| file::read_secret("--client-secret-file", path))
                .map(|secret| secret.map(contract::Credential::Secret))
                .collect();
        }
        if let Some(path) = &self.source.assertion_file {
            let assertion = file::read_secret("--assertion-file", path)?;
            return Ok(vec![contract::Credential::Assertion(assertion)]);
        }
        if self.source.federated_token_file.is_some() {
            return Ok(vec![contract::Credential::Provider]);
        }
        let Some(path) = &self.source.certificate else {
            return Err(Failure::new("no credential is given"));
        };
        let mut certificate =
            contract::Certificate::new(certificate_source("--certificate", path)?);
        if let Some(path) = &self.passphrase_file {
            certificate.passphrase = Some(file::read_secret("--passphrase-file", path)?);
        }
        certificate.send_x5c = self.send_x5c;
        certificate.algorithm = self.alg.map(|algorithm| match algorithm {
            Algorithm::Ps256 => contract::SigningAlgorithm::Ps256,
            Algorithm::Rs256 => contract::SigningAlgorithm::Rs256,
        });
        certificate.extra_claims.clone_from(&self.extra_claims);
        Ok(vec![contract::Credential::Certificate(certificate)])
    }

    /// The file of a federated workload's token, if that is the credential.
    pub(super) fn federated_token_file(&self) -> Option<&Path> {
        self.source.federated_token_file.as_deref()
    }
}

/// Reads a certificate file, and tells its form by its content.
pub(super) fn certificate_source(name: &str, path: &Path) -> Result<CertificateSource, Failure> {
    Ok(match String::from_utf8(file::read(name, path)?) {
        Ok(text) => CertificateSource::Pem(text),
        Err(error) => CertificateSource::Pkcs12(error.into_bytes()),
    })
}
