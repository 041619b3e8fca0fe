use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::recorded_request::RecordedRequest;

/// All requests in order of arrival.
#[derive(Default)]
pub(crate) struct Journal {
    records: Mutex<Records>,
    added: Condvar,
}

#[derive(Default)]
struct Records {
    requests: Vec<RecordedRequest>,
    last_number: u64,
}

impl Journal {
    /// Adds a request and returns its number.
    pub(crate) fn record(&self, mut request: RecordedRequest) -> u64 {
        let mut records = self.records();
        records.last_number += 1;
        request.number = records.last_number;
        records.requests.push(request);
        self.added.notify_all();
        records.last_number
    }

    /// Records the status of a request's answer.
    pub(crate) fn record_status(&self, number: u64, status: Option<u16>) {
        let mut records = self.records();
        if let Some(request) = records.requests.iter_mut().rev().find(|it| it.number == number) {
            request.answer_status = status;
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.records().requests.clone()
    }

    pub(crate) fn clear(&self) {
        self.records().requests.clear();
    }

    pub(crate) fn wait_for(&self, count: usize, timeout: Duration) -> bool {
        let waited =
            self.added.wait_timeout_while(self.records(), timeout, |it| it.requests.len() < count);
        let (records, _) = waited.unwrap_or_else(PoisonError::into_inner);
        records.requests.len() >= count
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
