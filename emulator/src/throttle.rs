use std::collections::HashMap;

/// The emulator's window; Entra's is unpublished.
const WINDOW_SECONDS: i64 = 60;

/// Limits clients that request the same token in a loop.
pub(crate) struct Throttle {
    limit: Option<u32>,
    /// The times of allowed requests, in Unix seconds of the emulator's clock.
    passed: HashMap<(String, String, String), Vec<i64>>,
}

impl Throttle {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit, passed: HashMap::new() }
    }

    /// Returns whether a request is allowed, and counts it if so.
    pub(crate) fn allows(&mut self, tenant: &str, client_id: &str, scope: &str, now: i64) -> bool {
        let Some(limit) = self.limit else { return true };
        let key = (tenant.to_owned(), client_id.to_ascii_lowercase(), scope.to_owned());
        let passed = self.passed.entry(key).or_default();
        passed.retain(|at| now.saturating_sub(*at) < WINDOW_SECONDS);
        let allowed = u32::try_from(passed.len()).unwrap_or(u32::MAX) < limit;
        if allowed {
            passed.push(now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_over_the_limit_are_refused_until_the_window_passes() {
        let mut throttle = Throttle::new(Some(2));
        assert!(throttle.allows("t", "c", "s", 100));
        assert!(throttle.allows("t", "c", "s", 110));
        assert!(!throttle.allows("t", "c", "s", 120));
        assert!(throttle.allows("t", "c", "other", 120));
        assert!(throttle.allows("t", "c", "s", 160));
    }
}
