//! The state of a call's attempts: what the next token request uses, and what has been tried.

use super::next::Recovery;
use super::next::RecoveryOptions;
use crate::authority::Authority;
use crate::authority::Endpoint;
use crate::call::Call;
use crate::credential::AssertionParams;
use crate::credential::LoadedCredential;
use crate::credential::SigningAlgorithm;
use crate::credential::default_algorithm;
use crate::error::Cause;
use crate::error::Rejection;
use crate::limits::Limits;
use crate::outcome::Metadata;
use crate::outcome::RegionOutcome;
use crate::time::UnixTime;

/// What the next token request uses, and what has been tried.
pub(crate) struct AttemptState<'a> {
    call: &'a Call,
    pub(crate) authority: Authority,
    pub(crate) credential: LoadedCredential<'a>,
    credential_index: usize,
    has_changed_credential: bool,
    /// The indices of credentials not tried yet, the next one last.
    left: Vec<usize>,
    skew_seconds: i64,
    use_rs256: bool,
    may_retry: bool,
    may_correct_clock: bool,
}

impl<'a> AttemptState<'a> {
    /// Starts with the first credential of `order` that is usable.
    pub(crate) fn start(
        call: &'a Call,
        authority: Authority,
        mut order: Vec<usize>,
        limits: Limits,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Cause> {
        order.reverse();
        let (credential_index, credential) =
            load_next(call, &mut order, limits.started.wall, warnings)
                .map_err(Cause::InvalidCredential)?;
        Ok(Self {
            call,
            authority,
            credential,
            credential_index,
            has_changed_credential: false,
            left: order,
            skew_seconds: 0,
            use_rs256: false,
            may_retry: limits.may_retry,
            may_correct_clock: true,
        })
    }

    /// The recoveries that are possible if the next request fails.
    pub(crate) fn recovery_options(&self) -> RecoveryOptions {
        RecoveryOptions {
            may_retry: self.may_retry,
            can_prove_again: self.credential.can_prove_again(),
            may_correct_clock: self.may_correct_clock && self.credential.signs(),
            certificate_ends: self.credential.certificate_ends(),
            may_use_rs256: !self.use_rs256
                && self.credential.has_default_algorithm()
                && default_algorithm(self.authority.kind()) == SigningAlgorithm::Ps256,
            has_more_credentials: !self.left.is_empty(),
            is_regional: self.authority.is_regional(),
        }
    }

    /// Applies a recovery to the next request; `false` if there is none to send.
    pub(crate) fn apply(
        &mut self,
        recovery: Recovery,
        now: UnixTime,
        warnings: &mut Vec<String>,
    ) -> bool {
        match recovery {
            Recovery::GiveUp => return false,
            Recovery::Retry => self.may_retry = false,
            Recovery::CorrectClock(seconds) => {
                self.skew_seconds = seconds;
                self.may_correct_clock = false;
                warnings
                    .push(format!("this machine's clock is off by {} seconds; set it", -seconds));
            }
            Recovery::UseRs256 => self.use_rs256 = true,
            Recovery::UseGlobalEndpoint => self.authority = self.authority.to_global(),
            Recovery::NextCredential => match load_next(self.call, &mut self.left, now, warnings) {
                Ok((index, credential)) => {
                    self.credential_index = index;
                    self.has_changed_credential = true;
                    self.credential = credential;
                    self.use_rs256 = false;
                }
                Err(rejection) => {
                    warnings.push(rejection.to_string());
                    return false;
                }
            },
        }
        true
    }

    /// The warning that the current credential is skipped.
    pub(crate) fn skipped_warning(&self, rejection: &Rejection) -> String {
        skipped_warning(self.credential_index, rejection)
    }

    /// The index of the current credential, if it is not the first one.
    pub(crate) fn changed_credential(&self) -> Option<usize> {
        self.has_changed_credential.then_some(self.credential_index)
    }

    /// Records in the metadata a request that is about to be sent.
    pub(crate) fn record(&self, metadata: &mut Metadata) {
        metadata.token_requests = metadata.token_requests.saturating_add(1);
        metadata.credential_index = Some(self.credential_index);
        metadata.token_endpoint = self.authority.to_token_endpoint().to_string();
        if metadata.region_outcome == RegionOutcome::Regional && !self.authority.is_regional() {
            metadata.region_outcome = RegionOutcome::FallbackToGlobal;
        }
    }

    /// The parameters of an assertion for the next request.
    pub(crate) fn assertion_params<'b>(
        &'b self,
        audience: &'b Endpoint,
        now: UnixTime,
    ) -> AssertionParams<'b> {
        self.call.assertion_params(audience, now.moved_by(self.skew_seconds), self.use_rs256)
    }
}

/// Loads the next usable credential. If none is left, returns the last one's rejection.
fn load_next<'a>(
    call: &'a Call,
    left: &mut Vec<usize>,
    now: UnixTime,
    warnings: &mut Vec<String>,
) -> Result<(usize, LoadedCredential<'a>), Rejection> {
    loop {
        let Some(index) = left.pop() else {
            return Err(Rejection::missing("application.credentials", "contains no credential"));
        };
        let Some(credential) = call.application.credentials.get(index) else {
            continue;
        };
        match credential.load(now) {
            Ok(loaded) => {
                warnings.extend_from_slice(loaded.warnings());
                return Ok((index, loaded));
            }
            Err(rejection) if left.is_empty() => return Err(rejection),
            Err(rejection) => warnings.push(skipped_warning(index, &rejection)),
        }
    }
}

