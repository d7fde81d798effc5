//! A tab that does what its session says, as the browser's driver does.

use std::collections::VecDeque;
use std::rc::Rc;

use authframe::dialect::{Native, NativeMessage};
use authframe::session::{
    AcquireAbout, AcquireReason, AuthStatus, Config, Error, Event, Grant, Id, Identity, Malformed, Millis, Output, OwnOrigin, Parent,
    Pause, Reason, Refusal, Session, SessionView, Source, StoreFailure, Stored,
};
use serde_json::{Value, json};

use super::credential_store::{CredentialStore, StoreTask};
use super::grants::{grant, grant_with};
use super::json::{JsonDecoder, read_stored, to_value};

/// The page that embeds the widget.
pub(crate) const HOST: &str = "https://host.example";

/// The session machine under test.
pub(crate) type Machine = Session<JsonDecoder, Native>;

/// What a widget posted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// To the parent window, with a fresh port.
    Window { origin: String, message: Value },
    /// On the private port.
    Port(Value),
}

impl Said {
    /// `window` or `port`.
    pub(crate) const fn on(&self) -> &'static str {
        match self {
            Self::Window { .. } => "window",
            Self::Port(_) => "port",
        }
    }

    /// What was said.
    pub(crate) const fn message(&self) -> &Value {
        match self {
            Self::Window { message, .. } | Self::Port(message) => message,
        }
    }

    /// The type of what was said.
    pub(crate) fn kind(&self) -> &str {
        self.message()["type"].as_str().unwrap()
    }
}

/// What an acquire asks of the application.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: u32,
    pub(crate) reason: AcquireReason,
    pub(crate) identity: Option<Identity>,
    pub(crate) credential: Option<Grant>,
}

/// One tab: a session, and what the browser shell does around it, in the order in which `src/browser/driver.rs` does it.
pub(crate) struct Tab {
    pub(crate) session: Machine,
    pub(crate) now: Millis,
    /// The nonces to come; when there are none left, counted ones.
    pub(crate) nonces: VecDeque<[u64; 2]>,
    /// What this tab sees in the shared record.
    pub(crate) shared_record: Option<Value>,
    /// Every write.
    pub(crate) writes: Vec<Value>,
    /// What stands beside the shared record, and how often that was written or removed.
    pub(crate) pause: Option<Result<Pause, Malformed>>,
    pub(crate) pauses: u32,
    pub(crate) reads: u32,
    pub(crate) said: VecDeque<Said>,
    pub(crate) events: Vec<Event<JsonDecoder>>,
    /// The `Debug` text of every output, if wanted.
    pub(crate) log: Option<String>,
    /// Tasks for the credential store that wait.
    pub(crate) store_tasks: VecDeque<StoreTask>,
    events_seen: usize,
    hellos: u8,
    renewals: u32,
    // Whether there is a port, and whether its other end is still here.
    port: Option<bool>,
}

/// The allow-list of the tests: one host.
pub(crate) fn config() -> Config {
    Config::new([HOST]).unwrap()
}

impl Tab {
    /// A tab that has not begun.
    pub(crate) fn new(config: Config, number: u8) -> Self {
        let dialect = Native::new(&config);
        Self {
            session: Session::new(config, Id(u64::from_be_bytes([number; 8])), dialect),
            now: 1000,
            nonces: VecDeque::new(),
            shared_record: None,
            writes: Vec::new(),
            pause: None,
            pauses: 0,
            reads: 0,
            said: VecDeque::new(),
            events: Vec::new(),
            log: None,
            store_tasks: VecDeque::new(),
            events_seen: 0,
            hellos: 0,
            renewals: 0,
            port: None,
        }
    }

    /// A tab that stands alone: no host.
    pub(crate) fn alone(config: Config, number: u8) -> Self {
        Self::started(config, number, None, Parent::None)
    }

    /// A tab that found this in the shared record.
    pub(crate) fn started(config: Config, number: u8, shared_record: Option<Value>, parent: Parent) -> Self {
        let mut tab = Self::new(config, number);
        tab.shared_record = shared_record;
        tab.enter(|session, now| session.handle_start(now, parent, OwnOrigin::Tuple)).unwrap();
        tab
    }

