//! Flags for the application.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use msal_host::HostBuilder;
use msal_host::contract;
use msal_host::contract::ApplicationOption;
use serde::Deserialize;

use super::Failure;
use super::credential::Credentials;
use super::federated::FederatedToken;
use super::file;

/// The application and its authority.
#[derive(clap::Args, Debug)]
pub(super) struct Application {
    /// A tenant ID, a verified domain, or an authority URL such as
    /// https://login.microsoftonline.com/TENANT.
    #[arg(long)]
    authority: String,

    /// The application (client) ID.
    #[arg(long, value_name = "ID")]
    client_id: String,

    #[command(flatten)]
    credentials: Credentials,

    /// The kind of the authority's server. Default: determined by its URL, otherwise generic.
    #[arg(long, value_name = "KIND")]
    authority_type: Option<AuthorityType>,

    /// Ask Microsoft whether the authority's host is trusted before a credential is sent to it.
    #[arg(long)]
    validate_authority: bool,

    /// File with additional clouds: MSAL's instance discovery metadata, {"metadata": [...]}.
    #[arg(long, value_name = "FILE")]
    instance_metadata_file: Option<PathBuf>,

    /// Allow an http:// authority on a loopback address.
    #[arg(long)]
    allow_insecure_loopback: bool,

    /// An Azure region, such as westeurope, whose endpoint is used.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,

    /// A client capability, such as cp1. May be repeated.
    #[arg(long, value_name = "NAME")]
    capability: Vec<String>,

    /// File whose content, 32 bytes or more, is a key that encrypts the cache. Repeated: the first
    /// encrypts, all decrypt. Default: a key derived from the credential.
    #[arg(long, value_name = "FILE")]
    cache_key_file: Vec<PathBuf>,

    /// The bucket in the store. Default: default.
    #[arg(long, value_name = "NAME")]
    store_name: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AuthorityType {
    Entra,
    Generic,
    Adfs,
    Dsts,
    B2c,
    Ciam,
    Oidc,
}

impl From<AuthorityType> for contract::AuthorityType {
    fn from(kind: AuthorityType) -> Self {
        match kind {
            AuthorityType::Entra => Self::Entra,
            AuthorityType::Generic => Self::Generic,
            AuthorityType::Adfs => Self::Adfs,
            AuthorityType::Dsts => Self::Dsts,
            AuthorityType::B2c => Self::B2c,
            AuthorityType::Ciam => Self::Ciam,
            AuthorityType::Oidc => Self::Oidc,
        }
    }
}

/// The document that MSAL.NET's `WithInstanceDiscoveryMetadata` takes.
#[derive(Deserialize)]
struct InstanceDiscovery {
    metadata: Vec<contract::InstanceMetadata>,
}

impl Application {
    /// Reads the files.
    pub(super) fn read(&self) -> Result<contract::Application, Failure> {
        let cache_keys = self
            .cache_key_file
            .iter()
            .map(|path| file::read("--cache-key-file", path))
            .collect::<Result<Vec<_>, _>>()?;
        let mut options = Vec::new();
        if let Some(kind) = self.authority_type {
            options.push(ApplicationOption::AuthorityType(kind.into()));
        }
        if self.validate_authority {
            options.push(ApplicationOption::ValidateAuthority);
        }
        if let Some(clouds) = self.instance_metadata()? {
            options.push(ApplicationOption::InstanceMetadata(clouds));
        }
        if self.allow_insecure_loopback {
            options.push(ApplicationOption::AllowInsecureLoopback);
        }
        if let Some(region) = &self.region {
            options.push(ApplicationOption::Region(region.clone()));
        }
        if !self.capability.is_empty() {
            options.push(ApplicationOption::ClientCapabilities(self.capability.clone()));
        }
        if !cache_keys.is_empty() {
            options.push(ApplicationOption::CacheKeys(cache_keys));
        }
        if let Some(name) = &self.store_name {
            options.push(ApplicationOption::CacheStore(name.clone()));
        }
        Ok(contract::Application {
            client_id: self.client_id.clone(),
            authority: self.authority.clone(),
            credentials: self.credentials.read()?,
            options,
        })
    }

    /// Provides assertions if a credential needs them.
    pub(super) fn provide(&self, builder: HostBuilder) -> HostBuilder {
        match self.credentials.federated_token_file() {
            Some(path) => {
                let token = FederatedToken::new("--federated-token-file", path);
                builder.assertion_provider(Arc::new(token))
            }
            None => builder,
        }
    }

    fn instance_metadata(&self) -> Result<Option<Vec<contract::InstanceMetadata>>, Failure> {
        const FLAG: &str = "--instance-metadata-file";
        let Some(path) = &self.instance_metadata_file else {
            return Ok(None);
        };
        let document = file::text(FLAG, file::read(FLAG, path)?)?;
        // The parser's message could quote the file.
        let document: InstanceDiscovery = serde_json::from_str(&document).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let reason = "the file is not a document of instance discovery";
            Failure::of(FLAG, format_args!("{reason}: line {line}, column {column}"))
        })?;
        Ok(Some(document.metadata))
    }
}
