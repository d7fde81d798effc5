//! What must never happen, and what must hold when all is quiet.

use authframe::session::{AuthStatus, Reason, SessionView, SharedStatus, Snapshot, StoreRecord};

use super::actions::Act;
use super::{World, number};

impl World {
    pub(super) fn check_view(&mut self, tab: usize, view: &SessionView) {
        self.host_sees(tab, view);
        let slot = self.slot(tab);
        let (epoch, out) = (slot.epoch, slot.out);
        slot.epoch = view.epoch;
        if view.epoch < epoch {
            self.violate(format!("the epoch of tab {tab} falls from {epoch} to {}", view.epoch));
        }
        if view.status == AuthStatus::Authorized && out.is_some_and(|out| view.epoch <= out) {
            self.violate(format!("tab {tab} is signed in at epoch {} although it has seen a sign-out at {out:?}", view.epoch));
        }
        let final_reasons =
            [Reason::Refused, Reason::Expired, Reason::RefreshOutcomeUnknown, Reason::CredentialLost, Reason::StorageCleared];
        if view.status == AuthStatus::Unauthorized && final_reasons.contains(&view.reason) && !self.harm {
            self.violate(format!("tab {tab} is signed out ({:?}) for no reason", view.reason));
        }
        let subject = view.account.as_ref().map(|account| account.subject().to_owned());
        let before = std::mem::replace(&mut self.slot(tab).subject, subject.clone());
        if before.is_some() && subject.is_some() && before != subject {
            self.violate(format!("tab {tab} shows {subject:?} after {before:?} with no sign-out between"));
        }
        if view.status == AuthStatus::Authorized && view.account.is_none() {
            self.violate(format!("tab {tab} is signed in without an account"));
        }
    }

    /// After [`settle`](Self::settle): whether all agree, and nothing is left of a user who is signed out.
    pub(crate) fn check_agreement(&mut self) {
        // One that refreshes has it.
        if let Some(holder) = self.lock.filter(|holder| self.due(*holder).is_none()) {
            self.violate(format!("tab {holder} keeps the lock and refreshes nothing"));
        }
        let living: Vec<usize> = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].session.is_some() && !self.tabs[*tab].denied).collect();
        let out = living.iter().filter_map(|tab| self.tabs[*tab].out).max();
        let signed_out = |record: &&StoreRecord| record.snapshot.status == SharedStatus::Unauthorized && !self.orphaned(record);
        let kept_out = self.record.as_ref().filter(signed_out).map(|record| record.snapshot.epoch);
        let out = out.max(kept_out);
        let mut first: Option<SessionView> = None;
        for tab in living {
            let Some(view) = self.tabs[tab].session.as_ref().map(|session| session.view().clone()) else { continue };
            let version = |view: &SessionView| (view.epoch, view.sequence, view.writer);
            if view.status == AuthStatus::Authorized && out.is_some_and(|out| view.epoch <= out) {
                self.violate(format!("tab {tab} is signed in at epoch {}, and there was a sign-out at {out:?}", view.epoch));
            }
            let shared_record = self.shared_record.unwrap_or(Snapshot::initial());
            if version(&view) != (shared_record.epoch, shared_record.sequence, shared_record.writer) {
                self.violate(format!("tab {tab} has {view:?}, the shared record {shared_record:?}"));
            }
            // What a tab's own acquire came to concerns only that tab.
            let own = shared_record.status == SharedStatus::Authorized
                && matches!(view.reason, Reason::AcquireFailed | Reason::AcquireTimeout | Reason::AccountMismatch | Reason::Refused);
            let shared = if shared_record.status == SharedStatus::Authorized { AuthStatus::Authorized } else { AuthStatus::Unauthorized };
            if view.status != shared && !own {
                self.violate(format!("tab {tab} is {:?} ({:?}), the shared record {shared_record:?}", view.status, view.reason));
            }
            if let Some(first) = &first
                && first.account != view.account
                && !own
            {
                self.violate(format!("tab {tab} has {:?}, another one {:?}", view.account, first.account));
            }
            if !own {
                first.get_or_insert(view);
            }
        }
        if self.memory() || first.is_none() {
            return;
        }
        let shared_record = self.shared_record.unwrap_or(Snapshot::initial());
        let Some(record) = self.record else { return };
        let orphan = self.orphaned(&record);
        if record.snapshot.status == SharedStatus::Unauthorized && self.credential.is_some()
            || shared_record.epoch > 0 && shared_record.status == SharedStatus::Unauthorized && self.credential.is_some() && !orphan
        {
            self.violate(format!("a credential is left after a sign-out: {record:?}, shared record {shared_record:?}"));
        }
    }

    // A change that never left a tab that died, or that has no shared record, is in the credential store alone, until a tab looks.
    fn orphaned(&self, record: &StoreRecord) -> bool {
        let shared_record = self.shared_record.unwrap_or(Snapshot::initial());
        record.snapshot.beats(&shared_record) && self.tabs.iter().all(|slot| slot.denied || slot.name != record.snapshot.writer)
    }

    /// After that: a tab that wants a token gets one, by one request for all of them.
    pub(crate) fn check_refresh(&mut self) {
        let before = self.requests;
        let mut askers = Vec::new();
        for tab in 0..self.tabs.len() {
            let slot = &self.tabs[tab];
            let authorized = slot.session.as_ref().is_some_and(|session| session.view().status == AuthStatus::Authorized);
            if !authorized {
                continue;
            }
            if self.due(tab).is_none() {
                self.violate(format!("tab {tab} has a token that ends and will not renew it: {slot:?}"));
            }
            self.step(Act::Want(tab));
            if let Some(session) = self.tabs[tab].session.as_ref().filter(|_| self.tabs[tab].wanted && !self.tabs[tab].denied) {
                askers.push((tab, (session.view().epoch, session.view().account.clone())));
            }
        }
        self.settle();
        // Unless they found another tab's change in the credential store.
        let who = |tab: usize| self.tabs[tab].session.as_ref().map(|session| (session.view().epoch, session.view().account.clone()));
        askers.retain(|(tab, before)| who(*tab).as_ref() == Some(before));
        let good = self.credential.as_ref().and_then(number).is_some_and(|token| {
            let family = &self.families[self.family_of[&token]];
            family.valid == token && !family.revoked
        });
        if askers.is_empty() || self.memory() || !good {
            return;
        }
        for (tab, _) in askers {
            if self.tabs[tab].token_result != Some(true) {
                self.violate(format!("tab {tab} wanted a token and got {:?}", self.tabs[tab].token_result));
            }
        }
        let requests = self.requests - before;
        if requests > 1 {
            self.violate(format!("{requests} requests for one refresh"));
        }
    }
}
