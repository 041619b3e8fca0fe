//! `cache export`.

use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::contract::TokenRequest;
use serde_json::Value;

use super::HostArgs;
use super::accepted;
use super::file;
use crate::command::Failure;
use crate::command::output::deliver_line;
use crate::command::report::Format;

/// Print the cached tokens of some scopes in the cache format of MSAL's libraries. The output contains
/// the tokens.
#[derive(clap::Args, Debug)]
pub(in crate::command) struct Export {
    #[command(flatten)]
    host: HostArgs,

    /// The scope of the token to export. May be repeated: each scope is a separate token.
    #[arg(long, required = true)]
    scope: Vec<String>,

    /// Merge the tokens into this file instead. No other process may write to the file at the same
    /// time.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let application = self.host.application.read()?;
        let requests: Vec<TokenRequest> = self.scope.iter().map(TokenRequest::new).collect();
        let (host, store) = self.host.host()?;
        let exported = host.export_token_cache(&application, &requests).await;
        store.check()?;
        let Some(exported) = accepted(exported, Format::Text)? else {
            return Ok(ExitCode::FAILURE);
        };
        if is_without_tokens(&exported) {
            eprintln!(
                "warning: no token of these scopes is cached for this application and credential"
            );
        }
        match &self.into {
            Some(path) => file::merge_into(path, &exported)?,
            None => deliver_line(exported)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn is_without_tokens(exported: &str) -> bool {
    let cache: Value = serde_json::from_str(exported).unwrap_or_default();
    cache["AccessToken"].as_object().is_none_or(serde_json::Map::is_empty)
}
