//! Flags for the application.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use msal_host::Flavour;
use msal_host::HostBuilder;
use msal_host::contract;
use serde::Deserialize;

use super::Failure;
use super::credential::Credentials;
use super::federated::FederatedToken;
use super::file;

/// Who asks, and whom.
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

    /// What kind of server the authority is. Default: told by its URL, else generic.
    #[arg(long, value_name = "KIND")]
    authority_type: Option<AuthorityType>,

    /// Ask Microsoft whether it knows the authority's host before a credential goes there.
    #[arg(long)]
    validate_authority: bool,

    /// File with more clouds: MSAL's instance discovery metadata, {"metadata": [...]}.
    #[arg(long, value_name = "FILE")]
    instance_metadata_file: Option<PathBuf>,

    /// Allow an http:// authority on a loopback address.
    #[arg(long)]
    allow_insecure_loopback: bool,

    /// An Azure region, such as westeurope, whose own endpoint is asked.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,

    /// A client capability, such as cp1. May be repeated.
    #[arg(long, value_name = "NAME")]
    capability: Vec<String>,

    /// File whose bytes are a key of 32 or more to seal the cache with. Repeated: the first seals,
    /// all open. Default: a key from the credential.
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
            .collect::<Result<_, _>>()?;
        let options = contract::ApplicationOptions {
            authority_type: self.authority_type.map(|kind| match kind {
                AuthorityType::Entra => contract::AuthorityType::Entra,
                AuthorityType::Generic => contract::AuthorityType::Generic,
                AuthorityType::Adfs => contract::AuthorityType::Adfs,
                AuthorityType::Dsts => contract::AuthorityType::Dsts,
                AuthorityType::B2c => contract::AuthorityType::B2c,
                AuthorityType::Ciam => contract::AuthorityType::Ciam,
                AuthorityType::Oidc => contract::AuthorityType::Oidc,
            }),
            validate_authority: self.validate_authority.then_some(true),
            instance_metadata: self.instance_metadata()?,
            allow_insecure_loopback: self.allow_insecure_loopback,
            region: self.region.clone(),
            client_capabilities: self.capability.clone(),
            cache_keys,
            cache_store: self.store_name.clone(),
            ..contract::ApplicationOptions::default()
        };
        Ok(contract::Application {
            client_id: self.client_id.clone(),
            authority: self.authority.clone(),
            credentials: self.credentials.read()?,
            options: Some(options),
        })
    }

    /// Provides assertions, and a component that asks for them, if a credential needs that.
    pub(super) fn provide(&self, builder: HostBuilder) -> HostBuilder {
        match self.credentials.federated_token_file() {
            Some(path) => builder
                .component(Flavour::Draft2Provider)
                .assertion_provider(Arc::new(FederatedToken::new("--federated-token-file", path))),
            None => builder,
        }
    }

    fn instance_metadata(&self) -> Result<Vec<contract::InstanceMetadata>, Failure> {
        const FLAG: &str = "--instance-metadata-file";
        let Some(path) = &self.instance_metadata_file else {
            return Ok(Vec::new());
        };
        let document: InstanceDiscovery = serde_json::from_slice(&file::read(FLAG, path)?)
            .map_err(|error| Failure::of(FLAG, format_args!("{}: {error}", path.display())))?;
        Ok(document.metadata)
    }
}
