//! Flags for the credentials.

use std::path::Path;
use std::path::PathBuf;

use clap::ValueEnum;
use msal_host::contract;
use msal_host::contract::Certificate;
use msal_host::contract::CertificateOption;
use msal_host::files;

use super::Failure;
use super::file;

/// The application's credentials.
#[derive(clap::Args, Debug)]
pub(super) struct Credentials {
    #[command(flatten)]
    sources: Sources,

    /// File with the passphrase of the certificates' keys; one final line end is ignored. Give it once
    /// for all certificates, or once for each --certificate, in order.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    passphrase_file: Vec<PathBuf>,

    /// Send the certificate chain in the assertion.
    #[arg(long, requires = "certificate")]
    send_x5c: bool,

    /// Extra claims to sign in every assertion.
    #[arg(long, value_name = "JSON", requires = "certificate")]
    extra_claims: Option<String>,

    /// The signature algorithm of the assertion. Default: PS256 for Entra, RS256 for other servers.
    #[arg(long, value_name = "PS256|RS256", ignore_case = true, requires = "certificate")]
    alg: Option<Algorithm>,
}

/// At least one. They are tried in the order of these fields.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = true)]
struct Sources {
    /// File with a certificate and its RSA private key: PEM text, or binary PKCS#12. May be repeated.
    /// When the authority refuses a credential, the next one is tried: certificates first, then
    /// secrets, then an assertion.
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,

    /// File with a client secret; one final line end is ignored. May be repeated.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Vec<PathBuf>,

    /// File with a signed client assertion (a JWT); one final line end is ignored. Without a
    /// certificate or a secret, tokens are cached only with --cache-key-file.
    #[arg(long, value_name = "FILE")]
    assertion_file: Option<PathBuf>,

    /// File with a federated workload's token (a JWT), which is read again for each token request.
    /// Tokens are cached as with --assertion-file.
    #[arg(long, value_name = "FILE", conflicts_with = "assertion_file")]
    federated_token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Algorithm {
    #[value(name = "PS256")]
    Ps256,
    #[value(name = "RS256")]
    Rs256,
}

impl Credentials {
    /// Reads the files.
    pub(super) fn read(&self) -> Result<Vec<contract::Credential>, Failure> {
        let mut credentials = self.certificates()?;
        for path in &self.sources.client_secret_file {
            let secret = file::read_secret("--client-secret-file", path)?;
            credentials.push(contract::Credential::Secret(secret));
        }
        if let Some(path) = &self.sources.assertion_file {
            let assertion = file::read_secret("--assertion-file", path)?;
            credentials.push(contract::Credential::Assertion(assertion));
        }
        if self.sources.federated_token_file.is_some() {
            credentials.push(contract::Credential::Provider);
        }
        Ok(credentials)
    }

    /// The file with the federated workload's token, if that is one of the credentials.
    pub(super) fn federated_token_file(&self) -> Option<&Path> {
        self.sources.federated_token_file.as_deref()
    }

    fn certificates(&self) -> Result<Vec<contract::Credential>, Failure> {
        let paths = &self.sources.certificate;
        let passphrases = self.passphrases()?;
        let certificates = paths.iter().zip(passphrases).map(|(path, passphrase)| {
            let mut certificate = certificate("--certificate", path, passphrase)?;
            let options = &mut certificate.options;
            if self.send_x5c {
                options.push(CertificateOption::SendX5c);
            }
            options.extend(self.alg.map(|algorithm| {
                CertificateOption::Algorithm(match algorithm {
                    Algorithm::Ps256 => contract::SigningAlgorithm::Ps256,
                    Algorithm::Rs256 => contract::SigningAlgorithm::Rs256,
                })
            }));
            options.extend(self.extra_claims.clone().map(CertificateOption::ExtraClaims));
            Ok(contract::Credential::Certificate(certificate))
        });
        certificates.collect()
    }

    /// One for each certificate.
    fn passphrases(&self) -> Result<Vec<Option<String>>, Failure> {
        const FLAG: &str = "--passphrase-file";
        let count = self.sources.certificate.len();
        match &self.passphrase_file[..] {
            [] => Ok(vec![None; count]),
            [path] => Ok(vec![Some(file::read_passphrase(FLAG, path)?); count]),
            paths if paths.len() == count => {
                paths.iter().map(|path| file::read_passphrase(FLAG, path).map(Some)).collect()
            }
            _ => Err(Failure::of(FLAG, "give it once, or once for each --certificate")),
        }
    }
}

/// Reads a certificate file, which is recognised by its content.
pub(super) fn certificate(
    name: &str,
    path: &Path,
    passphrase: Option<String>,
) -> Result<Certificate, Failure> {
    files::certificate(file::read(name, path)?, passphrase)
        .map_err(|error| Failure::of(name, error))
}