    /// A tab that is embedded by [`HOST`] and connected, the traffic of the handshake forgotten.
    pub(crate) fn connected(config: Config, number: u8) -> Self {
        let mut tab = Self::started(config, number, None, Parent::Known(HOST.to_owned()));
        tab.shake_hands();
        tab.forget();
        tab
    }

    /// Plays the host: answers the newest hello with a welcome.
    pub(crate) fn shake_hands(&mut self) {
        let hello = self.said.iter().rfind(|said| said.on() == "window").expect("a hello");
        let welcome = json!({"type": "welcome", "version": 1, "nonce": hello.message()["nonce"], "capabilities": ["sign-in"]});
        self.host_says(welcome);
    }

    /// Forgets what was said, emitted and written until now.
    pub(crate) fn forget(&mut self) {
        // What the credential store is to do is not forgotten.
        if let Some(task) = self.next_task() {
            self.store_tasks.push_front(task);
        }
        self.said.clear();
        self.events.clear();
        self.events_seen = 0;
        self.writes.clear();
        self.reads = 0;
    }

    /// One input, and then everything that the session says.
    pub(crate) fn enter<R>(&mut self, input: impl FnOnce(&mut Machine, Millis) -> R) -> R {
        let result = input(&mut self.session, self.now);
        self.drain();
        result
    }

