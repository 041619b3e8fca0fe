//! Prints calls and their failures.

use std::io;
use std::io::Write;
use std::time::Duration;
use std::time::SystemTime;

use clap::ValueEnum;
use msal_host::HostError;
use msal_host::contract::AcquireError;
use msal_host::contract::AuthenticationResult;
use msal_host::contract::ErrorCause;
use serde::Serialize;

use super::Failure;
use super::expiry::expiry;
use super::printable::printable;
use super::summary::Summary;

/// The outcome of a call.
pub(super) type Outcome = Result<Result<AuthenticationResult, AcquireError>, HostError>;

/// The output format.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// One line for each call.
    Text,
    /// One JSON object for each call, with the WIT's names.
    Json,
}

/// How to report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub(super) format: Format,
    pub(super) is_token_shown: bool,
}

impl Report {
    /// Writes one call to `output`. In text mode, errors and warnings go to standard error.
    pub(super) fn call(
        self,
        outcome: &Outcome,
        time: Duration,
        output: &mut impl Write,
    ) -> io::Result<()> {
        match (self.format, outcome) {
            (Format::Json, _) => writeln!(output, "{}", self.json(outcome)),
            (Format::Text, Ok(Ok(result))) => self.text(result, time, output),
            (Format::Text, Ok(Err(error))) => self.error(error, output),
            (Format::Text, Err(error)) => {
                eprintln!("error: {}", printable(&error.to_string()));
                Ok(())
            }
        }
    }

    /// Writes an error of the component; in text mode to standard error.
    pub(super) fn error(self, error: &AcquireError, output: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Json => writeln!(output, "{}", to_json(&Line::Error(error))),
            Format::Text => {
                eprintln!("error: {}", printable(&error_text(error)));
                Ok(())
            }
        }
    }

    /// Writes the summary, the last line.
    pub(super) fn summary(self, summary: &Summary, output: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            summary: &'a Summary,
        }
        match self.format {
            Format::Json => writeln!(output, "{}", to_json(&Line { summary })),
            Format::Text => writeln!(
                output,
                "{} calls: {} from the cache, {} from the identity provider, {} errors; \
                 p50 {}, p95 {}, p99 {}",
                summary.calls,
                summary.cache,
                summary.identity_provider,
                summary.errors,
                milliseconds(Duration::from_micros(summary.p50_us)),
                milliseconds(Duration::from_micros(summary.p95_us)),
                milliseconds(Duration::from_micros(summary.p99_us)),
            ),
        }
    }

    /// Writes a failure that prevented the calls. In text mode it does nothing; the caller prints it.
    pub(super) fn failure(self, failure: &Failure, output: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Json => writeln!(output, "{}", host_error(&failure.to_string())),
            Format::Text => Ok(()),
        }
    }

    fn json(self, outcome: &Outcome) -> String {
        match outcome {
            Ok(Ok(result)) => to_json(&Line::Result {
                access_token: self.is_token_shown.then_some(&result.access_token),
                result,
            }),
            Ok(Err(error)) => to_json(&Line::Error(error)),
            Err(error) => host_error(&error.to_string()),
        }
    }

    fn text(
        self,
        result: &AuthenticationResult,
        time: Duration,
        output: &mut impl Write,
    ) -> io::Result<()> {
        writeln!(output, "{}", line(result, time))?;
        if self.is_token_shown {
            writeln!(output, "{}", printable(&result.access_token))?;
        }
        for warning in &result.metadata.warnings {
            eprintln!("warning: {}", printable(warning));
        }
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a> {
    Result {
        #[serde(skip_serializing_if = "Option::is_none")]
        access_token: Option<&'a str>,
        #[serde(flatten)]
        result: &'a AuthenticationResult,
    },
    Error(&'a AcquireError),
}

/// Describes a result in one line, without the token.
pub(super) fn line(result: &AuthenticationResult, time: Duration) -> String {
    let source = match result.metadata.token_source {
        msal_host::contract::TokenSource::IdentityProvider => "identity-provider",
        msal_host::contract::TokenSource::Cache => "cache",
    };
    let due = if result.metadata.refresh_due { ", refresh is due" } else { "" };
    format!(
        "{source:<17}  {:>10}  expires {}{due}",
        milliseconds(time),
        expiry(result.expires_on, SystemTime::now())
    )
}

/// Describes an error in one line, with the server's description if there is one.
pub(super) fn error_text(error: &AcquireError) -> String {
    let mut text = error.message.clone();
    let refusal = match &error.cause {
        ErrorCause::Refused(refusal) => Some(refusal),
        ErrorCause::Throttled(throttle) => Some(&throttle.refusal),
        _ => None,
    };
    if let Some(description) = refusal.and_then(|refusal| refusal.description.as_deref())
        && !text.contains(description)
    {
        text = format!("{text}: {description}");
    }
    match &error.remedy {
        Some(remedy) => format!("{text}; {remedy}"),
        None => text,
    }
}

/// Formats a failure of the host like an error of the contract.
fn host_error(reason: &str) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        error: Error<'a>,
    }
    #[derive(Serialize)]
    struct Error<'a> {
        cause: Cause<'a>,
        message: &'a str,
        remedy: Option<&'a str>,
        metadata: Option<()>,
    }
    #[derive(Serialize)]
    struct Cause<'a> {
        host: &'a str,
    }
    let cause = Cause { host: reason };
    to_json(&Line { error: Error { cause, message: reason, remedy: None, metadata: None } })
}

/// Serialization cannot fail: these types contain only values that JSON can represent.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests;
