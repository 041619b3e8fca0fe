use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::ErrorCause;
use crate::Metadata;
use crate::bindings::msal::client_credentials::client_credentials as contract;

/// Why there is no token. Branch on `cause` or `kind`. No text has a secret.
#[derive(Clone, Debug)]
pub struct AcquireError {
    /// What went wrong. Each case says who can fix it. Boxed, as `metadata`, because an error should be small.
    pub cause: Box<ErrorCause>,
    /// The name of `cause`'s case, such as `throttled`. Stable.
    pub kind: String,
    /// One line for people. May change in any release.
    pub message: String,
    /// What to do about it, if known. May change in any release.
    pub remedy: Option<String>,
    /// How the call went. `None` if the arguments were refused before it started.
    pub metadata: Option<Box<Metadata>>,
}

impl AcquireError {
    /// How long to wait before the next call, if the authority said so or throttles.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = match &*self.cause {
            ErrorCause::Throttled(throttle) => Some(throttle.retry_after_seconds),
            ErrorCause::Refused(refusal) => refusal.retry_after_seconds,
            _ => None,
        };
        seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

impl fmt::Display for AcquireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match &self.remedy {
            Some(remedy) => write!(formatter, " ({remedy})"),
            None => Ok(()),
        }
    }
}

impl Error for AcquireError {}

impl From<contract::AcquireError> for AcquireError {
    fn from(error: contract::AcquireError) -> Self {
        let contract::AcquireError { cause, kind, message, remedy, metadata } = error;
        Self { cause: Box::new(cause), kind, message, remedy, metadata: metadata.map(Box::new) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_ends_with_the_remedy() {
        let mut error = AcquireError {
            cause: Box::new(ErrorCause::Unreachable("no answer".to_owned())),
            kind: "unreachable".to_owned(),
            message: "no answer".to_owned(),
            remedy: Some("retry later".to_owned()),
            metadata: None,
        };
        assert_eq!(error.to_string(), "no answer (retry later)");
        error.remedy = None;
        assert_eq!(error.to_string(), "no answer");
        assert_eq!(error.retry_after(), None);
    }
}
