use std::collections::HashMap;
use std::collections::VecDeque;

use crate::scripted::Scripted;

/// Scripted answers in order: a queue for each (tenant, client), one for all clients, and one for
/// discovery.
#[derive(Default)]
pub(crate) struct ScriptQueue {
    named: HashMap<(String, String), VecDeque<Scripted>>,
    any: VecDeque<Scripted>,
    discovery: VecDeque<Scripted>,
}

impl ScriptQueue {
    pub(crate) fn push(&mut self, tenant: &str, client_id: &str, answers: Vec<Scripted>) {
        self.named.entry(key(tenant, client_id)).or_default().extend(answers);
    }

    pub(crate) fn push_any(&mut self, answers: Vec<Scripted>) {
        self.any.extend(answers);
    }

    pub(crate) fn push_discovery(&mut self, answers: Vec<Scripted>) {
        self.discovery.extend(answers);
    }

    /// The next answer for this client, from its own script or else from the script for all clients.
    pub(crate) fn pop(&mut self, tenant: &str, client_id: Option<&str>) -> Option<Scripted> {
        let own = client_id.and_then(|client_id| self.named.get_mut(&key(tenant, client_id)));
        own.and_then(VecDeque::pop_front).or_else(|| self.any.pop_front())
    }

    /// The next answer for a request of a discovery document.
    pub(crate) fn pop_discovery(&mut self) -> Option<Scripted> {
        self.discovery.pop_front()
    }

    pub(crate) fn clear(&mut self) {
        self.named.clear();
        self.any.clear();
        self.discovery.clear();
    }

    pub(crate) fn len(&self) -> usize {
        let named: usize = self.named.values().map(VecDeque::len).sum();
        named + self.any.len() + self.discovery.len()
    }
}

fn key(tenant: &str, client_id: &str) -> (String, String) {
    (tenant.to_ascii_lowercase(), client_id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_given_in_order_and_only_to_their_client() {
        let mut queue = ScriptQueue::default();
        queue.push("t", "A", vec![Scripted::status(500), Scripted::status(503)]);
        let status = |answer: Option<Scripted>| answer.map(|it| it.to_response(None).status);
        assert_eq!(status(queue.pop("t", Some("b"))), None);
        assert_eq!(status(queue.pop("T", Some("a"))), Some(500));
        assert_eq!(status(queue.pop("t", Some("a"))), Some(503));
        assert_eq!(status(queue.pop("t", Some("a"))), None);
    }
}