fn skipped_warning(index: usize, rejection: &Rejection) -> String {
    format!("credential {index} was skipped: {rejection}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::application::ApplicationParts;
    use crate::credential::CertificateParts;
    use crate::credential::CertificateSource;
    use crate::credential::CredentialParts;
    use crate::request::TokenRequestParts;
    use crate::secret::Secret;
    use crate::time::Moment;

    const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

    fn secret(text: &str) -> CredentialParts {
        CredentialParts::Secret(Secret::from(text.to_owned()))
    }

    fn certificate(pem: &str) -> CredentialParts {
        let pem = CertificateSource::Pem(Secret::from(pem.to_owned()));
        CredentialParts::Certificate(CertificateParts::new(pem))
    }

    fn call(credentials: Vec<CredentialParts>, region: Option<&str>) -> Call {
        let application = ApplicationParts {
            client_id: "client".to_owned(),
            authority: "contoso.com".to_owned(),
            credentials,
            region: region.map(str::to_owned),
            ..ApplicationParts::default()
        };
        let request = TokenRequestParts {
            scopes: vec!["https://graph.microsoft.com/.default".to_owned()],
            ..TokenRequestParts::default()
        };
        Call::new(application, request).unwrap()
    }

    fn start<'a>(
        call: &'a Call,
        order: &[usize],
        warnings: &mut Vec<String>,
    ) -> Result<AttemptState<'a>, Cause> {
        let limits = Limits::new(call, Moment { wall: NOW, monotonic: Duration::ZERO });
        AttemptState::start(
            call,
            Authority::clone(&call.authority),
            order.to_vec(),
            limits,
            warnings,
        )
    }

    #[test]
    fn credentials_are_used_in_order_and_unusable_ones_are_skipped_with_a_warning() {
        let call = call(vec![secret("a"), certificate("-----BEGIN X"), secret("c")], None);
        let mut warnings = Vec::new();
        let mut state = start(&call, &[0, 1, 2], &mut warnings).unwrap();
        assert!(state.recovery_options().has_more_credentials);
        assert_eq!(state.changed_credential(), None);
        assert!(state.apply(Recovery::NextCredential, NOW, &mut warnings));
        assert_eq!(state.changed_credential(), Some(2));
        assert!(warnings[0].starts_with("credential 1 was skipped: "), "{warnings:?}");
        assert!(!state.recovery_options().has_more_credentials);
    }

    #[test]
    fn a_call_without_a_usable_credential_fails_with_the_last_ones_rejection() {
        let call = call(vec![certificate("-----BEGIN X"), certificate("-----BEGIN Y")], None);
        let mut warnings = Vec::new();
        let Err(Cause::InvalidCredential(rejection)) = start(&call, &[0, 1], &mut warnings) else {
            panic!("neither is a certificate");
        };
        assert!(rejection.field.contains("certificate"), "{rejection}");
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn each_recovery_is_used_once() {
        let pem = include_str!("../../tests/keys/rsa2048.pem");
        let call = call(vec![certificate(pem)], Some("westeurope"));
        let mut warnings = Vec::new();
        let mut state = start(&call, &[0], &mut warnings).unwrap();
        let before = state.recovery_options();
        assert!(before.may_retry && before.may_correct_clock && before.may_use_rs256);
        assert!(before.is_regional && before.can_prove_again);
        for recovery in [
            Recovery::Retry,
            Recovery::CorrectClock(-600),
            Recovery::UseRs256,
            Recovery::UseGlobalEndpoint,
        ] {
            assert!(state.apply(recovery, NOW, &mut warnings));
        }
        let after = state.recovery_options();
        assert!(!after.may_retry && !after.may_correct_clock && !after.may_use_rs256);
        assert!(!after.is_regional);
        assert_eq!(warnings, ["this machine's clock is off by 600 seconds; set it"]);
        let audience = state.authority.to_token_endpoint();
        let params = state.assertion_params(&audience, NOW);
        assert_eq!(params.now, NOW.moved_by(-600));
        assert_eq!(params.algorithm, SigningAlgorithm::Rs256);
        assert!(!state.apply(Recovery::GiveUp, NOW, &mut warnings));
    }

    #[test]
    fn metadata_report_the_fallback_to_the_global_endpoint() {
        let call = call(vec![secret("a")], Some("westeurope"));
        let mut warnings = Vec::new();
        let mut state = start(&call, &[0], &mut warnings).unwrap();
        let mut metadata = call.metadata();
        state.record(&mut metadata);
        assert_eq!(metadata.region_outcome, RegionOutcome::Regional);
        state.apply(Recovery::UseGlobalEndpoint, NOW, &mut warnings);
        state.record(&mut metadata);
        assert_eq!(metadata.region_outcome, RegionOutcome::FallbackToGlobal);
        assert_eq!((metadata.token_requests, metadata.credential_index), (2, Some(0)));
    }
}
