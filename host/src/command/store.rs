//! Flags for the store.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use msal_host::store;
use msal_host::store::RedisStore;
use msal_host::store::Store;

use super::Failure;
use super::ca_certificates;
use super::environment::variable;
use super::file;

/// The store for tokens.
#[derive(clap::Args, Debug)]
pub(super) struct StoreArgs {
    /// Store for the sealed tokens: memory (for this run only, the default), a SQLite file that several
    /// processes may share, or a Redis server, with rediss for TLS. A URL with a password belongs in the
    /// variable MSAL_STORE or in a file, because others can read a process's arguments.
    #[arg(long, value_name = "memory|sqlite:PATH|redis://HOST:PORT|rediss://HOST:PORT")]
    store: Option<StoreName>,

    /// Read the value of --store from this file.
    #[arg(long, value_name = "FILE", conflicts_with = "store")]
    store_file: Option<PathBuf>,

    /// Also trust the certificate authorities in this PEM file for a rediss:// store. May be repeated.
    #[arg(long, value_name = "FILE")]
    store_ca_certificate: Vec<PathBuf>,
}

impl StoreArgs {
    /// Opens a store whose entries outlast this process.
    pub(super) fn open_lasting(&self) -> Result<Arc<dyn Store>, Failure> {
        if self.name()?.1.0 == MEMORY {
            let reason = "give the store, because memory is for this run only";
            return Err(Failure::of("--store", reason));
        }
        self.open()
    }

    pub(super) fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let (source, StoreName(name)) = self.name()?;
        let trusted = ca_certificates::read(CA_FLAG, &self.store_ca_certificate)?;
        let failed = |error| Failure::of(source, error);
        if name.starts_with("rediss://") {
            return Ok(Arc::new(RedisStore::open_trusting(&name, &trusted).map_err(failed)?));
        }
        if !self.store_ca_certificate.is_empty() {
            return Err(Failure::of(CA_FLAG, "is for a store with TLS: rediss://HOST:PORT"));
        }
        store::open(&name).map_err(failed)
    }

    /// The name, and the flag or variable that it comes from. A flag goes before the variable.
    fn name(&self) -> Result<(&'static str, StoreName), Failure> {
        if let Some(name) = &self.store {
            return Ok(("--store", name.clone()));
        }
        if let Some(path) = &self.store_file {
            return Ok((FILE_FLAG, StoreName(file::read_secret(FILE_FLAG, path)?)));
        }
        let name = variable(VARIABLE)?.filter(|name| !name.is_empty());
        Ok((VARIABLE, StoreName(name.unwrap_or_else(|| MEMORY.to_owned()))))
    }
}

/// A store's name, which may be a URL with a password.
#[derive(Clone)]
struct StoreName(String);

impl FromStr for StoreName {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Debug for StoreName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StoreName(..)")
    }
}

const MEMORY: &str = "memory";
const CA_FLAG: &str = "--store-ca-certificate";
const FILE_FLAG: &str = "--store-file";
const VARIABLE: &str = "MSAL_STORE";
