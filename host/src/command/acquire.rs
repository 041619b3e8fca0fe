//! `acquire`: get a token.

use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::num::NonZeroU64;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::ProgressBar;
use msal_host::Host;

use super::Failure;
use super::application::Application;
use super::calls;
use super::compilation::CompilationArgs;
use super::file;
use super::output::output_failure;
use super::report::Format;
use super::report::Report;
use super::request::Request;
use super::store_and_network::StoreAndNetworkArgs;
use super::summary::Tally;

/// Get an access token, from the cache or from the authority.
#[derive(clap::Args, Debug)]
pub(super) struct Acquire {
    #[command(flatten)]
    application: Application,

    /// The scope of the token, such as https://graph.microsoft.com/.default. May be repeated.
    #[arg(long, required = true)]
    scope: Vec<String>,

    #[command(flatten)]
    request: Request,

    #[command(flatten)]
    store_and_network: StoreAndNetworkArgs,

    #[command(flatten)]
    compilation: CompilationArgs,

    /// Make this many calls, each in a fresh instance, and print a summary.
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,

    /// Number of concurrent calls.
    #[arg(long, value_name = "N", default_value = "1")]
    concurrency: NonZeroUsize,

    /// Output format: text, or one JSON object per line.
    #[arg(long, value_name = "text|json", default_value = "text")]
    output: Format,

    /// Also print the token. It gives full access as the application until it expires.
    #[arg(long)]
    show_token: bool,

    /// Run this component instead of the built-in one.
    #[arg(long, value_name = "FILE.wasm")]
    component: Option<PathBuf>,
}

impl Acquire {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let report = Report { format: self.output, is_token_shown: self.show_token };
        let outcome = self.make_calls(report).await;
        if let Err(failure) = &outcome {
            // This fails if standard output is closed. The failure is still printed to standard error.
            let _ = report.failure(failure, &mut io::stdout());
        }
        outcome
    }

    async fn make_calls(&self, report: Report) -> Result<ExitCode, Failure> {
        let application = self.application.read()?;
        let host = self.host()?;
        let count = self.count.unwrap_or(NonZeroU64::MIN);
        let request = self.request.read(self.scope.clone());
        let mut calls = calls::make(&host, application, request, count, self.concurrency);
        let bar = progress_bar(count);
        let mut output = io::BufWriter::new(io::stdout());
        let mut tally = Tally::default();
        while let Some((outcome, time)) = calls.recv().await {
            let source = outcome.as_ref().ok().and_then(|result| result.as_ref().ok());
            let source = source.map(|result| result.metadata.token_source);
            tally.add(source, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
            bar.suspend(|| report.call(&outcome, time, &mut output)).map_err(output_failure)?;
            bar.inc(1);
            if calls.is_empty() {
                output.flush().map_err(output_failure)?;
            }
        }
        bar.finish_and_clear();
        let summary = tally.summary();
        if self.count.is_some() || self.output == Format::Json {
            report.summary(&summary, &mut output).map_err(output_failure)?;
        }
        output.flush().map_err(output_failure)?;
        Ok(if summary.errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn host(&self) -> Result<Host, Failure> {
        let builder = Host::builder()
            .store(self.store_and_network.store()?)
            .network(self.store_and_network.network()?)
            .time_limit(self.time_limit());
        let builder = self.application.provide(builder);
        match &self.component {
            Some(path) => builder
                .component(file::read("--component", path)?)
                .compilation(self.compilation.of_file("--component"))
                .build()
                .map_err(|error| Failure::of("--component", error)),
            None => {
                builder.compilation(self.compilation.of_built_in()).build().map_err(Failure::new)
            }
        }
    }

    /// Longer than the call's deadline, so that the component can end the call first.
    fn time_limit(&self) -> Duration {
        let deadline = self
            .request
            .deadline_ms
            .map_or(DEFAULT_DEADLINE, |milliseconds| Duration::from_millis(milliseconds.into()));
        deadline.min(MAX_DEADLINE) + Duration::from_secs(30)
    }
}

/// The contract's default and maximum for `deadline-ms`.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
const MAX_DEADLINE: Duration = Duration::from_secs(600);

fn progress_bar(count: NonZeroU64) -> ProgressBar {
    if count.get() > 1 && io::stderr().is_terminal() {
        ProgressBar::new(count.get())
    } else {
        ProgressBar::hidden()
    }
}