    fn drain(&mut self) {
        loop {
            let outputs = self.session.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                if let Some(log) = &mut self.log {
                    log.push_str(&format!("{output:?}\n"));
                }
                self.perform(output);
            }
        }
    }

    fn perform(&mut self, output: Output<JsonDecoder, NativeMessage>) {
        match output {
            Output::OpenPort => {
                self.port = Some(true);
                self.hellos = self.hellos.wrapping_add(1);
                let nonce = self.nonces.pop_front().unwrap_or([u64::from_ne_bytes([self.hellos; 8]); 2]);
                self.session.handle_port_opened(self.now, nonce);
            }
            Output::PostWindow(message) => {
                // The other end of a channel is handed over only once.
                if let (Some(origin), Some(true)) = (self.session.host(), self.port) {
                    self.said.push_back(Said::Window { origin: origin.to_owned(), message: to_value(&message) });
                    self.port = Some(false);
                }
            }
            Output::PostPort(message) => {
                if self.port.is_some() {
                    self.said.push_back(Said::Port(to_value(&message)));
                }
            }
            Output::Ask(_) | Output::Carry(_) | Output::Report(_) => panic!("the native protocol has no use for these"),
            Output::ClosePort => self.port = None,
            Output::Read => {
                self.reads += 1;
                self.session.handle_pause(self.now, self.pause.map_or(Ok(None), |pause| pause.map(Some)));
                let stored = self.stored();
                self.session.handle_stored(self.now, stored);
            }
            Output::Pause(pause) => {
                self.pauses += 1;
                self.pause = pause.map(Ok);
            }
            Output::Write => {
                let record = to_value(self.session.snapshot());
                self.shared_record = Some(record.clone());
                self.writes.push(record);
            }
            Output::Emit(event) => self.events.push(event),
        }
    }

    /// What stands in the shared record, as the shell reads it.
    pub(crate) fn stored(&self) -> Stored {
        read_stored(self.shared_record.as_ref())
    }

    /// Whether the private port is open.
    pub(crate) const fn has_port(&self) -> bool {
        self.port.is_some()
    }

    // Inputs

    /// The host says this on the port.
    pub(crate) fn host_says(&mut self, message: Value) {
        self.enter(|session, now| session.handle_port(now, JsonDecoder(message)));
    }

    /// A window message.
    pub(crate) fn window(&mut self, source: Source, origin: &str, message: Value) {
        self.enter(|session, now| session.handle_window(now, source, origin, JsonDecoder(message)));
    }

    /// An honest knock.
    pub(crate) fn knock(&mut self) {
        self.window(Source::Parent, HOST, json!({"type": "authframe:knock", "channel": ""}));
    }

    /// Signs an account in.
    pub(crate) fn sign_in(&mut self, subject: &str) {
        self.enter(|session, _| session.authorize(grant(subject))).unwrap();
    }

    /// The same account with another token.
    pub(crate) fn renew(&mut self, subject: &str) {
        self.renewals += 1;
        let token = format!("token {} of {:?}", self.renewals, self.session.tab());
        self.enter(|session, _| session.authorize(grant_with(subject, &token))).unwrap();
    }

    /// Signs the user out everywhere.
    pub(crate) fn sign_out(&mut self) {
        self.enter(|session, _| session.sign_out(Reason::User)).unwrap();
    }

    /// A storage event that speaks of the shared record.
    pub(crate) fn storage_event(&mut self) {
        self.enter(|session, _| session.handle_storage_event());
    }

    /// Another tab changed the shared record, and the event came.
    pub(crate) fn changed_elsewhere(&mut self, value: Option<Value>) {
        self.shared_record = value;
        self.storage_event();
    }

    /// Time passes, and the timer fires if it is due.
    pub(crate) fn pass(&mut self, millis: Millis) {
        self.now += millis;
        if self.session.poll_timeout().is_some_and(|due| due <= self.now) {
            self.enter(Session::handle_timeout);
        }
    }

    /// Does the oldest task that the session has for the credential store: the transaction, and then its end.
    pub(crate) fn store_step(&mut self, store: &mut CredentialStore) -> bool {
        let Some(task) = self.next_task() else {
            return false;
        };
        let decided = store.transact(self, &task);
        self.store_done(task.id, decided);
        true
    }

    /// The oldest task that the session has for the credential store.
    pub(crate) fn next_task(&mut self) -> Option<StoreTask> {
        for event in &self.events[self.events_seen.min(self.events.len())..] {
            if let Event::CredentialStore { id, task, credential } = event {
                self.store_tasks.push_back(StoreTask { id: *id, task: *task, credential: credential.as_deref().cloned() });
            }
        }
        self.events_seen = self.events.len();
        self.store_tasks.pop_front()
    }

    /// The end of a transaction.
    pub(crate) fn store_done(&mut self, id: u32, result: Result<Option<Grant>, StoreFailure>) {
        let result = result.map(|grant| grant.map(Rc::new));
        self.enter(|session, now| session.handle_store_done(now, id, result));
    }

    /// The access token at once, for any time.
    pub(crate) fn token(&mut self) -> Result<String, Error> {
        let token = self.enter(|session, now| session.access_token(now, 0))?;
        Ok(token.expect("a token that is here").expose().to_string())
    }

    // What came of it

    /// The session now.
    pub(crate) fn view(&self) -> &SessionView {
        self.session.view()
    }

    /// Status and reason now.
    pub(crate) fn state(&self) -> (AuthStatus, Reason) {
        (self.view().status, self.view().reason)
    }

    /// The subject that is shown now.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.view().account.as_ref().map(|account| account.subject())
    }

    /// Every session that the application received.
    pub(crate) fn sessions(&self) -> Vec<&SessionView> {
        self.events.iter().filter_map(|event| if let Event::Session(view) = event { Some(&**view) } else { None }).collect()
    }

    /// Status and reason of each.
    pub(crate) fn states(&self) -> Vec<(AuthStatus, Reason)> {
        self.sessions().iter().map(|view| (view.status, view.reason)).collect()
    }

    /// Every acquire that the application was asked for.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let asked = |event: &Event<JsonDecoder>| match event {
            Event::Acquire { id, reason, about } => {
                let (identity, credential) = match about {
                    Some(AcquireAbout::Identity(identity)) => (Some(Identity::clone(identity)), None),
                    Some(AcquireAbout::Credential(grant)) => (None, Some(Grant::clone(grant))),
                    None => (None, None),
                };
                Some(Asked { id: *id, reason: *reason, identity, credential })
            }
            _ => None,
        };
        self.events.iter().filter_map(asked).collect()
    }

    /// How often an acquire was called off.
    pub(crate) fn cancelled(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::AcquireCancelled)).count()
    }

    /// What was said, by type.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.said.iter().map(Said::kind).collect()
    }

    /// The messages of one type.
    pub(crate) fn said_of(&self, kind: &str) -> Vec<Value> {
        self.said.iter().filter(|said| said.kind() == kind).map(|said| said.message().clone()).collect()
    }

    /// One counter.
    pub(crate) fn rejected(&self, refusal: Refusal) -> u32 {
        self.session.rejected()[Refusal::ALL.iter().position(|other| *other == refusal).unwrap()]
    }
}

/// How a tab writes its name.
pub(crate) fn writer(number: u8) -> String {
    format!("{number:02x}").repeat(8)
}
