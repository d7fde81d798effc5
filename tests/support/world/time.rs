//! The clock, and who is due.

use authframe::session::Millis;

use super::{WALL, World};

impl World {
    pub(super) fn due(&self, tab: usize) -> Option<Millis> {
        let slot = &self.tabs[tab];
        slot.session.as_ref().filter(|_| !slot.frozen)?.poll_timeout()
    }

    pub(super) fn next_due(&self) -> Option<Millis> {
        let lease = self.record.as_ref().and_then(|record| record.lease).map(|lease| (lease.until - WALL - self.jump).max(0.0) as Millis);
        let tabs = (0..self.tabs.len()).filter_map(|tab| self.due(tab));
        tabs.chain(lease).filter(|due| *due > self.now).min()
    }

    pub(super) fn go_to(&mut self, now: Millis) {
        self.now = now;
        let lapsed = self.record.as_ref().and_then(|record| record.lease).filter(|lease| lease.until <= self.wall());
        for tab in 0..self.tabs.len() {
            if lapsed.is_some_and(|lease| lease.owner == self.tabs[tab].name) {
                self.excuse(tab);
            }
        }
    }
}
