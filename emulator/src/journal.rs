use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::recorded_request::RecordedRequest;

/// Every request in the order of arrival.
#[derive(Default)]
pub(crate) struct Journal {
    pages: Mutex<Pages>,
    written: Condvar,
}

#[derive(Default)]
struct Pages {
    requests: Vec<RecordedRequest>,
    numbered: u64,
}

impl Journal {
    /// Writes a request down and gives it its number.
    pub(crate) fn record(&self, mut request: RecordedRequest) -> u64 {
        let mut pages = self.pages();
        pages.numbered += 1;
        request.number = pages.numbered;
        pages.requests.push(request);
        self.written.notify_all();
        pages.numbered
    }

    /// Notes what a request was answered with.
    pub(crate) fn record_status(&self, number: u64, status: Option<u16>) {
        let mut pages = self.pages();
        if let Some(request) = pages.requests.iter_mut().rev().find(|it| it.number == number) {
            request.answer_status = status;
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.pages().requests.clone()
    }

    pub(crate) fn clear(&self) {
        self.pages().requests.clear();
    }

    pub(crate) fn wait_for(&self, count: usize, timeout: Duration) -> bool {
        let waited =
            self.written.wait_timeout_while(self.pages(), timeout, |it| it.requests.len() < count);
        let (pages, _) = waited.unwrap_or_else(PoisonError::into_inner);
        pages.requests.len() >= count
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
