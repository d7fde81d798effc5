//! Tabs of one partition, their credential store, and a token server whose refresh tokens are good once.

use std::collections::BTreeMap;

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{
    AcquireFailure, Acquired, Config, Credentials, Error, Event, Grant, Lock, Millis, OwnOrigin, Parent, Reason, Session, StoreFailure,
    Task,
};
use serde_json::{Value, json};

use crate::support::{Asked, CredentialStore, StoreTask, Tab, config, read_grant};

pub(crate) const WALL: f64 = 1_767_225_600_000.0;
pub(crate) const HOUR: Millis = 3_600_000;

pub(crate) fn sealed() -> Config {
    config().acquire(true).credentials(Credentials::Sealed)
}

/// Tabs of one partition, and the server. Nothing is late here: what is late is what a test holds back.
pub(crate) struct Site {
    pub(crate) config: Config,
    pub(crate) tabs: Vec<Option<Tab>>,
    pub(crate) store: CredentialStore,
    pub(crate) shared_record: Option<Value>,
    pub(crate) locks: bool,
    pub(crate) holder: Option<usize>,
    pub(crate) now: Millis,
    pub(crate) server: Server,
}

/// Refresh tokens that are good once. `strict`: one that comes again ends them all; else it is taken once more.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) strict: bool,
    pub(crate) made: u32,
    // Every token, and whether it was used.
    pub(crate) tokens: BTreeMap<String, bool>,
    pub(crate) revoked: bool,
    pub(crate) requests: u32,
}

impl Server {
    pub(crate) fn grant(&mut self, subject: &str) -> Value {
        self.made += 1;
        let (access, refresh) = (format!("access {}", self.made), format!("refresh {}", self.made));
        self.tokens.insert(refresh.clone(), false);
        json!({"account": subject, "accessToken": access, "refreshToken": refresh, "expiresIn": 3600})
    }

    pub(crate) fn renew(&mut self, refresh: &str) -> Acquired {
        self.requests += 1;
        let used = self.tokens.insert(refresh.to_owned(), true).expect("a token of ours");
        self.revoked |= used && self.strict;
        if self.revoked { Err(AcquireFailure::Refused) } else { Ok(read_grant(self.grant("ada")).into()) }
    }
}

impl Site {
    pub(crate) fn new(config: Config, tabs: usize) -> Self {
        let mut site = Self {
            config,
            tabs: Vec::new(),
            store: CredentialStore::new(),
            shared_record: None,
            locks: true,
            holder: None,
            now: 1000,
            server: Server { strict: true, ..Server::default() },
        };
        for _ in 0..tabs {
            site.open();
        }
        site.settle();
        site
    }

    /// Tabs that all know that ada is signed in, and nothing else to announce.
    pub(crate) fn signed_in(config: Config, tabs: usize) -> Self {
        let mut site = Self::new(config, tabs);
        site.sign_in(0, "ada");
        site.settle();
        site.forget();
        site
    }

    pub(crate) fn forget(&mut self) {
        self.tabs.iter_mut().flatten().for_each(Tab::forget);
    }

    pub(crate) fn open(&mut self) -> usize {
        let mut tab = Tab::new(self.config.clone(), u8::try_from(self.tabs.len() + 1).unwrap());
        tab.shared_record.clone_from(&self.shared_record);
        self.tabs.push(Some(tab));
        let place = self.tabs.len() - 1;
        self.act(place, |tab| tab.enter(|session, now| session.handle_start(now, Parent::None, OwnOrigin::Tuple)).unwrap());
        place
    }

    pub(crate) fn kill(&mut self, tab: usize) {
        self.tabs[tab] = None;
        self.holder.take_if(|holder| *holder == tab);
    }

    pub(crate) fn tab(&self, tab: usize) -> &Tab {
        self.tabs[tab].as_ref().expect("a living tab")
    }

    /// Something happens in one tab, and the others receive what it writes.
    pub(crate) fn act<R>(&mut self, place: usize, act: impl FnOnce(&mut Tab) -> R) -> R {
        let tab = self.tabs[place].as_mut().expect("a living tab");
        tab.now = self.now;
        tab.shared_record.clone_from(&self.shared_record);
        tab.session.set_wall_clock(self.now, WALL + self.now as f64);
        let cancelled = tab.cancelled();
        let result = act(tab);
        if tab.cancelled() > cancelled {
            self.holder.take_if(|holder| *holder == place);
        }
        for value in std::mem::take(&mut tab.writes) {
            self.shared_record = Some(value.clone());
            for other in (0..self.tabs.len()).filter(|other| *other != place) {
                if self.tabs[other].is_some() {
                    self.act(other, &mut (|tab: &mut Tab| tab.changed_elsewhere(Some(value.clone()))) as &mut dyn FnMut(&mut Tab));
                }
            }
        }
        result
    }

