//! What may happen next in the world, and its happening.

use authframe::session::{AcquireFailure, Content, Millis, PageHide, Reason, Session, StoreFailure, Task};

use super::host::Word;
use super::{KeptUser, PATIENCE, Phase, World};
use crate::support::StoreTask;

/// What may happen next. The number is a tab's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The application signs this account in.
    SignIn(usize, u8),
    SignOut(usize),
    /// The application wants a token that is good for longer than any is.
    Want(usize),
    /// The host names a user.
    Named(usize, u8),
    /// The host signs the user out.
    HostSignOut(usize),
    Crash(usize),
    Close(usize),
    Open(usize),
    Freeze(usize),
    Thaw(usize),
    Hide(usize),
    Show(usize),
    Wake(usize),
    /// The shared record is emptied.
    Clear,
    /// The shared record and the credential store are.
    ClearAll,
    /// A storage event comes twice.
    Again(usize),
    /// A write reaches the shared record.
    Commit(usize),
    /// A change is seen.
    Deliver(usize),
    /// The Web Lock is asked for.
    Lock(usize),
    /// The transaction takes place.
    Run(usize),
    /// The transaction fails.
    Break(usize),
    /// The tab learns of its end.
    End(usize),
    /// The server does what it is asked for.
    Serve(usize),
    /// The answer comes.
    Reply(usize),
    /// The server says no.
    Refuse(usize),
    /// The network fails: before the server has received the request, or after it.
    Fail(usize),
    /// The server says not to come again for so many seconds.
    Later(usize, u64),
    /// Time passes until a tab is due.
    Pass,
    /// So much time passes, whatever is due.
    Elapse(Millis),
    /// The timer fires.
    Timer(usize),
    /// This tab is denied its storage from now on, or the storage is full.
    Deny(usize),
    /// The wall clock is set by so many milliseconds, forward or back.
    Jump(i32),
    /// The widget is loaded again, below a host half that may keep a user.
    Reload(usize),
    /// The network is back.
    Chance(usize),
}

impl World {
    /// Whether this may happen now.
    pub(crate) fn can(&self, act: Act) -> bool {
        let awake = |tab: usize| self.tabs[tab].session.is_some() && !self.tabs[tab].frozen;
        let head = |tab: usize| self.tabs[tab].queue.front().filter(|_| awake(tab));
        let take = |tab: usize| matches!(head(tab), Some(StoreTask { task: Task::Take { .. }, .. })) && self.rules.locks;
        match act {
            Act::SignIn(tab, _)
            | Act::SignOut(tab)
            | Act::Named(tab, _)
            | Act::HostSignOut(tab)
            | Act::Wake(tab)
            | Act::Freeze(tab)
            | Act::Close(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Want(tab) => awake(tab) && !self.tabs[tab].wanted,
            Act::Jump(_) => true,
            Act::Reload(tab) | Act::Chance(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Crash(tab) => self.tabs[tab].session.is_some(),
            Act::Open(tab) => self.tabs[tab].session.is_none(),
            Act::Thaw(tab) => self.tabs[tab].frozen,
            Act::Hide(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Show(tab) => awake(tab) && self.tabs[tab].hidden,
            Act::Clear => self.shared_record.is_some(),
            Act::ClearAll => self.shared_record.is_some() || self.record.is_some(),
            Act::Again(tab) => awake(tab) && self.tabs[tab].before.is_some(),
            Act::Commit(tab) => !self.tabs[tab].outbox.is_empty(),
            Act::Deliver(tab) => awake(tab) && !self.tabs[tab].coming.is_empty(),
            Act::Lock(tab) => take(tab) && matches!(self.tabs[tab].phase, Phase::Waiting),
            // A credential store that fails to destroy what it holds still holds it: nothing can be said of that.
            Act::Break(tab) if matches!(head(tab), Some(StoreTask { task: Task::Keep { content: Content::Nothing, .. }, .. })) => false,
            Act::Run(tab) | Act::Break(tab) => match self.tabs[tab].phase {
                Phase::Waiting => head(tab).is_some() && !take(tab),
                Phase::Locked(_) => awake(tab),
                Phase::Written(_) => false,
            },
            Act::End(tab) => awake(tab) && matches!(self.tabs[tab].phase, Phase::Written(_)),
            Act::Serve(tab) => self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_none()),
            Act::Refuse(tab) | Act::Later(tab, _) => {
                awake(tab) && self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_none())
            }
            Act::Reply(tab) => awake(tab) && self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_some()),
            Act::Fail(tab) => awake(tab) && self.tabs[tab].request.is_some(),
            Act::Pass => self.next_due().is_some(),
            Act::Elapse(_) => true,
            Act::Timer(tab) => self.due(tab).is_some_and(|due| due <= self.now),
            Act::Deny(tab) => awake(tab) && !self.tabs[tab].denied,
        }
    }

