//! What the native tests share: untrusted values as JSON, a tab that does what its session says as the browser's driver does, and a browser
//! in which several tabs share one register that each of them sees late.

#![allow(dead_code, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::VecDeque;
use std::rc::Rc;

use authframe::dialect::{Native, NativeMessage};
use authframe::session::{
    AcquireReason, AuthStatus, Config, Decoder, Encode, Encoder, Error, Event, Found, Grant, Id, Identity, Kept, Lock, Malformed, Millis,
    Output, Parent, Pause, Reason, Refusal, Session, SessionView, StoreFailure, Stored, Task,
};
use serde_json::{Map, Value, json};

/// The page that embeds the widget.
pub(crate) const HOST: &str = "https://host.example";

/// An untrusted value, read by the same rules as `JsDecoder` in the browser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonDecoder(pub(crate) Value);

impl JsonDecoder {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

impl Decoder for JsonDecoder {
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.encode_utf16().count() <= max as usize => Ok(Some(text.clone())),
            Some(_) => Err(Malformed),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
        self.get(key).map_or(Ok(None), |value| value.as_f64().map(Some).ok_or(Malformed))
    }

    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool {
        let fits = |text: &Value| text.as_str().is_some_and(|text| text.encode_utf16().count() <= max as usize);
        self.get(key).is_none_or(|list| list.as_array().is_some_and(|list| list.len() <= count as usize && list.iter().all(fits)))
    }

    fn truthy(&self, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }

    fn parsed(&self) -> Option<Self> {
        serde_json::from_str(self.0.as_str()?).ok().filter(Value::is_object).map(Self)
    }

    fn child(&self, key: &str) -> Result<Option<Self>, Malformed> {
        match self.get(key) {
            None => Ok(None),
            // A list is an object, as in JavaScript.
            Some(value @ (Value::Object(_) | Value::Array(_))) => Ok(Some(Self(value.clone()))),
            Some(_) => Err(Malformed),
        }
    }
}

/// What is sent, stored or handed over, as JSON; what is missing as `null`.
pub(crate) fn to_value(record: &dyn Encode) -> Value {
    let mut properties = Properties::default();
    record.encode(&mut properties);
    Value::Object(properties.0)
}

/// How vectors write what JSON has no word for.
pub(crate) const UNDEFINED: &str = "$undefined";

#[derive(Default)]
struct Properties(Map<String, Value>);

impl Properties {
    fn put(&mut self, key: &str, value: Value) {
        assert_eq!(self.0.insert(key.to_owned(), value), None, "{key} comes once");
    }
}

impl Encoder for Properties {
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        self.put(key, text.into());
    }

    fn number(&mut self, key: &'static str, number: Option<f64>) {
        // JSON knows no NaN and no infinity: `JSON.stringify` makes them null as well.
        self.put(key, number.map_or(Value::Null, number_value));
    }

    fn words(&mut self, key: &'static str, words: &str) {
        self.put(key, words.split(' ').collect());
    }

    fn undefined(&mut self, key: &'static str) {
        self.put(key, UNDEFINED.into());
    }

    fn flag(&mut self, key: &'static str, flag: bool) {
        self.put(key, flag.into());
    }

    fn record(&mut self, key: &'static str, record: Option<&dyn Encode>) {
        self.put(key, record.map_or(Value::Null, to_value));
    }
}

fn number_value(number: f64) -> Value {
    if number as i64 as f64 == number { json!(number as i64) } else { json!(number) }
}

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

/// What the session wants of the credential store.
#[derive(Clone, Debug)]
pub(crate) struct StoreTask {
    pub(crate) id: u32,
    pub(crate) task: Task,
    pub(crate) credential: Option<Grant>,
}

/// The credential store as the shell keeps it: a record as it is stored, and the credential, which is sealed there and plain here. A transaction is one call.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    /// Whether there is one.
    pub(crate) there: bool,
    pub(crate) record: Option<Value>,
    pub(crate) credential: Option<Grant>,
    /// Whether the credential can be decrypted.
    pub(crate) damaged: bool,
    /// Which tab has the Web Lock, by the place that the test gives it; `None` where nobody has it.
    pub(crate) lock: Lock,
    pub(crate) writes: usize,
}

impl Vault {
    pub(crate) const fn new() -> Self {
        Self { there: true, record: None, credential: None, damaged: false, lock: Lock::Unsupported, writes: 0 }
    }

