//! An instance of the component: the core over a host in virtual time.

use std::cell::Cell;
use std::future::Future as _;
use std::future::pending;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use msal_wasi::acquire::acquire_token_for_client;
use msal_wasi::application::ApplicationParts;
use msal_wasi::application::StoreName;
use msal_wasi::credential::AssertionRequest;
use msal_wasi::error::AcquireError;
use msal_wasi::host::Host;
use msal_wasi::http::HttpRequest;
use msal_wasi::http::HttpResponse;
use msal_wasi::http::SendError;
use msal_wasi::outcome::AuthenticationResult;
use msal_wasi::outcome::TokenSource;
use msal_wasi::request::TokenRequestParts;
use msal_wasi::secret::Secret;
use msal_wasi::time::Moment;

use crate::authority::Arrival;
use crate::authority::Verdict;
use crate::authority::to_number;
use crate::authority::to_token;
use crate::clocks::InstanceClock;
use crate::death::DeathMoment;
use crate::death::HostCall;
use crate::group::Group;
use crate::host_fault::FaultPeriod;
use crate::host_fault::HostFault;
use crate::outcome::Answer;
use crate::outcome::Ending;
use crate::outcome::Outcome;
use crate::outcome::Sent;
use crate::random::Random;
use crate::store::Operation;
use crate::store::Plan;
use crate::store::Reply;
use crate::trace::EventKind;
use crate::trace::Response;
use crate::trace::Stored;
use crate::trace::fingerprint;
use crate::world::World;

/// An instance. Every host call takes time and yields to the other instances.
pub(crate) struct Instance {
    pub(crate) world: Rc<World>,
    pub(crate) id: u32,
    pub(crate) random: Random,
    pub(crate) clock: InstanceClock,
    /// Host calls since it was created.
    pub(crate) host_calls: u32,
    /// The current call: an index into the outcomes.
    pub(crate) outcome: usize,
    fault: Option<FaultPeriod>,
    /// Whether the current call has trapped.
    has_trapped: Rc<Cell<bool>>,
}

impl Instance {
    pub(crate) fn new(
        world: Rc<World>,
        id: u32,
        random: Random,
        clock: InstanceClock,
        fault: Option<FaultPeriod>,
    ) -> Self {
        let has_trapped = Rc::default();
        Self { world, id, random, clock, host_calls: 0, outcome: 0, fault, has_trapped }
    }

    /// Makes its calls, one after another.
    pub(crate) async fn live(mut self, group: Rc<Group>, number: usize) {
        for call in 0..group.calls {
            if call > 0 {
                let pause = self.random.within(&group.pause);
                self.world.clock.sleep(pause).await;
            }
            let rejected = group.args.rejected().map(to_token);
            let has_bad_key_file = self.fault_now() == Some(HostFault::BadKeyFile);
            let (application, request) = group.args.to_parts(rejected.as_deref(), has_bad_key_file);
            self.begin(number, call);
            self.update(|outcome| outcome.host_faults += u32::from(has_bad_key_file));
            if let Some(result) = self.call(application, request).await {
                self.end(result);
            }
        }
    }

