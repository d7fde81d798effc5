//! The shared record, which each tab sees late.

use authframe::session::Snapshot;

use super::World;

impl World {
    pub(super) fn put(&mut self, writer: Option<usize>, value: Option<Snapshot>) {
        self.shared_record = value;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].session.is_some() {
                self.slot(tab).coming.push_back((writer, value));
            }
        }
    }

    pub(super) fn deliver(&mut self, tab: usize) {
        let echo = self.rules.echo;
        let slot = self.slot(tab);
        let Some((writer, value)) = slot.coming.pop_front() else { return };
        let own = writer == Some(tab);
        if own {
            slot.unconfirmed = slot.unconfirmed.saturating_sub(1);
        }
        // As long as a write of its own is under way, a tab sees that one.
        if slot.outbox.is_empty() && slot.unconfirmed == 0 {
            slot.cache = value;
        }
        let changed = value != std::mem::replace(&mut slot.before, value);
        if changed && (!own || echo) && !slot.denied {
            self.notify(tab);
        }
    }

    pub(super) fn notify(&mut self, tab: usize) {
        self.enter(tab, |session, _| session.handle_storage_event());
    }
}
