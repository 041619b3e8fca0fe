//! A host that answers as an input says.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

use crate::application::StoreName;
use crate::credential::AssertionRequest;
use crate::host::Host;
use crate::http::HttpRequest;
use crate::http::HttpResponse;
use crate::http::Method;
use crate::http::SendError;
use crate::secret::Secret;
use crate::time::Moment;
use crate::time::UnixTime;

use super::NOW;
use super::arguments::is_microsofts;
use super::planted::ASSERTION;
use super::planted::SECRET_IN_FORM;
use super::planted::check_debug;
use super::planted::check_text;
use super::planted::contains;
use super::planted::with_secret;
use super::response::to_response;
use super::script::Script;

/// A host whose every answer is a choice of the script; with an empty script, a host without faults and without a
/// network.
pub(super) struct ScriptedHost<'a> {
    pub(super) script: Script<'a>,
    /// The hosts that may receive a credential; all of Microsoft's, if one is.
    trusted: Vec<String>,
    pub(super) wall: u64,
    pub(super) monotonic: Duration,
    /// Whether the clocks show something else than the time.
    pub(super) has_odd_clock: bool,
    store: BTreeMap<String, Vec<u8>>,
    counters: BTreeMap<String, u64>,
    time_in_store: Duration,
    calls: u32,
    random: u8,
    pub(super) sent: Vec<HttpRequest>,
    /// Whether a server has received the client secret, in any call. It may echo it from then on.
    has_sent_secret: bool,
}

impl<'a> ScriptedHost<'a> {
    pub(super) fn new(script: Script<'a>, trusted: Vec<String>) -> Self {
        Self {
            script,
            trusted,
            wall: NOW.to_seconds(),
            monotonic: Duration::ZERO,
            has_odd_clock: false,
            store: BTreeMap::new(),
            counters: BTreeMap::new(),
            time_in_store: Duration::ZERO,
            calls: 0,
            random: 0,
            sent: Vec::new(),
            has_sent_secret: false,
        }
    }

    /// The number of entries in the store.
    pub(super) fn entries(&self) -> usize {
        self.store.len()
    }

    /// Begins a call of the component.
    pub(super) fn begin(&mut self) {
        self.calls = 0;
        self.time_in_store = Duration::ZERO;
        self.sent.clear();
    }

    /// The time.
    pub(super) fn time(&self) -> UnixTime {
        UnixTime::from_seconds(self.wall.saturating_add(self.monotonic.as_secs()))
    }

    fn count(&mut self) {
        self.calls += 1;
        assert!(self.calls <= MOST_CALLS, "{} host calls", self.calls);
    }

    fn pass(&mut self, time: Duration) {
        self.monotonic = self.monotonic.saturating_add(time);
    }

    /// What the store does: a number for the kinds of fault, 0 for none.
    fn operate(&mut self, key: &str) -> Result<u8, String> {
        self.count();
        check_text(key);
        let choice = self.script.choice();
        if choice == 1 {
            return Err("the store failed".to_owned());
        }
        if choice >= SLOW {
            // 50 milliseconds to 7 minutes.
            let took = Duration::from_millis(50 << ((choice - SLOW) / 4));
            self.pass(took);
            self.time_in_store += took;
        }
        Ok(choice)
    }
}

