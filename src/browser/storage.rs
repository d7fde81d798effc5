use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use wasm_bindgen::JsValue;
use web_sys::{Event, Storage};

use super::{JsDecoder, dom, to_js};
use crate::session::{Malformed, Pause, Snapshot, StorageTier, Stored};

/// The shared record: one key, on the best tier that works. A tier that fails is left for the next and not tried again.
pub(crate) struct SharedRecord {
    key: String,
    pause_key: String,
    tier: StorageTier,
    area: Option<Storage>,
    // What the last tier holds.
    memory: Option<Snapshot>,
}

impl SharedRecord {
    /// The shared record of `key`, in `area` or else in localStorage. A frame without an origin reaches no tier but the last.
    pub(crate) fn open(key: String, pause_key: String, area: Option<Storage>) -> Self {
        let area = area.or_else(|| reach("localStorage", LocalStorage::raw));
        let mut record = Self { key, pause_key, tier: StorageTier::Local, area, memory: None };
        if record.area.is_none() {
            record.descend();
        }
        record
    }

    /// Which tier works.
    pub(crate) const fn tier(&self) -> StorageTier {
        self.tier
    }

    /// What stands there now.
    pub(crate) fn read(&mut self) -> Stored {
        match &self.area {
            None => self.memory.map_or(Stored::Empty, Stored::Snapshot),
            Some(area) => understand(dom::read(area, &self.key)).unwrap_or_else(|| {
                self.descend();
                Stored::Moved
            }),
        }
    }

    /// Writes, and reads back: a tier that does not keep what it took is no tier.
    pub(crate) fn write(&mut self, snapshot: &Snapshot) {
        let value = to_js(snapshot);
        while let Some(area) = &self.area {
            if dom::write(area, &self.key, &value) {
                return;
            }
            self.descend();
        }
        self.memory = Some(*snapshot);
    }

    /// How long no tab tries again. `None` where nothing can be shared: each tab waits by itself.
    pub(crate) fn read_pause(&self) -> Option<Result<Option<Pause>, Malformed>> {
        let found = dom::read(self.area.as_ref()?, &self.pause_key);
        if found.is_object() { Some(Pause::read(&JsDecoder(found)).map(Some)) } else { found.is_null().then_some(Ok(None)) }
    }

    /// Writes that, or removes it.
    pub(crate) fn write_pause(&self, pause: Option<&Pause>) {
        if let Some(area) = &self.area {
            match pause {
                Some(pause) => _ = dom::write(area, &self.pause_key, &to_js(pause)),
                None => dom::remove(area, &self.pause_key),
            }
        }
    }

    /// Whether a storage event speaks of it. What it says of it is not believed: see `Session::handle_storage_event`.
    pub(crate) fn is_meant_by(&self, event: &Event) -> bool {
        self.area.as_ref().is_some_and(|area| dom::speaks_of(event, area, &self.key, &self.pause_key))
    }

    fn descend(&mut self) {
        self.area = match self.tier {
            StorageTier::Local => reach("sessionStorage", SessionStorage::raw),
            _ => None,
        };
        self.tier = if self.area.is_some() { StorageTier::Session } else { StorageTier::Memory };
    }
}

// gloo's raw handle throws where storage is denied.
fn reach(name: &str, raw: fn() -> Storage) -> Option<Storage> {
    dom::is_reachable(name).then(raw)
}

fn understand(found: JsValue) -> Option<Stored> {
    if found.is_object() {
        Some(Stored::read(&JsDecoder(found)))
    } else if found.is_null() {
        Some(Stored::Empty)
    } else {
        None
    }
}
