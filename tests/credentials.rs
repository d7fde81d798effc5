//! Scenarios of a sign-in that lasts: the credential store, the lease, the refresh, the clocks.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::collections::BTreeMap;

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized};
use authframe::session::{
    AcquireFailure, AcquireReason, Acquired, Clock, Config, Credentials, Error, Event, Lock, Millis, Parent, Reason, Session, StoreFailure,
    Task,
};
use serde_json::{Value, json};
use support::{Asked, Tab, Vault, config, read_grant};

const WALL: f64 = 1_767_225_600_000.0;
const HOUR: Millis = 3_600_000;

fn sealed() -> Config {
    config().acquire(true).credentials(Credentials::Sealed)
}

/// Tabs of one partition, and the server. Nothing is late here: what is late is what a test holds back.
struct Site {
    config: Config,
    tabs: Vec<Option<Tab>>,
    vault: Vault,
    register: Option<Value>,
    locks: bool,
    holder: Option<usize>,
    now: Millis,
    server: Server,
}

/// Refresh tokens that are good once. `strict`: one that comes again ends them all; else it is taken once more.
#[derive(Default)]
struct Server {
    strict: bool,
    made: u32,
    // Every token, and whether it was used.
    tokens: BTreeMap<String, bool>,
    revoked: bool,
    requests: u32,
}

impl Server {
    fn grant(&mut self, subject: &str) -> Value {
        self.made += 1;
        let (access, refresh) = (format!("access {}", self.made), format!("refresh {}", self.made));
        self.tokens.insert(refresh.clone(), false);
        json!({"account": subject, "accessToken": access, "refreshToken": refresh, "expiresIn": 3600})
    }

    fn renew(&mut self, refresh: &str) -> Acquired {
        self.requests += 1;
        let used = self.tokens.insert(refresh.to_owned(), true).expect("a token of ours");
        self.revoked |= used && self.strict;
        if self.revoked { Err(AcquireFailure::Refused) } else { Ok(read_grant(self.grant("ada")).into()) }
    }
}

impl Site {
    fn new(config: Config, tabs: usize) -> Self {
        let mut site = Self {
            config,
            tabs: Vec::new(),
            vault: Vault::new(),
            register: None,
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

    /// Tabs that all know that ada is signed in, and nothing else to tell.
    fn signed_in(config: Config, tabs: usize) -> Self {
        let mut site = Self::new(config, tabs);
        site.sign_in(0, "ada");
        site.settle();
        site.forget();
        site
    }

    fn forget(&mut self) {
        self.tabs.iter_mut().flatten().for_each(Tab::forget);
    }

    fn open(&mut self) -> usize {
        let mut tab = Tab::new(self.config.clone(), u8::try_from(self.tabs.len() + 1).unwrap());
        tab.register.clone_from(&self.register);
        self.tabs.push(Some(tab));
        let place = self.tabs.len() - 1;
        self.act(place, |tab| tab.enter(|session, now| session.handle_start(now, Parent::None, false)).unwrap());
        place
    }

    fn kill(&mut self, tab: usize) {
        self.tabs[tab] = None;
        self.holder.take_if(|holder| *holder == tab);
    }

    fn tab(&self, tab: usize) -> &Tab {
        self.tabs[tab].as_ref().expect("a living tab")
    }

    /// Something happens in one tab, and the others hear what it writes.
    fn act<R>(&mut self, place: usize, act: impl FnOnce(&mut Tab) -> R) -> R {
        let tab = self.tabs[place].as_mut().expect("a living tab");
        tab.now = self.now;
        tab.register.clone_from(&self.register);
        tab.session.tell_time(self.now, WALL + self.now as f64);
        let cancelled = tab.cancelled();
        let result = act(tab);
        if tab.cancelled() > cancelled {
            self.holder.take_if(|holder| *holder == place);
        }
        for value in std::mem::take(&mut tab.writes) {
            self.register = Some(value.clone());
            for other in (0..self.tabs.len()).filter(|other| *other != place) {
                if self.tabs[other].is_some() {
                    self.act(other, &mut (|tab: &mut Tab| tab.changed_elsewhere(Some(value.clone()))) as &mut dyn FnMut(&mut Tab));
                }
            }
        }
        result
    }

    /// The oldest task of a tab: its transaction, and then its end. Gives its name.
    fn step(&mut self, tab: usize) -> Option<&'static str> {
        let (task, decided) = self.transact(tab)?;
        self.done(tab, &task, decided);
        Some(task.task.as_str())
    }

    fn transact(&mut self, tab: usize) -> Option<(support::StoreTask, Result<Option<authframe::session::Grant>, StoreFailure>)> {
        let task = self.tabs[tab].as_mut()?.next_task()?;
        let take = matches!(task.task, Task::Take { .. });
        self.vault.lock = match self.holder {
            _ if !self.locks => Lock::Unsupported,
            Some(holder) if holder != tab => Lock::Elsewhere,
            _ => Lock::Held,
        };
        if take && self.vault.lock == Lock::Held {
            self.holder = Some(tab);
        }
        let (mut vault, writes) = (self.vault.clone(), self.vault.writes);
        let decided = self.act(tab, |tab| vault.transact(tab, &task));
        self.vault = vault;
        if take && self.vault.writes == writes && self.vault.there {
            self.holder.take_if(|holder| *holder == tab);
        }
        Some((task, decided))
    }

    fn done(&mut self, place: usize, task: &support::StoreTask, decided: Result<Option<authframe::session::Grant>, StoreFailure>) {
        self.act(place, |tab| tab.store_done(task.id, decided));
        if matches!(task.task, Task::Release { .. } | Task::Keep { .. }) {
            self.holder.take_if(|holder| *holder == place);
        }
    }

    /// All tasks of all tabs.
    fn settle(&mut self) {
        for _ in 0..200 {
            let living: Vec<usize> = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].is_some()).collect();
            let steps = living.into_iter().filter_map(|tab| self.step(tab)).count();
            if steps == 0 {
                return;
            }
        }
        panic!("it never becomes quiet");
    }

    fn sign_in(&mut self, tab: usize, subject: &str) {
        let grant = read_grant(self.server.grant(subject));
        self.act(tab, |tab| tab.enter(|session, _| session.authorize(grant))).unwrap();
    }

    fn sign_out(&mut self, tab: usize) {
        self.act(tab, Tab::sign_out);
    }

    /// Time passes, and whoever is due is called, one after the other.
    fn pass(&mut self, millis: Millis) {
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
    fn pass_until_asked(&mut self) -> (usize, Asked) {
        for _ in 0..100_000 {
            let tab = (0..self.tabs.len()).find(|tab| self.tabs[*tab].as_ref().is_some_and(|tab| !tab.asked().is_empty()));
            if let Some(tab) = tab {
                return (tab, self.tab(tab).asked().remove(0));
            }
            self.pass(100);
        }
        panic!("nobody asks");
    }

    /// Somebody wants a token that is good for a whole day: the refresh begins now.
    fn want(&mut self, tab: usize) -> Result<bool, Error> {
        self.act(tab, |tab| tab.enter(|session, now| session.access_token(now, 24 * HOUR))).map(|token| token.is_some())
    }

    /// The refresh begins, and its tab holds the lease.
    fn begin(&mut self, tab: usize) -> Asked {
        assert_eq!(self.want(tab), Ok(false));
        assert_eq!(self.step(tab), Some("take"));
        self.tab(tab).asked().pop().expect("a request")
    }

    fn send(&mut self, asked: &Asked) -> Acquired {
        self.server.renew(asked.credential.as_ref().expect("a credential").refresh_token.as_ref().expect("a refresh token").expose())
    }

    fn answer(&mut self, tab: usize, asked: &Asked, result: Acquired) {
        self.act(tab, |tab| tab.enter(|session, now| session.handle_acquired(now, asked.id, result)));
    }

    fn refresh(&mut self, tab: usize) {
        let asked = self.begin(tab);
        let result = self.send(&asked);
        self.answer(tab, &asked, result);
        self.settle();
    }

    fn token(&mut self, tab: usize) -> Result<String, Error> {
        self.act(tab, Tab::token)
    }

    fn told(&self, tab: usize) -> Vec<Result<(), Error>> {
        self.tab(tab).events.iter().filter_map(|event| if let Event::Token(result) = event { Some(*result) } else { None }).collect()
    }

    fn failures(&self, tab: usize) -> Vec<Error> {
        self.tab(tab).events.iter().filter_map(|event| if let Event::Failed(error) = event { Some(*error) } else { None }).collect()
    }

    fn everybody_is_out(&self, reason: Reason) {
        for tab in self.tabs.iter().flatten() {
            assert_eq!(tab.state(), (Unauthorized, reason));
        }
        assert!(self.vault.credential.is_none(), "nothing is left");
        assert_eq!(self.register.as_ref().unwrap()["status"], "unauthorized");
    }

    fn everybody_has(&mut self, token: &str) {
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].is_some() {
                assert_eq!(self.token(tab).as_deref(), Ok(token), "tab {tab}");
            }
        }
    }
}