    /// Calls the core; `None` if the call traps.
    async fn call(
        &mut self,
        application: ApplicationParts,
        request: TokenRequestParts,
    ) -> Option<Result<AuthenticationResult, AcquireError>> {
        let has_trapped = Rc::clone(&self.has_trapped);
        has_trapped.set(false);
        let mut call = pin!(acquire_token_for_client(self, application, request));
        let until_trap = poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Pending if has_trapped.get() => Poll::Ready(None),
            poll => poll.map(Some),
        });
        until_trap.await
    }

    /// The fault that this host has at the moment.
    fn fault_now(&self) -> Option<HostFault> {
        let now = self.world.now();
        self.fault.as_ref().filter(|period| period.times.contains(&now)).map(|period| period.fault)
    }

    fn begin(&mut self, group: usize, call: u32) {
        let now = self.world.now();
        let mut outcomes = self.world.outcomes.borrow_mut();
        self.outcome = outcomes.len();
        outcomes.push(Outcome {
            instance: self.id,
            group,
            call,
            started: now,
            ended: now,
            ending: Ending::Never,
            host_calls: 0,
            sends: Vec::new(),
            reads: Vec::new(),
            operations: Vec::new(),
            faults: 0,
            host_faults: 0,
            found: None,
            last_write: None,
            ticket_at: None,
            writes: Vec::new(),
            in_store: Duration::ZERO,
            waited: Duration::ZERO,
            has_paused: false,
            clock_error: self.clock.error(now),
        });
        self.world.record(self.id, EventKind::Began);
    }

    fn end(&mut self, result: Result<AuthenticationResult, AcquireError>) {
        let (ending, kind) = match result {
            Ok(result) => {
                let token = to_number(result.access_token.expose());
                let number = token.and_then(|token| u32::try_from(token).ok());
                let answer = Answer {
                    token,
                    is_cached: result.metadata.token_source == TokenSource::Cache,
                    requests: result.metadata.token_requests,
                    warnings: result.metadata.warnings,
                };
                (Ending::Token(answer), EventKind::Returned(number))
            }
            Err(error) => (Ending::Failed(error.cause), EventKind::Failed),
        };
        self.update(|outcome| outcome.ending = ending);
        self.world.record(self.id, kind);
    }

    fn update(&self, change: impl FnOnce(&mut Outcome)) {
        let now = self.world.now();
        if let Some(outcome) = self.world.outcomes.borrow_mut().get_mut(self.outcome) {
            outcome.ended = now;
            outcome.clock_error = outcome.clock_error.min(self.clock.error(now));
            change(outcome);
        }
    }

    async fn enter(&mut self, call: HostCall) {
        self.host_calls += 1;
        self.update(|outcome| outcome.host_calls += 1);
        self.pass(DeathMoment::Before, call).await;
    }

    /// Returns, unless the instance dies here: then it is never polled again.
    async fn pass(&self, moment: DeathMoment, call: HostCall) {
        let nth = self.host_calls;
        if self.world.takes_death(self.id, moment, call, nth) {
            self.update(|outcome| outcome.ending = Ending::Killed);
            self.world.record(self.id, EventKind::Killed { nth, call });
            pending::<()>().await;
        }
        if moment == DeathMoment::After && self.fault_now() == Some(HostFault::NoMemory(call)) {
            self.update(|outcome| {
                outcome.ending = Ending::Killed;
                outcome.host_faults += 1;
            });
            self.world.record(self.id, EventKind::Killed { nth, call });
            self.has_trapped.set(true);
            pending::<()>().await;
        }
    }

    /// The time that the component works between two host calls.
    async fn work(&mut self) {
        let pause = self.random.within(&(Duration::ZERO..=WORK_BETWEEN_CALLS));
        self.world.clock.sleep(pause).await;
    }

    async fn store(&mut self, call: HostCall, key: &str, operation: Operation<'_>) -> Reply {
        self.enter(call).await;
        let world = Rc::clone(&self.world);
        let began = world.now();
        let plan = world.store.borrow_mut().plan(key);
        self.update(|outcome| outcome.operations.push(began));
        world.clock.sleep(plan.before).await;
        let reply = world.store.borrow_mut().take_effect(plan, operation, self.id, world.now());
        let stored = to_stored(call, plan, operation, &reply);
        world.record(self.id, EventKind::Stored(stored));
        let has_atomics = world.store.borrow().has_atomics();
        self.update(|outcome| outcome.record_operation(world.now(), &stored, has_atomics));
        self.pass(DeathMoment::During, call).await;
        world.clock.sleep(plan.after).await;
        self.update(|outcome| {
            outcome.in_store += world.now() - began;
            if call == HostCall::Get {
                outcome.reads.push(began);
            }
        });
        self.pass(DeathMoment::After, call).await;
        reply
    }
}

impl Host for Instance {
    fn time_in_store(&self) -> Duration {
        self.world.outcomes.borrow().get(self.outcome).map_or(Duration::ZERO, |call| call.in_store)
    }

    async fn now(&mut self) -> Moment {
        self.enter(HostCall::Now).await;
        self.work().await;
        let moment = self.clock.show(self.world.start, self.world.now());
        self.pass(DeathMoment::During, HostCall::Now).await;
        self.pass(DeathMoment::After, HostCall::Now).await;
        moment
    }

    async fn random(&mut self, buffer: &mut [u8]) {
        self.enter(HostCall::Random).await;
        self.work().await;
        self.random.fill(buffer);
        self.pass(DeathMoment::During, HostCall::Random).await;
        self.pass(DeathMoment::After, HostCall::Random).await;
    }

    async fn get(&mut self, _store: &StoreName, key: &str) -> Result<Option<Vec<u8>>, String> {
        match self.store(HostCall::Get, key, Operation::Get).await {
            Reply::Value(value) => Ok(value.map(|value| value.to_vec())),
            Reply::Error(error) => Err(error.to_owned()),
            other => Err(format!("{other:?}")),
        }
    }

    async fn set(&mut self, _store: &StoreName, key: &str, value: &[u8]) -> Result<(), String> {
        match self.store(HostCall::Set, key, Operation::Set(value)).await {
            Reply::Error(error) => Err(error.to_owned()),
            _ => Ok(()),
        }
    }