    /// It happens.
    pub(crate) fn step(&mut self, act: Act) {
        match act {
            Act::SignIn(tab, who) => {
                let grant = self.new_grant(who);
                self.enter(tab, |session, _| session.authorize(grant));
            }
            Act::SignOut(tab) => {
                self.harm = true;
                self.enter(tab, |session, _| session.sign_out(Reason::User));
            }
            Act::Want(tab) => {
                let result = self.enter(tab, |session, now| session.access_token(now, Millis::MAX - 1));
                self.slot(tab).wanted = matches!(result, Some(Ok(None)));
                self.slot(tab).token_result = None;
            }
            Act::Named(tab, who) => {
                self.hosts[tab] = KeptUser { who: Some(who), taken: None };
                self.enter(tab, |session, now| session.handle_port(now, Word::Identity(who)));
            }
            Act::HostSignOut(tab) => {
                self.harm = true;
                self.hosts[tab] = KeptUser::default();
                self.enter(tab, |session, now| session.handle_port(now, Word::SignOut));
            }
            Act::Crash(tab) => self.gone(tab),
            Act::Close(tab) => {
                self.enter(tab, |session, now| session.close(now));
                let outbox = std::mem::take(&mut self.slot(tab).outbox);
                for value in outbox {
                    self.put(Some(tab), Some(value));
                }
                self.gone(tab);
            }
            Act::Open(tab) => self.open(tab),
            Act::Freeze(tab) => {
                self.excuse(tab);
                self.slot(tab).frozen = true;
            }
            Act::Thaw(tab) => {
                self.slot(tab).frozen = false;
                self.enter(tab, |session, _| session.handle_wake());
            }
            Act::Hide(tab) => {
                self.slot(tab).hidden = true;
                self.enter(tab, |session, now| session.handle_hide(now, PageHide::MayReturn));
            }
            Act::Show(tab) => {
                self.slot(tab).hidden = false;
                self.enter(tab, Session::handle_show);
            }
            Act::Wake(tab) => {
                self.enter(tab, |session, _| session.handle_wake());
            }
            Act::Clear | Act::ClearAll => {
                self.harm = true;
                if act == Act::ClearAll {
                    self.unprotected = true;
                    self.record = None;
                    self.credential = None;
                }
                self.put(None, None);
            }
            Act::Again(tab) => {
                self.notify(tab);
            }
            Act::Commit(tab) => {
                let slot = self.slot(tab);
                if let Some(value) = slot.outbox.pop_front() {
                    slot.unconfirmed += 1;
                    self.put(Some(tab), Some(value));
                }
            }
            Act::Deliver(tab) => self.deliver(tab),
            Act::Lock(tab) => self.take_lock(tab),
            Act::Run(tab) => self.run(tab),
            Act::Break(tab) => {
                self.unprotected = true;
                self.unlock(tab);
                self.slot(tab).phase = Phase::Written(Err(StoreFailure::Unavailable));
            }
            Act::End(tab) => self.end(tab),
            Act::Serve(tab) => self.serve(tab),
            Act::Reply(tab) => {
                let reply = self.tabs[tab].request.as_ref().and_then(|request| request.reply.clone());
                self.reply(tab, reply.unwrap_or(Err(AcquireFailure::Failed)));
            }
            Act::Refuse(tab) => {
                self.harm = true;
                self.reply(tab, Err(AcquireFailure::Refused));
            }
            Act::Fail(tab) => self.reply(tab, Err(AcquireFailure::Failed)),
            Act::Later(tab, seconds) => {
                self.reply(tab, Err(AcquireFailure::Later(seconds * 1000)));
                let until = self.now + seconds * 1000;
                if !self.tabs[tab].denied && self.not_before.is_none_or(|(_, before)| before < until) {
                    self.not_before = Some((self.reads, until));
                }
            }
            Act::Pass => self.go_to(self.next_due().unwrap_or(self.now)),
            Act::Elapse(millis) => self.go_to(self.now + millis),
            Act::Timer(tab) => {
                let slot = &self.tabs[tab];
                if !slot.queue.is_empty() && self.now >= slot.since + PATIENCE {
                    self.unprotected = true;
                }
                self.enter(tab, Session::handle_timeout);
            }
            Act::Jump(millis) => {
                self.jump += f64::from(millis);
                // A lease that the clock has left behind protects no tab, and it cannot be said whose it is.
                self.unprotected = true;
                self.go_to(self.now);
            }
            Act::Reload(tab) => self.reload(tab),
            Act::Chance(tab) => {
                self.enter(tab, Session::handle_chance);
            }
            Act::Deny(tab) => {
                self.slot(tab).denied = true;
                self.slot(tab).outbox.clear();
            }
        }
    }
}