// The credential store

#[test]
fn a_sign_in_is_in_the_store_before_it_is_announced() {
    let mut site = Site::new(sealed(), 2);
    site.sign_in(0, "ada");
    assert_eq!(site.tab(0).state(), (Authorized, Reason::SignIn), "the tab itself need not wait");
    assert_eq!(site.register, None, "nobody may hear of it yet");
    assert_eq!(site.step(0), Some("keep"));
    assert_eq!(site.vault.record.as_ref().unwrap()["snapshot"], *site.register.as_ref().unwrap());
    assert_eq!(site.vault.record.as_ref().unwrap()["credential"], 1);
}

#[test]
fn another_tab_joins_from_the_store_and_asks_nobody() {
    let mut site = Site::new(sealed(), 3);
    site.sign_in(0, "ada");
    site.step(0);
    assert_eq!(site.tab(1).state(), (Authorizing, Reason::OtherTab));
    site.settle();
    for tab in 1..3 {
        assert_eq!((site.tab(tab).state(), site.tab(tab).subject()), ((Authorized, Reason::OtherTab), Some("ada")));
        assert!(site.tab(tab).asked().is_empty());
    }
    site.everybody_has("access 1");
}

#[test]
fn after_a_restart_the_user_is_signed_in_from_the_store_without_a_question() {
    let mut site = Site::signed_in(sealed(), 2);
    (0..2).for_each(|tab| site.kill(tab));
    let tab = site.open();
    assert_eq!(site.tab(tab).state(), (Authorizing, Reason::Restore), "not before it is here");
    site.settle();
    assert_eq!((site.tab(tab).state(), site.tab(tab).subject()), ((Authorized, Reason::Restore), Some("ada")));
    assert!(site.tab(tab).asked().is_empty());
    assert_eq!(site.token(tab).as_deref(), Ok("access 1"));
}

#[test]
fn a_token_that_ran_out_while_everything_was_closed_is_renewed_at_the_restart() {
    let mut site = Site::signed_in(sealed(), 1);
    site.kill(0);
    site.now += 8 * HOUR;
    let tab = site.open();
    site.settle();
    site.forget();
    let (tab, asked) = {
        site.pass(1);
        (tab, site.tab(tab).asked())
    };
    let asked = asked.first().cloned().unwrap_or_else(|| site.begin(tab));
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.everybody_has("access 2");
    assert_eq!(site.server.requests, 1);
}

#[test]
fn a_damaged_credential_is_told_and_ends_in_a_clean_sign_out() {
    let mut site = Site::signed_in(sealed(), 1);
    site.vault.damaged = true;
    let late = site.open();
    site.settle();
    assert_eq!(site.failures(late), [Error::CredentialDamaged]);
    site.everybody_is_out(Reason::CredentialLost);
    assert_eq!(site.vault.record.as_ref().unwrap()["snapshot"]["status"], "unauthorized");
}

#[test]
fn a_record_that_is_none_ends_in_a_clean_sign_out_too() {
    let mut site = Site::signed_in(sealed(), 1);
    for broken in [json!({"v": 1}), json!({"v": 0}), json!({"v": 1, "snapshot": {"v": 1}}), json!({"v": "1"})] {
        site.vault.record = Some(broken);
        let late = site.open();
        site.settle();
        assert_eq!(site.failures(late), [Error::CredentialDamaged]);
        site.everybody_is_out(Reason::CredentialLost);
        site.sign_in(0, "ada");
        site.settle();
    }
}

