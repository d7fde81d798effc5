//! What happens by itself, until nothing is left to happen.

use authframe::session::AuthStatus;

use super::actions::Act;
use super::{Machine, World};

impl World {
    /// Whether nothing happens any more unless time passes or a user does something.
    pub(crate) fn quiet(&self) -> bool {
        self.eager().is_none()
    }

    /// Everything arrives, all agree, and a token can be had.
    pub(crate) fn finish(&mut self) {
        self.settle();
        self.check_agreement();
        if self.violation.is_none() {
            self.check_refresh();
            self.check_agreement();
        }
    }

    // What happens by itself, sooner or later.
    fn eager(&self) -> Option<Act> {
        let tabs = 0..self.tabs.len();
        let all: [fn(usize) -> Act; 8] = [Act::Commit, Act::Deliver, Act::Lock, Act::Run, Act::End, Act::Serve, Act::Reply, Act::Timer];
        all.into_iter().flat_map(|make| tabs.clone().map(make)).find(|act| self.can(*act))
    }

    fn waits(&self) -> Option<usize> {
        self.tabs.iter().position(|slot| {
            let waiting = |session: &Machine| matches!(session.view().status, AuthStatus::Authorizing | AuthStatus::Unknown);
            slot.session.as_ref().is_some_and(|session| waiting(session) || slot.wanted)
        })
    }

    /// Every tab comes back, everything arrives, and time passes until no tab waits for anything.
    pub(crate) fn settle(&mut self) {
        // Twice: what crossed on its way is repaired when the page is looked at again.
        for _ in 0..2 {
            self.calm();
        }
    }

    fn calm(&mut self) {
        for tab in 0..self.tabs.len() {
            for act in [Act::Thaw(tab), Act::Show(tab), Act::Wake(tab)] {
                if self.can(act) {
                    self.step(act);
                }
            }
        }
        let patience = self.now + 300_000;
        for _ in 0..4000 {
            if self.violation.is_some() {
                return;
            }
            if let Some(act) = self.eager() {
                self.step(act);
                continue;
            }
            let Some(tab) = self.waits() else { return };
            match self.next_due().filter(|due| *due <= patience) {
                Some(due) => self.go_to(due),
                None => return self.violate(format!("tab {tab} waits for ever: {:?}", self.tabs[tab])),
            }
        }
        self.violate("it never becomes quiet");
    }
}