    /// Runs a task's transaction, and gives what the shell would read in it.
    pub(crate) fn transact(&mut self, tab: &mut Tab, task: &StoreTask) -> Result<Option<Grant>, StoreFailure> {
        let found = match &self.record {
            _ if !self.there => Found::NoStore,
            record => Found::read(record.clone().map(JsonDecoder).as_ref()),
        };
        let lock = if matches!(task.task, Task::Take { .. }) { self.lock } else { Lock::Unsupported };
        if let Some(record) = tab.session.handle_store_found(tab.now, task.id, lock, &found) {
            self.writes += 1;
            match record.credential {
                Kept::Nothing => self.credential = None,
                Kept::New => self.credential.clone_from(&task.credential),
                Kept::Same => {}
            }
            let mut value = to_value(&record);
            // As in the shell: there is one, or there is none.
            value["credential"] = json!(u32::from(record.credential != Kept::Nothing));
            self.record = Some(value);
        }
        if self.damaged && matches!(task.task, Task::Look | Task::Take { .. }) {
            return Err(StoreFailure::Damaged);
        }
        Ok(self.credential.clone())
    }

    /// Who has the lease.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.record.as_ref()?["lease"]["owner"].as_str()
    }
}

/// One tab: a session, and what the browser shell does around it, in the order in which `src/browser/driver.rs` does it.
pub(crate) struct Tab {
    pub(crate) session: Machine,
    pub(crate) now: Millis,
    /// The nonces to come; when there are none left, counted ones.
    pub(crate) nonces: VecDeque<[u64; 2]>,
    /// What this tab sees in the shared record.
    pub(crate) register: Option<Value>,
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
            register: None,
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
    pub(crate) fn started(config: Config, number: u8, register: Option<Value>, parent: Parent) -> Self {
        let mut tab = Self::new(config, number);
        tab.register = register;
        tab.enter(|session, now| session.handle_start(now, parent, false)).unwrap();
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

    /// Forgets what was said, heard and written until now.
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
                self.register = Some(record.clone());
                self.writes.push(record);
            }
            Output::Emit(event) => self.events.push(event),
        }
    }

    /// What stands in the shared record, as the shell reads it.
    pub(crate) fn stored(&self) -> Stored {
        read_stored(self.register.as_ref())
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
    pub(crate) fn window(&mut self, from_parent: bool, origin: &str, message: Value) {
        self.enter(|session, now| session.handle_window(now, from_parent, origin, JsonDecoder(message)));
    }

    /// An honest knock.
    pub(crate) fn knock(&mut self) {
        self.window(true, HOST, json!({"type": "authframe:knock", "channel": ""}));
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

    /// Signs everybody out.
    pub(crate) fn sign_out(&mut self) {
        self.enter(|session, _| session.sign_out(Reason::User)).unwrap();
    }

    /// A storage event that speaks of the shared record.
    pub(crate) fn storage_event(&mut self) {
        self.enter(|session, _| session.handle_storage_event());
    }

    /// Somebody else changed the shared record, and the event came.
    pub(crate) fn changed_elsewhere(&mut self, value: Option<Value>) {
        self.register = value;
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
    pub(crate) fn store_step(&mut self, vault: &mut Vault) -> bool {
        let Some(task) = self.next_task() else {
            return false;
        };
        let decided = vault.transact(self, &task);
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

    /// Every session that the application heard of.
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
                let about = about.as_deref().cloned();
                let (identity, credential) = if *reason == AcquireReason::Refresh { (None, about) } else { (about, None) };
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

/// What the shell makes of a register's content.
pub(crate) fn read_stored(value: Option<&Value>) -> Stored {
    value.map_or(Stored::Empty, |value| Stored::read(&JsonDecoder(value.clone())))
}

/// A grant, or an identity, made of what the application or the host gave.
pub(crate) fn read_grant(value: Value) -> Grant {
    Grant::read(&JsonDecoder(value)).expect("a grant")
}

/// A grant without a token.
pub(crate) fn grant(subject: &str) -> Grant {
    read_grant(json!({"account": {"subject": subject}}))
}

/// A grant with a token.
pub(crate) fn grant_with(subject: &str, token: &str) -> Grant {
    read_grant(json!({"account": {"subject": subject, "name": "A name"}, "accessToken": token, "expiresAt": 1_900_000_000_000_u64}))
}

/// How a tab writes its name.
pub(crate) fn writer(number: u8) -> String {
    format!("{number:02x}").repeat(8)
}

/// Several tabs of one partition. A tab sees its own writes at once; they reach the shared record later, in an order that [`commit`](Self::commit)
/// decides; and what stands in the shared record reaches each other tab later still, one change after the other, as [`deliver`](Self::deliver)
/// decides. Until then a tab reads what it saw last: that is how Chromium's processes behave, and why merging in memory is not enough.
pub(crate) struct Browser {
    pub(crate) tabs: Vec<Tab>,
    log: Vec<Entry>,
    // Per tab.
    ends: Vec<End>,
    /// WebKit: a tab hears of its own writes too.
    pub(crate) echo: bool,
}

#[derive(Clone)]
struct Entry {
    writer: Option<usize>,
    value: Option<Value>,
}

struct End {
    // How many of the tab's writes were taken from it.
    taken: usize,
    // Written by the tab, not yet in the shared record.
    outbox: VecDeque<Value>,
    // How far in the log the tab has seen.
    seen: usize,
    // How many of its own writes are in the shared record, but not yet known to be so.
    unconfirmed: usize,
}

impl Browser {
    pub(crate) fn new(echo: bool) -> Self {
        Self { tabs: Vec::new(), log: Vec::new(), ends: Vec::new(), echo }
    }

    /// What stands in the shared record.
    pub(crate) fn register(&self) -> Option<&Value> {
        self.log.last().and_then(|entry| entry.value.as_ref())
    }

    /// Opens a tab: it reads what stands in the shared record now.
    pub(crate) fn open(&mut self, config: Config) -> usize {
        let number = u8::try_from(self.tabs.len() + 1).unwrap();
        let tab = Tab::started(config, number, self.register().cloned(), Parent::None);
        self.ends.push(End { taken: 0, outbox: VecDeque::new(), seen: self.log.len(), unconfirmed: 0 });
        self.tabs.push(tab);
        let place = self.tabs.len() - 1;
        self.collect(place);
        place
    }

    /// Something happens in one tab.
    pub(crate) fn act<R>(&mut self, tab: usize, act: impl FnOnce(&mut Tab) -> R) -> R {
        let result = act(&mut self.tabs[tab]);
        self.collect(tab);
        result
    }

    fn collect(&mut self, place: usize) {
        let (tab, end) = (&self.tabs[place], &mut self.ends[place]);
        end.outbox.extend(tab.writes[end.taken..].iter().cloned());
        end.taken = tab.writes.len();
    }

    /// Whether a tab has a write that is not in the shared record yet.
    pub(crate) fn can_commit(&self, tab: usize) -> bool {
        !self.ends[tab].outbox.is_empty()
    }

    /// A tab's oldest waiting write reaches the shared record. The last one there wins.
    pub(crate) fn commit(&mut self, tab: usize) {
        if let Some(value) = self.ends[tab].outbox.pop_front() {
            self.ends[tab].unconfirmed += 1;
            self.log.push(Entry { writer: Some(tab), value: Some(value) });
        }
    }

    /// Somebody who is no tab of ours puts this into the shared record.
    pub(crate) fn put(&mut self, value: Option<Value>) {
        self.log.push(Entry { writer: None, value });
    }

    /// Whether a tab has not seen everything.
    pub(crate) fn can_deliver(&self, tab: usize) -> bool {
        self.ends[tab].seen < self.log.len()
    }

    /// A tab sees the next change, and hears of it if it is another's and a change.
    pub(crate) fn deliver(&mut self, tab: usize) {
        let end = &mut self.ends[tab];
        let Some(entry) = self.log.get(end.seen).cloned() else {
            return;
        };
        let before = end.seen.checked_sub(1).and_then(|place| self.log[place].value.clone());
        end.seen += 1;
        let own = entry.writer == Some(tab);
        if own {
            end.unconfirmed -= 1;
        }
        // As long as a write of its own is under way, a tab sees that one.
        if end.outbox.is_empty() && end.unconfirmed == 0 {
            self.tabs[tab].register.clone_from(&entry.value);
        }
        if entry.value != before && (!own || self.echo) {
            self.tabs[tab].storage_event();
            self.collect(tab);
        }
    }

    /// Lets everything arrive, until nobody has anything to say any more.
    pub(crate) fn settle(&mut self) {
        for _ in 0..200 {
            let mut quiet = true;
            for tab in 0..self.tabs.len() {
                while self.can_commit(tab) {
                    self.commit(tab);
                    quiet = false;
                }
            }
            for tab in 0..self.tabs.len() {
                while self.can_deliver(tab) {
                    self.deliver(tab);
                    quiet = false;
                }
            }
            if quiet {
                return;
            }
        }
        panic!("the tabs never stop writing: {:?}", self.log.iter().rev().take(6).map(|entry| &entry.value).collect::<Vec<_>>());
    }

    /// How many writes reached the shared record or are on their way.
    pub(crate) fn writes(&self) -> usize {
        self.tabs.iter().map(|tab| tab.writes.len()).sum()
    }
}