#[test]
fn a_later_versions_record_is_left_alone() {
    let mut site = Site::signed_in(sealed(), 1);
    let later = json!({"v": 2, "what": "nobody knows"});
    site.vault.record = Some(later.clone());
    let late = site.open();
    site.settle();
    assert_eq!(site.tab(late).asked().len(), 1, "the application is asked instead");
    assert_eq!(site.vault.record, Some(later));
    // What cannot be understood is destroyed all the same, once its user has signed out.
    site.sign_out(0);
    site.settle();
    let record = site.vault.record.clone().unwrap();
    assert_eq!((&record["v"], &record["credential"]), (&json!(1), &json!(0)));
}

#[test]
fn a_credential_of_another_version_than_the_registers_is_not_used() {
    let mut site = Site::signed_in(sealed(), 1);
    site.vault.record.as_mut().unwrap()["snapshot"]["epoch"] = json!(0);
    let late = site.open();
    site.settle();
    assert_eq!(site.tab(late).state(), (Authorizing, Reason::Restore));
    assert_eq!(site.tab(late).asked().len(), 1);
}

#[test]
fn a_store_that_knows_more_than_the_register_mends_it() {
    let mut site = Site::signed_in(sealed(), 1);
    let old = site.register.clone();
    site.refresh(0);
    site.kill(0);
    site.register = old;
    let late = site.open();
    site.settle();
    assert_eq!(site.token(late).as_deref(), Ok("access 2"));
    assert_eq!(site.register.as_ref().unwrap()["sequence"], 1);
}

#[test]
fn without_a_store_credentials_stay_in_memory_and_the_application_hears_of_it() {
    let mut site = Site::new(sealed(), 1);
    site.vault.there = false;
    site.sign_in(0, "ada");
    site.settle();
    assert_eq!(site.failures(0), [Error::CredentialStoreUnavailable]);
    assert_eq!(site.tab(0).state(), (Authorized, Reason::SignIn));
    assert_eq!(site.register.as_ref().unwrap()["status"], "authorized", "announced all the same");
    assert_eq!(site.token(0).as_deref(), Ok("access 1"));
}

#[test]
fn a_store_that_does_not_answer_is_none() {
    let mut site = Site::signed_in(sealed(), 1);
    let late = site.open();
    site.now += 10_000;
    site.act(late, |tab| tab.enter(Session::handle_timeout));
    assert_eq!(site.tab(late).asked().len(), 1);
}

// A failure of the credential store passes.