    /// The oldest task of a tab: its transaction, and then its end. Gives its name.
    pub(crate) fn step(&mut self, tab: usize) -> Option<&'static str> {
        let (task, decided) = self.transact(tab)?;
        self.done(tab, &task, decided);
        Some(task.task.as_str())
    }

    pub(crate) fn transact(&mut self, tab: usize) -> Option<(StoreTask, Result<Option<Grant>, StoreFailure>)> {
        let task = self.tabs[tab].as_mut()?.next_task()?;
        let take = matches!(task.task, Task::Take { .. });
        self.store.lock = match self.holder {
            _ if !self.locks => Lock::Unsupported,
            Some(holder) if holder != tab => Lock::Elsewhere,
            _ => Lock::Held,
        };
        if take && self.store.lock == Lock::Held {
            self.holder = Some(tab);
        }
        let (mut store, writes) = (self.store.clone(), self.store.writes);
        let decided = self.act(tab, |tab| store.transact(tab, &task));
        self.store = store;
        if take && self.store.writes == writes && self.store.there {
            self.holder.take_if(|holder| *holder == tab);
        }
        Some((task, decided))
    }

    pub(crate) fn done(&mut self, place: usize, task: &StoreTask, decided: Result<Option<Grant>, StoreFailure>) {
        self.act(place, |tab| tab.store_done(task.id, decided));
        if matches!(task.task, Task::Release { .. } | Task::Keep { .. }) {
            self.holder.take_if(|holder| *holder == place);
        }
    }

    /// All tasks of all tabs.
    pub(crate) fn settle(&mut self) {
        for _ in 0..200 {
            let living: Vec<usize> = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].is_some()).collect();
            let steps = living.into_iter().filter_map(|tab| self.step(tab)).count();
            if steps == 0 {
                return;
            }
        }
        panic!("it never becomes quiet");
    }

    pub(crate) fn sign_in(&mut self, tab: usize, subject: &str) {
        let grant = read_grant(self.server.grant(subject));
        self.act(tab, |tab| tab.enter(|session, _| session.authorize(grant))).unwrap();
    }

    pub(crate) fn sign_out(&mut self, tab: usize) {
        self.act(tab, Tab::sign_out);
    }

    /// Time passes, and each tab that is due is called, one after the other.
    pub(crate) fn pass(&mut self, millis: Millis) {
        self.settle();
        let end = self.now + millis;
        loop {
            let due = |tab: &Tab| tab.session.poll_timeout();
            let next = (0..self.tabs.len()).filter_map(|tab| Some((self.tabs[tab].as_ref().and_then(due)?, tab))).min();
            match next.filter(|(due, _)| *due <= end) {
                Some((due, tab)) => {
                    self.now = self.now.max(due);
                    self.act(tab, |tab| tab.enter(Session::handle_timeout));
                    self.settle();
                }
                None => break,
            }
        }
        self.now = end;
    }

    /// Time passes until a tab asks the server.
    pub(crate) fn pass_until_asked(&mut self) -> (usize, Asked) {
        for _ in 0..100_000 {
            let tab = (0..self.tabs.len()).find(|tab| self.tabs[*tab].as_ref().is_some_and(|tab| !tab.asked().is_empty()));
            if let Some(tab) = tab {
                return (tab, self.tab(tab).asked().remove(0));
            }
            self.pass(100);
        }
        panic!("no tab asks");
    }

    /// A caller wants a token that is good for a whole day: the refresh begins now.
    pub(crate) fn want(&mut self, tab: usize) -> Result<bool, Error> {
        self.act(tab, |tab| tab.enter(|session, now| session.access_token(now, 24 * HOUR))).map(|token| token.is_some())
    }

    /// The refresh begins, and its tab holds the lease.
    pub(crate) fn begin(&mut self, tab: usize) -> Asked {
        assert_eq!(self.want(tab), Ok(false));
        assert_eq!(self.step(tab), Some("take"));
        self.tab(tab).asked().pop().expect("a request")
    }

    pub(crate) fn send(&mut self, asked: &Asked) -> Acquired {
        self.server.renew(asked.credential.as_ref().expect("a credential").refresh_token.as_ref().expect("a refresh token").expose())
    }

    pub(crate) fn answer(&mut self, tab: usize, asked: &Asked, result: Acquired) {
        self.act(tab, |tab| tab.enter(|session, now| session.handle_acquired(now, asked.id, result)));
    }

    pub(crate) fn refresh(&mut self, tab: usize) {
        let asked = self.begin(tab);
        let result = self.send(&asked);
        self.answer(tab, &asked, result);
        self.settle();
    }

    pub(crate) fn token(&mut self, tab: usize) -> Result<String, Error> {
        self.act(tab, Tab::token)
    }

    pub(crate) fn token_results(&self, tab: usize) -> Vec<Result<(), Error>> {
        self.tab(tab).events.iter().filter_map(|event| if let Event::Token(result) = event { Some(*result) } else { None }).collect()
    }

    pub(crate) fn failures(&self, tab: usize) -> Vec<Error> {
        self.tab(tab).events.iter().filter_map(|event| if let Event::Failed(error) = event { Some(*error) } else { None }).collect()
    }

    pub(crate) fn all_are_out(&self, reason: Reason) {
        for tab in self.tabs.iter().flatten() {
            assert_eq!(tab.state(), (Unauthorized, reason));
        }
        assert!(self.store.credential.is_none(), "nothing is left");
        assert_eq!(self.shared_record.as_ref().unwrap()["status"], "unauthorized");
    }

    pub(crate) fn all_have(&mut self, token: &str) {
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].is_some() {
                assert_eq!(self.token(tab).as_deref(), Ok(token), "tab {tab}");
            }
        }
    }
}
