//! `cache import`.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use msal_host::contract;
use msal_wasi::migrate::SkipReason;
use serde_json::Value;
use serde_json::json;

use super::HostArgs;
use super::accepted;
use super::parts;
use super::report;
use super::skipped;
use crate::command::Failure;
use crate::command::file;
use crate::command::output::deliver_line;
use crate::command::report::Format;

/// Import the application's own tokens from an MSAL cache file.
#[derive(clap::Args, Debug)]
pub(in crate::command) struct Import {
    #[command(flatten)]
    host: HostArgs,

    /// The cache file, as serialized by MSAL's libraries.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,

    /// Output format: text, or one JSON object.
    #[arg(long, value_name = "text|json", default_value = "text")]
    output: Format,
}

/// What became of the entries.
#[derive(Default)]
struct Summary {
    imported: u32,
    skipped: u32,
    /// Why entries were skipped, and how many of them.
    reasons: BTreeMap<SkipReason, u32>,
}

impl Import {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let summary = match self.import().await {
            Ok(Some(summary)) => summary,
            Ok(None) => return Ok(ExitCode::FAILURE),
            Err(failure) => {
                // This fails if standard output is closed. The failure is still printed to standard error.
                let _ = report(self.output).failure(&failure, &mut io::stdout());
                return Err(failure);
            }
        };
        match self.output {
            Format::Json => deliver_line(summary.to_json())?,
            Format::Text => deliver_line(summary.to_text())?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Passes the file on in parts, because the component takes no text of more than 1 MiB.
    async fn import(&self) -> Result<Option<Summary>, Failure> {
        let application = self.host.application.read()?;
        let cache = file::text(FLAG, file::read_whole(FLAG, &self.file)?)?;
        let (host, store) = self.host.host()?;
        let mut summary = Summary::default();
        for part in parts::of(&cache).map_err(|reason| Failure::of(FLAG, reason))? {
            let imported = host.import_token_cache(&application, &part).await;
            store.check()?;
            let Some(report) = accepted(imported, self.output)? else {
                return Ok(None);
            };
            summary.add(&report, &skipped::reasons(&application, &part));
        }
        Ok(Some(summary))
    }
}

impl Summary {
    fn add(&mut self, report: &contract::ImportReport, reasons: &[SkipReason]) {
        self.imported += report.imported;
        self.skipped += report.skipped;
        for reason in reasons {
            *self.reasons.entry(*reason).or_default() += 1;
        }
    }

    fn to_json(&self) -> Value {
        let reasons = self.reasons.iter().map(|(reason, count)| (name(*reason), count));
        let reasons: BTreeMap<_, _> = reasons.collect();
        json!({ "imported": self.imported, "skipped": self.skipped, "reasons": reasons })
    }

    fn to_text(&self) -> String {
        let mut text =
            format!("{} tokens imported, {} entries skipped", self.imported, self.skipped);
        for (index, (reason, count)) in self.reasons.iter().enumerate() {
            text += if index == 0 { ": " } else { ", " };
            text += &format!("{count} {}", description(*reason));
        }
        text
    }
}

fn name(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::OfUser => "of_user",
        SkipReason::OtherClient => "other_client",
        SkipReason::OtherAuthority => "other_authority",
        SkipReason::OtherKind => "other_kind",
        SkipReason::Expired => "expired",
        SkipReason::Unreadable => "unreadable",
    }
}

fn description(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::OfUser => "of a user",
        SkipReason::OtherClient => "of another client ID",
        SkipReason::OtherAuthority => "of another authority or tenant",
        SkipReason::OtherKind => "of another kind of request",
        SkipReason::Expired => "expired, or with an implausible time",
        SkipReason::Unreadable => "unreadable",
    }
}

const FLAG: &str = "--file";