#[test]
fn c10_what_a_refresh_brought_is_stored_as_soon_as_the_store_can_and_the_used_token_is_not_sent_again() {
    for tabs in [1, 2] {
        let mut site = Site::signed_in(sealed(), tabs);
        let asked = site.begin(0);
        let result = site.send(&asked);
        site.answer(0, &asked, result);
        let task = site.tabs[0].as_mut().unwrap().next_task().unwrap();
        assert_eq!(task.task.as_str(), "keep");
        site.act(0, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
        site.settle();
        assert_eq!(site.token(0).as_deref(), Ok("access 2"));
        site.pass(2_000);
        let kept =
            site.vault.credential.as_ref().and_then(|credential| credential.refresh_token.as_ref()).map(|token| token.expose().to_string());
        assert_eq!(kept.as_deref(), Some("refresh 2"));
        site.forget();
        let (tab, asked) = site.pass_until_asked();
        let result = site.send(&asked);
        assert!(result.is_ok(), "a strict server was sent a used token");
        site.answer(tab, &asked, result);
        site.settle();
        site.everybody_has("access 3");
    }
}

#[test]
fn c10_a_refresh_does_not_send_a_token_of_the_store_that_is_older_than_what_this_tab_holds() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    let task = site.tabs[0].as_mut().unwrap().next_task().unwrap();
    site.act(0, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
    // Wanted again before the credential store was tried again.
    let asked = site.begin(0);
    assert_eq!(asked.credential.as_ref().unwrap().refresh_token.as_ref().unwrap().expose().as_str(), "refresh 2");
}

#[test]
fn c10_a_look_into_the_store_that_fails_once_is_done_again() {
    for acquire in [false, true] {
        let mut site = Site::signed_in(config().acquire(acquire).credentials(Credentials::Sealed), 1);
        site.kill(0);
        let tab = site.open();
        let task = site.tabs[tab].as_mut().unwrap().next_task().unwrap();
        assert_eq!(task.task.as_str(), "look");
        site.act(tab, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
        assert_eq!(site.failures(tab), [Error::CredentialStoreUnavailable]);
        site.settle();
        for asked in site.tab(tab).asked() {
            site.answer(tab, &asked, Err(AcquireFailure::Failed));
        }
        site.pass(10_000);
        assert_eq!(site.token(tab).as_deref(), Ok("access 1"), "with acquire: {acquire}");
        assert_eq!(site.tab(tab).subject(), Some("ada"));
    }
}

#[test]
fn d61_a_second_sign_in_and_a_reset_hold_no_sooner_than_the_store_has_done_them() {
    let mut site = Site::new(sealed(), 1);
    let settled = |site: &Site| -> Vec<u32> {
        site.tab(0).events.iter().filter_map(|event| if let Event::Settled(number) = event { Some(*number) } else { None }).collect()
    };
    let same = || read_grant(json!({"account": "ada", "accessToken": "token"}));
    for number in [1, 2] {
        site.act(0, |tab| tab.enter(|session, _| session.authorize_for(number, same()))).unwrap();
    }
    assert_eq!(settled(&site), [0_u32; 0]);
    site.settle();
    assert_eq!(settled(&site), [1, 2]);
    assert!(site.vault.credential.is_some());
    site.act(0, |tab| tab.enter(|session, _| session.sign_out_for(3, Reason::User))).unwrap();
    assert_eq!(settled(&site), [1, 2]);
    site.settle();
    assert_eq!((settled(&site), site.vault.credential.is_some()), (vec![1, 2, 3], false));
    site.act(0, |tab| tab.enter(|session, _| session.authorize_for(4, same()))).unwrap();
    site.settle();
    site.act(0, |tab| tab.enter(|session, _| session.reset(5))).unwrap();
    assert_eq!(settled(&site), [1, 2, 3, 4]);
    site.settle();
    assert_eq!((settled(&site), site.vault.credential.is_some()), (vec![1, 2, 3, 4, 5], false));
}

#[test]
fn a_sign_out_destroys_what_is_in_the_store() {
    let mut site = Site::signed_in(sealed(), 3);
    site.sign_out(1);
    site.settle();
    site.everybody_is_out(Reason::User);
    assert_eq!(site.vault.record.as_ref().unwrap()["credential"], 0);
}

#[test]
fn a_credential_is_destroyed_however_late_the_store_is() {
    let mut site = Site::signed_in(sealed(), 1);
    site.sign_out(0);
    site.now += 10_000;
    site.act(0, |tab| tab.enter(Session::handle_timeout));
    site.settle();
    site.everybody_is_out(Reason::User);
}

#[test]
fn two_sign_ins_that_a_dead_store_does_not_take_are_no_emptied_storage() {
    let mut site = Site::new(sealed(), 1);
    site.sign_in(0, "ada");
    site.sign_in(0, "ada");
    for _ in 0..2 {
        site.now += 10_000;
        site.act(0, |tab| tab.enter(Session::handle_timeout));
    }
    assert_eq!(site.tab(0).view().status, Authorized, "{:?}", site.tab(0).state());
    assert_eq!(site.register.as_ref().unwrap()["status"], "authorized");
}

#[test]
fn two_tasks_at_once_are_both_heard() {
    // The end of the first must not forget the second.
    let mut site = Site::signed_in(sealed(), 1);
    site.sign_in(0, "bob");
    site.sign_out(0);
    assert_eq!((site.step(0), site.step(0)), (Some("keep"), Some("keep")));
    site.everybody_is_out(Reason::User);
}

// Refresh

#[test]
fn a_token_is_renewed_before_it_ends_and_not_by_all_tabs_at_the_same_moment() {
    let mut site = Site::signed_in(sealed(), 5);
    let mut moments: Vec<Millis> = site.tabs.iter().flatten().map(|tab| tab.session.poll_timeout().unwrap()).collect();
    assert!(moments.iter().all(|at| (3_541_000..3_601_000).contains(at)), "{moments:?}");
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 5, "{moments:?}");
    let (tab, asked) = site.pass_until_asked();
    assert!(site.now < HOUR + 1000);
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.everybody_has("access 2");
    site.pass(HOUR / 2);
    assert_eq!(site.server.requests, 1, "the others were served");
}

#[test]
fn d22_twenty_tabs_that_want_a_token_make_one_request() {
    let mut site = Site::signed_in(sealed(), 20);
    for tab in 0..20 {
        assert_eq!(site.want(tab), Ok(false));
    }
    site.settle();
    let (tab, asked) = site.pass_until_asked();
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.pass(1000);
    assert_eq!(site.server.requests, 1);
    assert_eq!(site.tabs.iter().flatten().map(|tab| tab.asked().len()).sum::<usize>(), 1);
    for tab in 0..20 {
        assert_eq!(site.told(tab), [Ok(())], "tab {tab}");
    }
    site.everybody_has("access 2");
}

#[test]
fn who_finds_the_lease_taken_waits_for_its_end_and_goes_ahead() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    site.begin(0);
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    // The first one hangs.
    site.tabs[0] = None;
    site.pass(4900);
    assert!(site.tab(1).asked().is_empty());
    site.pass(1400);
    assert_eq!(site.tab(1).asked().len(), 1);
}

#[test]
fn d23_when_the_holder_dies_a_free_lock_lets_the_next_one_in_at_once() {
    let mut site = Site::signed_in(sealed(), 2);
    site.begin(0);
    site.kill(0);
    site.begin(1);
}

#[test]
fn d23_a_request_whose_answer_died_is_sent_once_more_and_a_grace_server_signs_nobody_out() {
    let mut site = Site::signed_in(sealed(), 3);
    site.server.strict = false;
    let asked = site.begin(0);
    let _lost = site.send(&asked);
    site.kill(0);
    site.refresh(1);
    assert_eq!(site.server.requests, 2);
    for tab in 1..3 {
        assert_eq!(site.tab(tab).state(), (Authorized, Reason::Refresh));
    }
    site.everybody_has("access 3");
}

#[test]
fn d23_a_strict_server_then_means_that_everybody_is_out_and_the_reason_says_why() {
    let mut site = Site::signed_in(sealed(), 3);
    let asked = site.begin(0);
    let _lost = site.send(&asked);
    site.kill(0);
    site.refresh(1);
    site.everybody_is_out(Reason::RefreshOutcomeUnknown);
    site.pass(10 * HOUR);
    assert_eq!(site.server.requests, 2, "retried once");
}

#[test]
fn who_is_refused_without_any_doubt_signs_everybody_out_as_refused() {
    for (failure, reason) in [(AcquireFailure::Refused, Reason::Refused), (AcquireFailure::Nobody, Reason::Expired)] {
        let mut site = Site::signed_in(sealed(), 3);
        let asked = site.begin(1);
        site.answer(1, &asked, Err(failure));
        site.settle();
        site.everybody_is_out(reason);
    }
}

#[test]
fn a_network_that_fails_signs_nobody_out_and_is_asked_less_and_less() {
    let mut site = Site::signed_in(sealed(), 1);
    let mut pauses = Vec::new();
    let mut asked = site.begin(0);
    for _ in 0..8 {
        site.answer(0, &asked, Err(AcquireFailure::Failed));
        site.settle();
        assert_eq!(site.tab(0).view().status, Authorized);
        assert_eq!(site.want(0), Ok(true), "the old token is still good, and the server is left in peace");
        let (failed_at, before) = (site.now, site.tab(0).asked().len());
        while site.tab(0).asked().len() == before {
            site.pass(10);
        }
        pauses.push(site.now - failed_at);
        asked = site.tab(0).asked().pop().unwrap();
    }
    assert!(pauses[0] >= 500 && pauses[0] <= 1100, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 61_000), "{pauses:?}");
    assert!(pauses[6] >= 30_000, "{pauses:?}");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    site.everybody_has("access 2");
    // And then as if nothing had been.
    let asked = site.begin(0);
    site.answer(0, &asked, Err(AcquireFailure::Failed));
    site.settle();
    assert!(site.tab(0).session.poll_timeout().unwrap() <= site.now + 1000);
}

