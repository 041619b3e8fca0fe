//! The hosts that may be reached.

/// An allow-list; `None` allows every host.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy(Option<Vec<String>>);

impl Policy {
    pub(super) fn nothing() -> Self {
        Self(Some(Vec::new()))
    }

    /// Adds these hosts to the allow-list, which starts empty.
    pub(super) fn allowing(self, hosts: impl Iterator<Item = String>) -> Self {
        let mut list = self.0.unwrap_or_default();
        list.extend(hosts);
        Self(Some(list))
    }

    pub(super) fn is_allowed(&self, host: &str, port: u16) -> bool {
        let Some(list) = &self.0 else { return true };
        let with_port = format!("{host}:{port}");
        list.iter()
            .any(|entry| entry.eq_ignore_ascii_case(host) || entry.eq_ignore_ascii_case(&with_port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_allows_what_it_names() {
        assert!(Policy::default().is_allowed("any.example", 1));
        assert!(!Policy::nothing().is_allowed("any.example", 1));
        let policy = Policy::default()
            .allowing(["login.example".to_owned(), "other.example:8443".to_owned()].into_iter());
        assert!(policy.is_allowed("LOGIN.example", 443));
        assert!(policy.is_allowed("other.example", 8443));
        assert!(!policy.is_allowed("other.example", 443));
        assert!(!policy.is_allowed("evil.login.example", 443));
    }
}
