//! The credential store and the Web Lock.

use std::rc::Rc;

use authframe::session::{Fence, Found, Kept, Lease, Liveness, Lock, StoreRecord, Task};

use super::{Broken, Phase, World};

impl World {
    pub(super) fn take_lock(&mut self, tab: usize) {
        let lock = match self.lock {
            _ if !self.rules.locks => Lock::Unsupported,
            Some(holder) if holder != tab => Lock::Elsewhere,
            _ => {
                self.lock = Some(tab);
                Lock::Held
            }
        };
        self.slot(tab).phase = Phase::Locked(lock);
    }

    pub(super) fn unlock(&mut self, tab: usize) {
        self.lock.take_if(|holder| *holder == tab);
    }

    pub(super) fn run(&mut self, tab: usize) {
        let lock = if let Phase::Locked(lock) = self.tabs[tab].phase { lock } else { Lock::Unsupported };
        let Some(task) = self.tabs[tab].queue.front().cloned() else { return };
        let (broken, me) = (self.rules.broken, self.tabs[tab].name);
        let mut found = match &self.record {
            _ if self.memory() => Found::NoStore,
            None => Found::Nothing,
            Some(record) => Found::Record(*record),
        };
        if let Found::Record(record) = &mut found {
            match &task.task {
                Task::Take { .. } if broken == Broken::Lease => record.lease = None,
                Task::Keep { fence: Fence::Lease, .. } if broken == Broken::Fence => {
                    record.lease = Some(Lease { owner: me, until: 0.0, liveness: Liveness::Renewal });
                }
                _ => {}
            }
        }
        let decided = self.enter(tab, |session, now| session.handle_store_found(now, task.id, lock, &found)).flatten();
        let written = decided.is_some();
        if let Some(record) = decided {
            let before = self.record.take();
            if let Task::Keep { fence: Fence::Lease, .. } = &task.task
                && before.as_ref().and_then(|record| record.lease).is_none_or(|lease| lease.owner != me)
            {
                self.violate(format!("tab {tab} stores what a refresh brought without the lease"));
            }
            if before.as_ref().is_some_and(|before| before.snapshot.beats(&record.snapshot)) {
                self.violate(format!("the credential store falls back: {:?} after {before:?}", record.snapshot));
            }
            let kept = record.credential;
            match kept {
                Kept::Nothing if broken == Broken::Wipe => {}
                Kept::Nothing => self.credential = None,
                Kept::New => self.credential.clone_from(&task.credential),
                Kept::Same => {}
            }
            let credential = if self.credential.is_some() { Kept::Same } else { Kept::Nothing };
            self.record = Some(StoreRecord { credential, ..record });
        }
        if matches!(task.task, Task::Take { .. }) && !written && !self.memory() {
            self.unlock(tab);
        }
        let wanted = matches!(task.task, Task::Take { .. } | Task::Look);
        let credential = self.credential.clone().filter(|_| wanted && !self.memory());
        self.slot(tab).phase = Phase::Written(Ok(credential));
    }

    pub(super) fn end(&mut self, tab: usize) {
        let now = self.now;
        let slot = self.slot(tab);
        slot.since = now;
        let Phase::Written(result) = std::mem::replace(&mut slot.phase, Phase::Waiting) else { return };
        let Some(task) = slot.queue.pop_front() else { return };
        if matches!(task.task, Task::Keep { fence: Fence::Lease, .. }) {
            slot.storing = None;
        }
        self.enter(tab, |session, now| session.handle_store_done(now, task.id, result.map(|grant| grant.map(Rc::new))));
        if matches!(task.task, Task::Release { .. } | Task::Keep { .. }) {
            self.unlock(tab);
        }
    }
}