#[test]
fn while_a_failed_refresh_cools_down_an_expired_token_is_an_error_at_once() {
    let mut site = Site::signed_in(sealed(), 1);
    site.now += 2 * HOUR;
    let asked = site.begin(0);
    site.answer(0, &asked, Err(AcquireFailure::Failed));
    site.settle();
    assert_eq!(site.want(0), Err(Error::RefreshFailed));
    assert_eq!(site.told(0), [Err(Error::RefreshFailed)]);
}

#[test]
fn an_answer_that_never_comes_is_a_failure_after_half_a_minute() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    site.pass(30_000);
    assert_eq!((site.told(0), site.tab(0).cancelled()), (vec![Ok(())], 1), "the token that is here is still good");
    let late = site.send(&asked);
    site.answer(0, &asked, late);
    site.settle();
    assert_eq!(site.token(0).as_deref(), Ok("access 1"), "too late");
}

#[test]
fn a_holder_keeps_the_lease_while_the_server_is_slow() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    let asked = site.begin(0);
    for _ in 0..4 {
        site.pass(5000);
        assert_eq!(site.vault.owner(), Some(&*support::writer(1)));
        assert_eq!(site.want(1), Ok(false));
        site.settle();
        assert!(site.tab(1).asked().is_empty());
    }
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    site.everybody_has("access 2");
    assert_eq!(site.server.requests, 1);
}

#[test]
fn d23_what_a_frozen_holder_brings_late_changes_nothing() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    site.server.strict = false;
    let asked = site.begin(0);
    let late = site.send(&asked);
    // It freezes; its lease ends.
    site.now += 6000;
    site.refresh(1);
    let (record, register) = (site.vault.record.clone(), site.register.clone());
    site.answer(0, &asked, late);
    site.settle();
    assert_eq!((site.vault.record.clone(), site.register.clone()), (record, register));
    site.everybody_has("access 3");
}

#[test]
fn d23_who_freezes_between_taking_the_lease_and_hearing_of_it_does_not_ask_any_more() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    assert_eq!(site.want(0), Ok(false));
    let (take, decided) = site.transact(0).expect("the lease");
    // It freezes; its lease ends, and the other one asks.
    site.now += 5000;
    site.begin(1);
    site.done(0, &take, decided);
    assert!(site.tab(0).asked().is_empty());
    assert_eq!(site.vault.owner(), Some(&*support::writer(2)));
}

#[test]
fn d23_a_frozen_holder_of_the_lock_keeps_others_out_no_longer_than_its_lease() {
    let mut site = Site::signed_in(sealed(), 2);
    site.begin(0);
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    assert!(site.tab(1).asked().is_empty());
    site.now += 5400;
    site.act(1, |tab| tab.enter(Session::handle_timeout));
    site.step(1);
    assert_eq!(site.tab(1).asked().len(), 1);
}

#[test]
fn a_refresh_token_is_kept_if_the_answer_has_none() {
    let mut site = Site::signed_in(sealed(), 2);
    for access in ["second", "third"] {
        let asked = site.begin(0);
        assert_eq!(asked.credential.as_ref().unwrap().refresh_token.as_ref().unwrap().expose().as_ref(), "refresh 1");
        site.answer(0, &asked, Ok(read_grant(json!({"account": "ada", "accessToken": access, "expiresIn": 60})).into()));
        site.settle();
        site.everybody_has(access);
    }
}

// Sign-out, account switch

#[test]
fn d24_a_sign_out_at_any_stage_of_a_refresh_leaves_everybody_out() {
    for who in [0, 1] {
        for stage in 0..5 {
            let mut site = Site::signed_in(sealed(), 3);
            let signed_in = site.tab(0).view().epoch;
            assert_eq!(site.want(0), Ok(false));
            let mut taken = None;
            let mut asked = None;
            if stage >= 1 {
                taken = site.transact(0);
            }
            if stage >= 2 {
                let (task, decided) = taken.take().unwrap();
                site.done(0, &task, decided);
                asked = site.tab(0).asked().pop();
            }
            if stage >= 3 {
                let result = site.send(asked.as_ref().unwrap());
                site.answer(0, &asked.take().unwrap(), result);
            }
            if stage >= 4 {
                taken = site.transact(0);
            }
            site.sign_out(who);
            if let Some((task, decided)) = taken {
                site.done(0, &task, decided);
            }
            if let Some(asked) = asked {
                let result = site.send(&asked);
                site.answer(0, &asked, result);
            }
            site.settle();
            for tab in 0..3 {
                site.act(tab, |tab| tab.enter(|session, _| session.handle_wake()));
            }
            site.settle();
            site.everybody_is_out(Reason::User);
            assert!(site.tab(0).view().epoch > signed_in, "by {who} at stage {stage}");
        }
    }
}

#[test]
fn an_account_switch_during_a_refresh_is_not_undone_by_it() {
    for who in [0, 1] {
        let mut site = Site::signed_in(sealed(), 2);
        let asked = site.begin(0);
        let late = site.send(&asked);
        site.sign_in(who, "bob");
        site.settle();
        site.answer(0, &asked, late);
        site.settle();
        assert_eq!((site.tab(0).subject(), site.tab(1).subject()), (Some("bob"), Some("bob")));
        site.everybody_has("access 3");
    }
}

