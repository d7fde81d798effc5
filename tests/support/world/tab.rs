//! A tab of the world: it opens, does what its session says, and is gone.

use std::collections::VecDeque;
use std::rc::Rc;

use authframe::dialect::NativeMessage;
use authframe::session::{AcquireAbout, AcquireReason, Event, Fence, Id, Lease, Millis, Output, OwnOrigin, Parent, Session, Stored, Task};

use super::host::{Listener, Word};
use super::{ACCOUNTS, Broken, CONFIG, Machine, Request, Slot, World, number};
use crate::support::StoreTask;

impl World {
    pub(super) fn open(&mut self, tab: usize) {
        self.names += 1;
        let name = Id(u64::from_be_bytes([self.names; 8]));
        let config = CONFIG.with(|config| config.clone()).credentials(self.rules.credentials);
        let cache = self.shared_record;
        let session = Session::new(config, name, Listener);
        *self.slot(tab) = Slot { session: Some(session), name, cache, before: cache, ..Slot::empty() };
        self.enter(tab, |session, now| session.handle_start(now, Parent::None, OwnOrigin::Tuple).unwrap());
    }

    pub(super) fn gone(&mut self, tab: usize) {
        self.excuse(tab);
        self.unlock(tab);
        let slot = self.slot(tab);
        *slot = Slot { outbox: VecDeque::new(), ..Slot::empty() };
    }

    // The request that this tab has sent may be sent again by another tab.
    pub(super) fn excuse(&mut self, tab: usize) {
        let slot = &self.tabs[tab];
        let asked = slot.request.as_ref().and_then(|request| request.token);
        for token in asked.into_iter().chain(slot.storing) {
            Rc::make_mut(&mut self.sent).insert(token, true);
        }
    }

    pub(super) fn enter<R>(&mut self, tab: usize, input: impl FnOnce(&mut Machine, Millis) -> R) -> Option<R> {
        let (now, wall) = (self.now, self.wall());
        let session = self.slot(tab).session.as_mut()?;
        session.set_wall_clock(now, wall);
        let result = input(session, now);
        loop {
            let outputs = self.slot(tab).session.as_mut()?.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                // What it leads to may be the end of the tab.
                self.slot(tab).session.as_ref()?;
                self.perform(tab, output);
            }
        }
        let slot = self.slot(tab);
        slot.now = now;
        slot.out = slot.out.max(slot.pending_out);
        // What was said before it was received stands in the queue behind it: what counts is how it ends.
        if let Some(view) = slot.session.as_ref().map(|session| session.view().clone()) {
            self.check_view(tab, &view);
        }
        Some(result)
    }

    fn perform(&mut self, tab: usize, output: Output<Word, NativeMessage>) {
        let broken = self.rules.broken;
        match output {
            Output::Read => {
                let now = self.now;
                let pause = self.pause.filter(|_| self.rules.pauses && !self.tabs[tab].denied);
                self.reads += 1;
                let reads = self.reads;
                let slot = self.slot(tab);
                if !slot.denied {
                    slot.pause_read = reads;
                }
                if let Some(session) = slot.session.as_mut() {
                    session.handle_pause(now, Ok(pause));
                }
                let stored = slot.cache.map_or(Stored::Empty, Stored::Snapshot);
                slot.receive(stored);
                if let Some(session) = slot.session.as_mut() {
                    session.handle_stored(now, stored);
                }
            }
            Output::Ask(_) | Output::Carry(_) | Output::Report(_) => self.violate("no host here speaks another dialect".to_owned()),
            Output::Pause(pause) => {
                if !self.tabs[tab].denied {
                    self.pause = pause;
                }
                if pause.is_none() {
                    self.not_before = None;
                }
            }
            Output::Write => {
                let slot = self.slot(tab);
                let Some(snapshot) = slot.session.as_ref().map(|session| *session.snapshot()) else { return };
                let fresh = slot.written.insert((snapshot.epoch, snapshot.sequence, snapshot.writer.0));
                slot.receive(Stored::Snapshot(snapshot));
                if broken == Broken::Repair && (snapshot.writer != slot.name || !fresh) {
                    return;
                }
                slot.cache = Some(snapshot);
                if !slot.denied {
                    slot.outbox.push_back(snapshot);
                }
            }
            Output::Emit(event) => self.emit(tab, event),
            Output::OpenPort | Output::PostWindow(_) | Output::PostPort(_) | Output::ClosePort => {}
        }
    }

    fn emit(&mut self, tab: usize, event: Event<Word>) {
        match event {
            Event::Session(view) => self.check_view(tab, &view),
            Event::Acquire { id, reason, about } => {
                let (who, token) = match &about {
                    Some(AcquireAbout::Identity(identity)) => (Some(u8::from(identity.account().subject() == ACCOUNTS[1])), None),
                    Some(AcquireAbout::Credential(grant)) => (None, number(grant)),
                    None => (None, None),
                };
                if reason == AcquireReason::Refresh {
                    self.requests += 1;
                }
                // No clock was set, and the server has said when to come again.
                if self.rules.pauses
                    && self.jump == 0.0
                    && self.not_before.is_some_and(|(at, until)| self.tabs[tab].pause_read > at && until > self.now)
                {
                    self.violate(format!("tab {tab} asks at {}, and all were asked to wait {:?}", self.now, self.not_before));
                }
                if let Some(token) = token {
                    let me = self.tabs[tab].name;
                    let lease = self.record.as_ref().and_then(|record| record.lease);
                    // Another's is another matter if it protects another token: a sign-in has ended ours, and what this brings will come too late.
                    let newest = self.credential.as_ref().and_then(number) == Some(token);
                    let running = |lease: Lease| lease.until > self.wall();
                    let lapsed = lease.is_some_and(|lease| if lease.owner == me { !running(lease) } else { newest && running(lease) });
                    let before = Rc::make_mut(&mut self.sent).insert(token, false);
                    if !self.memory() && !self.unprotected {
                        if before == Some(false) {
                            self.violate(format!("r{token} is sent a second time, by tab {tab}: {:?}", self.record));
                        }
                        if lapsed && self.rules.broken != Broken::Lease {
                            self.violate(format!("r{token} is sent after the lease, by tab {tab}: {:?}", self.record));
                        }
                    }
                }
                self.slot(tab).request = Some(Request { id, reason, who, token, reply: None });
            }
            Event::AcquireCancelled => {
                self.excuse(tab);
                self.slot(tab).request = None;
                self.unlock(tab);
            }
            Event::CredentialStore { id, task, credential } => {
                let now = self.now;
                let slot = self.slot(tab);
                if let (Task::Keep { fence: Fence::Open, .. }, Some(session)) = (&task, &slot.session) {
                    let snapshot = *session.snapshot();
                    slot.receive(Stored::Snapshot(snapshot));
                }
                if slot.queue.is_empty() {
                    slot.since = now;
                }
                slot.last_task = id;
                slot.queue.push_back(StoreTask { id, task, credential: credential.as_deref().cloned() });
            }
            Event::Token(result) => {
                let slot = self.slot(tab);
                slot.token_result = Some(result.is_ok());
                if !std::mem::take(&mut slot.wanted) {
                    self.violate(format!("tab {tab} emits a token that no caller waits for"));
                }
            }
            Event::Connection(..) | Event::Failed(_) | Event::Message(_) | Event::Dialect(_) | Event::Settled(_) => {}
        }
    }
}