    async fn delete(&mut self, _store: &StoreName, key: &str) -> Result<(), String> {
        match self.store(HostCall::Delete, key, Operation::Delete).await {
            Reply::Error(error) => Err(error.to_owned()),
            _ => Ok(()),
        }
    }

    async fn increment(&mut self, _store: &StoreName, key: &str) -> Result<u64, String> {
        match self.store(HostCall::Increment, key, Operation::Increment).await {
            Reply::Count(count) => Ok(count),
            Reply::Error(error) => Err(error.to_owned()),
            other => Err(format!("{other:?}")),
        }
    }

    async fn send(
        &mut self,
        request: HttpRequest,
        within: Duration,
    ) -> Result<HttpResponse, SendError> {
        self.enter(HostCall::Send).await;
        let world = Rc::clone(&self.world);
        let sent = world.now();
        let clock_error = self.clock.error(sent);
        if let Some((after, error)) = self.fault_now().and_then(HostFault::prevents_sending) {
            self.update(|outcome| outcome.host_faults += 1);
            self.pass(DeathMoment::During, HostCall::Send).await;
            world.clock.sleep(after.min(within)).await;
            self.pass(DeathMoment::After, HostCall::Send).await;
            return Err(error);
        }
        let timed_out = || Err(SendError::Silent("no answer in time".to_owned()));
        self.update(|outcome| outcome.sends.push(Sent { at: sent, until: sent, answer: None }));
        let (way, rest) = world.authority.borrow_mut().latency();
        if way >= within {
            self.pass(DeathMoment::During, HostCall::Send).await;
            world.clock.sleep(within).await;
            self.update(|outcome| outcome.set_answer(world.now(), None));
            self.pass(DeathMoment::After, HostCall::Send).await;
            return timed_out();
        }
        world.clock.sleep(way).await;
        let arrival = Arrival {
            request: &request,
            sent,
            now: world.now(),
            instance: self.id,
            outcome: self.outcome,
            clock_error,
        };
        let handled = world.authority.borrow_mut().handle(&arrival, rest);
        let request = u32::try_from(handled.request).unwrap_or(u32::MAX);
        world.record(self.id, EventKind::Requested { request, verdict: handled.verdict });
        self.pass(DeathMoment::During, HostCall::Send).await;
        let left = within - way;
        let (answer, verdict) = match handled.after {
            Some(after) if after < left => {
                world.clock.sleep(after).await;
                (handled.answer, Some(handled.verdict))
            }
            _ => {
                world.clock.sleep(left).await;
                (timed_out(), None)
            }
        };
        self.update(|outcome| outcome.set_answer(world.now(), verdict));
        if verdict == Some(Verdict::NotConnected) {
            self.update(|outcome| outcome.host_faults += 1);
        }
        self.pass(DeathMoment::After, HostCall::Send).await;
        answer
    }

    async fn assertion(&mut self, _request: AssertionRequest) -> Result<Secret<String>, String> {
        if self.fault_now() == Some(HostFault::NoProvider) {
            self.update(|outcome| outcome.host_faults += 1);
            return Err("this host has no assertion provider".to_owned());
        }
        self.work().await;
        Ok(Secret::from("a.b.c".to_owned()))
    }

    async fn sleep(&mut self, pause: Duration) {
        self.enter(HostCall::Sleep).await;
        self.world.record(self.id, EventKind::Waiting(pause));
        self.update(|outcome| {
            outcome.has_paused |= outcome.sends.is_empty();
            if outcome.sends.is_empty() && outcome.host_faults == 0 {
                outcome.waited += pause;
            }
        });
        self.world.clock.sleep(pause).await;
        self.pass(DeathMoment::During, HostCall::Sleep).await;
        self.pass(DeathMoment::After, HostCall::Sleep).await;
    }
}

fn to_stored(call: HostCall, plan: Plan, operation: Operation<'_>, reply: &Reply) -> Stored {
    let value = match (operation, reply) {
        (Operation::Set(value), _) => fingerprint(value.iter().copied()),
        (_, Reply::Value(Some(value))) => fingerprint(value.iter().copied()),
        _ => 0,
    };
    Stored { call, name: plan.name, value, response: to_response(reply), fault: plan.fault }
}

fn to_response(reply: &Reply) -> Response {
    match reply {
        Reply::Value(None) => Response::Nothing,
        Reply::Value(Some(value)) => {
            Response::Bytes(u32::try_from(value.len()).unwrap_or(u32::MAX))
        }
        Reply::Done => Response::Done,
        Reply::Count(count) => Response::Count(*count),
        Reply::Error(_) => Response::Error,
    }
}

/// Sealing and opening an entry take about this long in a component.
const WORK_BETWEEN_CALLS: Duration = Duration::from_micros(50);