impl Host for ScriptedHost<'_> {
    async fn now(&mut self) -> Moment {
        self.count();
        let mut moment = Moment { wall: self.time(), monotonic: self.monotonic };
        if self.has_odd_clock {
            let choice = u64::from(self.script.choice());
            let wall = if choice % 2 == 0 { choice << 32 } else { self.wall + choice - 128 };
            moment.wall = UnixTime::from_seconds(wall);
            moment.monotonic = Duration::from_secs(choice);
        }
        moment
    }

    async fn random(&mut self, buffer: &mut [u8]) {
        self.count();
        self.random = self.random.wrapping_add(self.script.choice() | 1);
        buffer.fill(self.random);
    }

    async fn get(&mut self, _: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        let choice = self.operate(key)?;
        let mut value = self.store.get(key).cloned();
        match choice {
            2 => value = None,
            3 => value = value.map(|value| value.iter().copied().skip(1).collect()),
            4 => value = self.store.values().next_back().cloned(),
            5 => value = self.script.bytes().map(<[u8]>::to_vec),
            6 => value.iter_mut().flat_map(|value| value.last_mut()).for_each(|byte| *byte ^= 1),
            _ => {}
        }
        Ok(value)
    }

    async fn set(&mut self, _: &StoreName, key: &str, value: &[u8]) -> Result<(), String> {
        let choice = self.operate(key)?;
        check_text(&String::from_utf8_lossy(value));
        // A store may lose what it has confirmed.
        if choice != 2 {
            self.store.insert(key.to_owned(), value.to_vec());
        }
        Ok(())
    }

    async fn delete(&mut self, _: &StoreName, key: &str) -> Result<(), String> {
        if self.operate(key)? != 2 {
            self.store.remove(key);
            self.counters.remove(key);
        }
        Ok(())
    }

    async fn increment(&mut self, _: &StoreName, key: &str) -> Result<u64, String> {
        let choice = self.operate(key)?;
        let counter = self.counters.entry(key.to_owned()).or_default();
        *counter += 1;
        Ok(match choice {
            2 => 0,
            3 => u64::MAX,
            4 => 1,
            5 => 2,
            _ => *counter,
        })
    }

    fn time_in_store(&self) -> Duration {
        self.time_in_store
    }

    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError> {
        self.count();
        self.check_destination(&request);
        let body = String::from_utf8_lossy(request.body.expose());
        self.has_sent_secret |= contains(&body, SECRET_IN_FORM);
        self.sent.push(request);
        assert!(!within.is_zero(), "no time for a request");
        let took = Duration::from_millis(u64::from(self.script.choice()) * 200);
        self.pass(took.min(within));
        let reason = || "no answer".to_owned();
        let Some(answer) = self.script.bytes() else {
            return Err(SendError::NotConnected(reason()));
        };
        match answer {
            b"NotPermitted" => Err(SendError::NotPermitted(reason())),
            b"NotResolved" => Err(SendError::NotResolved(reason())),
            b"NotTrusted" => Err(SendError::NotTrusted(reason())),
            b"Silent" => Err(SendError::Silent(reason())),
            b"BrokenOff" => Err(SendError::BrokenOff(reason())),
            b"Malformed" => Err(SendError::Malformed(reason())),
            answer if self.has_sent_secret => Ok(to_response(&with_secret(answer))),
            answer => Ok(to_response(answer)),
        }
    }

    async fn assertion(&mut self, request: AssertionRequest) -> Result<Secret<String>, String> {
        self.count();
        check_debug(&request);
        let took = Duration::from_millis(u64::from(self.script.choice()) * 200);
        self.pass(took);
        match self.script.choice() {
            0 => Ok(Secret::from(ASSERTION.to_owned())),
            1 => Err(self.script.text()),
            _ => Ok(Secret::from(self.script.text())),
        }
    }

    async fn sleep(&mut self, pause: Duration) {
        self.count();
        self.pass(pause);
    }
}

impl ScriptedHost<'_> {
    /// Only a trusted host receives a credential, and no URL contains one. Discovery also asks Microsoft.
    fn check_destination(&self, request: &HttpRequest) {
        let url = request.to_url();
        check_text(&url);
        check_debug(request);
        let host = request.endpoint.authority.as_str();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let is_alias = is_microsofts(host)
            && (request.method == Method::Get || self.trusted.iter().any(|it| is_microsofts(it)));
        let is_trusted = self.trusted.iter().any(|trusted| trusted == host);
        assert!(is_trusted || is_alias, "a request to {url}");
        let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        assert!(request.endpoint.is_https || is_loopback, "a request to {url}");
        assert!(request.method == Method::Post || request.body.expose().is_empty(), "{url}");
        for (name, value) in &request.headers {
            check_text(value);
            assert!(!value.bytes().any(|byte| byte.is_ascii_control()), "{name}: {value:?}");
        }
    }
}

/// Runs to the end: no future of this host waits.
pub(super) fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a host call that waits"),
    }
}

/// From here on, a choice of the store is a delay.
const SLOW: u8 = 200;
/// Six for each of 4,000 pauses, and the token request.
const MOST_CALLS: u32 = 25_000;