#[test]
fn a_renewal_of_the_lease_that_comes_too_late_does_not_call_off_a_sign_in() {
    let (mut tab, mut vault) = (Tab::connected(sealed(), 1), Vault::new());
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "t", "expiresIn": 3600})))).unwrap();
    while tab.store_step(&mut vault) {}
    assert!(tab.enter(|session, now| session.access_token(now, 2 * HOUR)).unwrap().is_none());
    assert!(tab.store_step(&mut vault));
    tab.pass(2000);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": {"subject": "bob", "name": null}, "accessToken": null}}));
    vault.record.as_mut().unwrap()["lease"] = Value::Null;
    while tab.store_step(&mut vault) {}
    let asked = tab.asked().pop().unwrap();
    assert_eq!((asked.reason, tab.cancelled()), (AcquireReason::SignIn, 1));
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(support::grant("bob").into())));
    assert_eq!(tab.subject(), Some("bob"));
}

#[test]
fn a_refresh_that_brings_another_account_ends_this_tabs_session_alone() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    site.answer(0, &asked, Ok(read_grant(json!({"account": "bob", "accessToken": "bob's"})).into()));
    site.settle();
    assert_eq!(site.tab(0).state(), (Unauthorized, Reason::AccountMismatch));
    assert_eq!((site.tab(1).view().status, site.token(1).as_deref()), (Authorized, Ok("access 1")));
    assert_eq!(site.vault.owner(), None, "the lease is given back");
}

#[test]
fn a_storage_that_is_emptied_during_a_refresh_is_a_sign_out() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    let late = site.send(&asked);
    site.register = None;
    site.act(1, |tab| tab.changed_elsewhere(None));
    site.answer(0, &asked, late);
    site.settle();
    site.everybody_is_out(Reason::StorageCleared);
}

#[test]
fn a_refresh_that_was_given_up_does_not_answer_for_the_next_one() {
    let mut site = Site::signed_in(sealed(), 2);
    assert_eq!(site.want(0), Ok(false));
    site.sign_in(0, "bob");
    assert_eq!(site.want(0), Ok(false));
    site.settle();
    site.pass(1000);
    assert_eq!(site.tab(0).asked().len(), 1);
    assert_eq!(site.vault.owner(), Some(&*support::writer(1)), "whoever asks the server has the lease");
}

#[test]
fn a_sign_in_while_a_result_is_stored_is_renewed_in_its_turn() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.now += 10;
    site.sign_in(0, "ada");
    site.settle();
    assert_eq!(site.token(0).as_deref(), Ok("access 3"));
    assert!(site.tab(0).session.poll_timeout().is_some(), "it will be renewed");
}

#[test]
fn a_sign_in_after_the_register_was_emptied_unseen_is_not_undone_by_the_store() {
    let mut site = Site::signed_in(sealed(), 1);
    site.refresh(0);
    site.kill(0);
    site.register = None;
    // Before the credential store has answered.
    let tab = site.open();
    site.sign_in(tab, "bob");
    site.settle();
    assert_eq!(site.tab(tab).subject(), Some("bob"));
}

// The token

#[test]
fn a_token_that_is_good_for_long_enough_is_given_at_once() {
    let mut site = Site::signed_in(sealed(), 1);
    let good =
        |site: &mut Site, validity| site.act(0, |tab| tab.enter(|session, now| session.access_token(now, validity))).unwrap().is_some();
    assert!(good(&mut site, 0) && good(&mut site, HOUR - 1));
    assert_eq!(site.tab(0).session.poll_timeout().filter(|due| *due <= 1001), None, "nothing was begun");
    assert!(!good(&mut site, HOUR));
    assert_eq!(site.step(0), Some("take"));
    assert!(!good(&mut site, HOUR) && site.step(0).is_none(), "one refresh for all who wait");
}

#[test]
fn without_acquire_a_token_is_given_until_it_ends_and_then_is_expired() {
    let mut site = Site::signed_in(config().credentials(Credentials::Sealed), 1);
    assert_eq!(site.want(0), Ok(true));
    site.now += HOUR - 1;
    assert_eq!(site.want(0), Ok(true));
    site.now += 1;
    assert_eq!(site.want(0), Err(Error::TokenExpired));
    assert!(site.tab(0).asked().is_empty() && site.tab(0).session.poll_timeout().is_none());
}

#[test]
fn nobody_is_signed_in_and_there_is_no_token() {
    let mut site = Site::new(sealed(), 1);
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.sign_in(0, "ada");
    site.sign_out(0);
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.act(0, |tab| tab.enter(|session, now| session.close(now)));
    assert_eq!(site.want(0), Err(Error::Closed));
}

#[test]
fn who_wants_a_token_while_the_session_is_found_hears_when_it_is() {
    let mut site = Site::signed_in(sealed(), 1);
    let late = site.open();
    assert_eq!(site.want(late), Ok(false));
    site.settle();
    assert_eq!(site.told(late), [Ok(())]);
}

#[test]
fn whoever_waits_hears_of_it_whatever_happens() {
    type Happens = fn(&mut Site, Asked);
    let all: [(Happens, Result<(), Error>); 7] = [
        (
            |site, asked| {
                let result = site.send(&asked);
                site.answer(0, &asked, result);
            },
            Ok(()),
        ),
        (|site, asked| site.answer(0, &asked, Err(AcquireFailure::Failed)), Ok(())),
        (|site, asked| site.answer(0, &asked, Err(AcquireFailure::Refused)), Err(Error::NotAuthorized)),
        (|site, _| site.sign_out(0), Err(Error::NotAuthorized)),
        (|site, _| site.sign_out(1), Err(Error::NotAuthorized)),
        (|site, _| site.pass(30_000), Ok(())),
        (|site, _| site.act(0, |tab| tab.enter(|session, now| session.close(now))), Err(Error::Closed)),
    ];
    for (number, (happens, told)) in all.into_iter().enumerate() {
        let mut site = Site::signed_in(sealed(), 2);
        let asked = site.begin(0);
        happens(&mut site, asked);
        site.settle();
        assert_eq!(site.told(0), [told], "{number}");
    }
}

#[test]
fn who_waits_is_told_although_the_store_failed_after_another_tab_was_faster() {
    let mut site = Site::signed_in(sealed(), 2);
    assert_eq!(site.want(0), Ok(false));
    let asked = site.begin(1);
    let result = site.send(&asked);
    site.answer(1, &asked, result);
    assert_eq!((site.step(1), site.step(0)), (Some("keep"), Some("take")));
    site.vault.there = false;
    site.pass(60_000);
    assert_eq!(site.told(0).len(), 1);
}

