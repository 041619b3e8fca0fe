//! Failover between credentials: when the next one is tried, and which one is first.

use crate::credential::Fingerprint;

/// The order in which to try credentials: the one that worked last, then the rest in the given order.
pub(crate) fn order(credentials: &[Fingerprint], worked: Option<&[u8]>) -> Vec<usize> {
    let has_worked = |&index: &usize| {
        let credential = worked.and_then(|_| credentials.get(index));
        credential.is_some_and(|credential| Some(&credential[..]) == worked)
    };
    let (mut order, rest): (Vec<usize>, Vec<usize>) = (0..credentials.len()).partition(has_worked);
    order.extend(rest);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_credential_that_worked_last_comes_first() {
        let credentials = [[1; 8], [2; 8], [3; 8]];
        assert_eq!(order(&credentials, Some(&[2; 8])), [1, 0, 2]);
        assert_eq!(order(&credentials, Some(b"another")), [0, 1, 2]);
        assert_eq!(order(&credentials, None), [0, 1, 2]);
    }
}
