//! A browser in which several tabs share one record that each of them sees late.

use std::collections::VecDeque;

use authframe::session::{Config, Parent};
use serde_json::Value;

use super::tab::{Tab, config, writer};

/// Several tabs of one partition. A tab sees its own writes at once; they reach the shared record later, in an order that [`commit`](Self::commit)
/// decides; and what stands in the shared record reaches each other tab later still, one change after the other, as [`deliver`](Self::deliver)
/// decides. Until then a tab reads what it saw last: that is how Chromium's processes behave, and why merging in memory is not enough.
pub(crate) struct Browser {
    pub(crate) tabs: Vec<Tab>,
    log: Vec<Entry>,
    // Per tab.
    ends: Vec<End>,
    /// WebKit: a tab is notified of its own writes too.
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
    pub(crate) fn shared_record(&self) -> Option<&Value> {
        self.log.last().and_then(|entry| entry.value.as_ref())
    }

    /// Opens a tab: it reads what stands in the shared record now.
    pub(crate) fn open(&mut self, config: Config) -> usize {
        let number = u8::try_from(self.tabs.len() + 1).unwrap();
        let tab = Tab::started(config, number, self.shared_record().cloned(), Parent::None);
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

    /// A script outside our tabs puts this into the shared record.
    pub(crate) fn put(&mut self, value: Option<Value>) {
        self.log.push(Entry { writer: None, value });
    }

    /// Whether a tab has not seen everything.
    pub(crate) fn can_deliver(&self, tab: usize) -> bool {
        self.ends[tab].seen < self.log.len()
    }

    /// A tab sees the next change, and is notified if it is another's and a change.
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
            self.tabs[tab].shared_record.clone_from(&entry.value);
        }
        if entry.value != before && (!own || self.echo) {
            self.tabs[tab].storage_event();
            self.collect(tab);
        }
    }

    /// Lets everything arrive, until no tab has anything to say any more.
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