// The clocks

#[test]
fn d27_the_servers_clock_may_be_wrong_by_an_hour() {
    for skew in [-(HOUR as f64), 0.0, HOUR as f64] {
        let mut site = Site::new(sealed(), 1);
        let server = WALL + 1000.0 + skew;
        let grant = json!({"account": "ada", "accessToken": "t", "serverTime": server, "expiresAt": server + 600_000.0});
        site.act(0, |tab| tab.enter(|session, _| session.authorize(read_grant(grant)))).unwrap();
        site.settle();
        let due = site.tab(0).session.poll_timeout().unwrap();
        assert!((541_000..601_000).contains(&due), "{skew}: {due}");
        assert_eq!(site.tab(0).view().expires_at, Some(WALL + 601_000.0), "by our own clock");
    }
}

#[test]
fn d27_a_life_in_seconds_wins_over_a_moment() {
    let mut site = Site::new(sealed(), 1);
    let grant = json!({"account": "ada", "accessToken": "t", "expiresIn": 60, "expiresAt": 5});
    site.act(0, |tab| tab.enter(|session, _| session.authorize(read_grant(grant)))).unwrap();
    assert_eq!(site.tab(0).view().expires_at, Some(WALL + 61_000.0));
}

/// One tab on the browser's two clocks. Gives how many requests there were, and checks that no expired token is given.
fn one_jump(monotonic: f64, wall: f64) -> u32 {
    let mut site = Site::signed_in(sealed(), 1);
    let mut clock = Clock::default();
    let (mut mono, mut day) = (1000.0, WALL + 1000.0);
    assert_eq!(clock.read(mono, day), 1000);
    let (mut really, mut fresh_until) = (0.0, HOUR as f64);
    for second in 0..4 * 60 {
        if second == 60 {
            mono += monotonic;
            day += wall;
            really += monotonic.max(if wall >= 8.0 * HOUR as f64 { wall } else { 0.0 });
        }
        (mono, day, really) = (mono + 1000.0, day + 1000.0, really + 1000.0);
        site.now = clock.read(mono, day);
        let (now, place) = (site.now, site.tabs[0].as_mut().unwrap());
        place.now = now;
        place.session.tell_time(now, day);
        if place.session.poll_timeout().is_some_and(|due| due <= now) {
            place.enter(Session::handle_timeout);
        }
        let given = place.enter(|session, now| session.access_token(now, 0)).unwrap();
        assert!(really < fresh_until || given.is_none(), "an expired token is used");
        let before = site.tab(0).asked().len();
        site.settle();
        if site.tab(0).asked().len() > before {
            let asked = site.tab(0).asked().pop().unwrap();
            let result = site.send(&asked);
            site.answer(0, &asked, result);
            site.settle();
            fresh_until = really + HOUR as f64;
        }
    }
    site.server.requests
}

#[test]
fn d27_a_clock_that_jumps_makes_no_storm_and_no_use_of_an_expired_token() {
    let minutes = 60_000.0;
    assert_eq!(one_jump(0.0, 0.0), 0);
    assert_eq!(one_jump(0.0, 10.0 * minutes), 0);
    assert_eq!(one_jump(0.0, -10.0 * minutes), 0);
}

#[test]
fn d27_after_eight_hours_of_sleep_there_is_one_request() {
    // The monotonic clock slept as well, or it did not.
    assert_eq!(one_jump(0.0, 8.0 * HOUR as f64), 1);
    assert_eq!(one_jump(8.0 * HOUR as f64, 8.0 * HOUR as f64), 1);
}

// In memory

#[test]
fn in_memory_each_tab_renews_its_own_token_under_the_lock() {
    let mut site = Site::new(config().acquire(true), 2);
    site.vault.there = false;
    for tab in 0..2 {
        site.sign_in(tab, "ada");
        site.settle();
    }
    let first = site.tab(0).asked().len();
    let asked = site.begin(0);
    assert_eq!(site.holder, Some(0));
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    assert!(site.tab(1).asked().iter().all(|asked| asked.reason != AcquireReason::Refresh), "it gives way");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, site.tab(0).asked().len() - first), (None, 1));
    site.pass(400);
    assert_eq!(site.tab(1).asked().last().unwrap().reason, AcquireReason::Refresh, "now it is its turn");
}

#[test]
fn in_memory_a_refused_refresh_gives_the_lock_back() {
    let mut site = Site::new(config().acquire(true), 1);
    site.vault.there = false;
    site.sign_in(0, "ada");
    let asked = site.begin(0);
    assert_eq!(site.holder, Some(0));
    site.answer(0, &asked, Err(AcquireFailure::Refused));
    site.settle();
    assert_eq!((site.tab(0).state(), site.holder), ((Unauthorized, Reason::Refused), None));
}

/// A tab with its token in memory that goes ahead without the lock, because after ten seconds nobody has asked for it yet: the code that does is slow to load.
fn ahead_of_its_lock() -> (Site, Asked) {
    let mut site = Site::new(config().acquire(true), 1);
    site.vault.there = false;
    site.sign_in(0, "ada");
    assert_eq!(site.want(0), Ok(false));
    site.now += 10_000;
    site.act(0, |tab| tab.enter(Session::handle_timeout));
    let asked = site.tab(0).asked().pop().expect("a request");
    assert_eq!(site.holder, None);
    (site, asked)
}

#[test]
fn in_memory_a_lock_that_comes_too_late_is_given_back() {
    let (mut site, _) = ahead_of_its_lock();
    // A sign-in makes the refresh needless. Then the lock comes.
    site.sign_in(0, "ada");
    assert_eq!(site.tab(0).cancelled(), 1);
    site.settle();
    assert_eq!(site.holder, None);
}

#[test]
fn in_memory_a_lock_that_comes_while_the_refresh_goes_on_without_it_is_given_back_at_its_end() {
    let (mut site, asked) = ahead_of_its_lock();
    site.settle();
    assert_eq!(site.holder, Some(0), "it is of use until then");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, site.token(0).as_deref()), (None, Ok("access 2")));
}

#[test]
fn a_refresh_goes_on_although_another_tab_signed_in_anew_and_its_store_failed() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    site.sign_in(1, "ada");
    let task = site.tabs[1].as_mut().unwrap().next_task().unwrap();
    site.act(1, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
    // Tab 0 hears of a version that the credential store does not know, and looks.
    site.settle();
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, &site.vault.record.as_ref().unwrap()["lease"]), (None, &Value::Null), "lock and lease are given back");
}

#[test]
fn who_waits_for_a_token_hears_of_it_although_somebody_asked_while_the_page_was_hidden() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    // It is being stored.
    site.act(0, |tab| tab.enter(|session, now| session.handle_hide(now, true)));
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.settle();
    assert_eq!(site.told(0), [Ok(())]);
}

#[test]
fn in_memory_a_tab_that_gave_way_long_enough_goes_ahead() {
    let mut site = Site::new(config().acquire(true), 2);
    site.vault.there = false;
    site.sign_in(1, "ada");
    site.settle();
    // The other one froze with the lock.
    site.holder = Some(0);
    assert_eq!(site.want(1), Ok(false));
    site.pass(4000);
    assert_eq!((site.tab(1).asked().len(), site.told(1)), (0, vec![Ok(())]), "the token that is there is still good");
    site.pass(30_000);
    assert_eq!(site.tab(1).asked().len(), 1);
}

// Secrets

#[test]
fn d20_no_token_stands_in_the_text_of_anything_that_a_refresh_brings_about() {
    let mut site = Site::new(sealed(), 2);
    for tab in site.tabs.iter_mut().flatten() {
        tab.log = Some(String::new());
    }
    site.sign_in(0, "ada");
    site.settle();
    site.refresh(0);
    site.refresh(1);
    site.sign_out(1);
    site.settle();
    for tab in site.tabs.iter().flatten() {
        let log = format!("{}{:?}{:?}{:?}", tab.log.as_ref().unwrap(), tab.session, tab.events, site.vault.record);
        assert!(log.contains("redacted") && log.contains("CredentialStore"), "the test can see");
        assert!((1..4).all(|number| !log.contains(&format!("access {number}")) && !log.contains(&format!("refresh {number}"))), "{log}");
    }
}

/// A tab of a page that names this user before the credential store has answered; another tab has signed ada in.
fn host_names(config: Config, subject: &str) -> (Tab, Vault) {
    let mut vault = Vault::new();
    let mut first = Tab::alone(config.clone(), 1);
    while first.store_step(&mut vault) {}
    first.sign_in("ada");
    while first.store_step(&mut vault) {}
    let mut tab = Tab::started(config, 2, first.register.clone(), Parent::Known(support::HOST.to_owned()));
    tab.shake_hands();
    tab.host_says(
        json!({"type": "identity", "id": 7, "identity": {"account": {"subject": subject, "name": null}, "accessToken": "from the host"}}),
    );
    (tab, vault)
}

#[test]
fn the_stored_user_named_by_the_host_is_signed_in_from_the_store_and_nobody_is_asked() {
    let (mut tab, mut vault) = host_names(sealed(), "ada");
    while tab.store_step(&mut vault) {}
    assert_eq!((tab.state(), tab.subject(), tab.asked().len()), ((Authorized, Reason::Restore), Some("ada"), 0));
    assert_eq!(tab.said_of("reply"), [json!({"type": "reply", "id": 7, "data": null})]);
    assert_eq!(tab.session.snapshot().epoch, 1);
}

#[test]
fn another_user_named_by_the_host_wins_over_the_stored_one_who_is_never_shown() {
    for acquire in [true, false] {
        let (mut tab, mut vault) = host_names(config().acquire(acquire).credentials(Credentials::Sealed), "grace");
        while tab.store_step(&mut vault) {}
        if acquire {
            let asked = tab.asked();
            let last = asked.last().unwrap();
            assert_eq!(
                (last.reason, last.identity.as_ref().map(|identity| identity.account.subject())),
                (AcquireReason::SignIn, Some("grace"))
            );
            // Already now nobody else is signed in anywhere, and the credential is destroyed.
            assert_eq!((tab.session.snapshot().epoch, vault.credential.is_none()), (2, true));
            let id = last.id;
            tab.enter(|session, now| {
                session.handle_acquired(now, id, Ok(read_grant(json!({"account": "grace", "accessToken": "traded"})).into()))
            });
            while tab.store_step(&mut vault) {}
        }
        assert_eq!((tab.state().0, tab.subject()), (Authorized, Some("grace")));
        assert!(tab.sessions().iter().all(|view| view.account.as_ref().is_none_or(|account| account.subject() == "grace")));
        let told: Vec<Value> = ["open", "session"].into_iter().flat_map(|kind| tab.said_of(kind)).collect();
        assert!(!told.is_empty() && told.iter().all(|said| !said.to_string().contains("ada")), "{told:?}");
        assert_eq!(vault.credential.as_ref().map(|grant| grant.account.subject()), Some("grace"));
        assert!(tab.session.snapshot().epoch > 1);
    }
}

#[test]
fn a_stored_user_whom_the_host_signs_out_is_never_shown_and_a_damaged_credential_costs_no_sign_in() {
    let (mut tab, mut vault) = host_names(sealed(), "ada");
    tab.host_says(json!({"type": "sign-out", "id": 8}));
    while tab.store_step(&mut vault) {}
    assert_eq!((tab.state().0, vault.credential.is_none()), (Unauthorized, true));
    assert!(tab.sessions().iter().all(|view| view.account.is_none()));

    let (mut tab, mut vault) = host_names(sealed(), "grace");
    vault.damaged = true;
    assert!(tab.store_step(&mut vault));
    vault.damaged = false;
    while tab.store_step(&mut vault) {}
    let last = tab.asked().last().unwrap().clone();
    assert_eq!((tab.state().0, last.reason), (Authorizing, AcquireReason::SignIn));
    tab.enter(|session, now| {
        session.handle_acquired(now, last.id, Ok(read_grant(json!({"account": "grace", "accessToken": "traded"})).into()))
    });
    while tab.store_step(&mut vault) {}
    assert_eq!((tab.state().0, tab.subject()), (Authorized, Some("grace")));
}
