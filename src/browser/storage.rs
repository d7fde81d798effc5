use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::{Storage, StorageEvent};

use super::surroundings::window;
use super::{JsFields, to_js};
use crate::core::{Snapshot, StorageTier, Stored};

// Ten times what a record of ours can have.
const LONGEST: usize = 4096;

/// The register: one key, on the best tier that works. A tier that fails is left for the next and not tried again.
pub(crate) struct Register {
    key: String,
    tier: StorageTier,
    area: Option<Storage>,
    // What the last tier holds.
    memory: Option<Snapshot>,
}

impl Register {
    /// The register of `key`. A frame without an origin starts at the last tier.
    pub(crate) fn open(key: String, opaque: bool) -> Self {
        let mut register = Self { key, tier: StorageTier::Local, area: None, memory: None };
        if opaque {
            register.tier = StorageTier::Memory;
        } else {
            register.area = local();
            if register.area.is_none() {
                register.descend();
            }
        }
        register
    }

    /// Which tier works.
    pub(crate) const fn tier(&self) -> StorageTier {
        self.tier
    }

    /// What stands there now.
    pub(crate) fn read(&mut self) -> Stored {
        match self.area.as_ref().map(|area| area.get_item(&self.key)) {
            None => self.memory.map_or(Stored::Empty, Stored::Snapshot),
            Some(Ok(text)) => parse(text),
            Some(Err(_)) => {
                self.descend();
                Stored::Moved
            }
        }
    }

    /// Writes, and reads back: a tier that does not keep what it took is no tier.
    pub(crate) fn write(&mut self, snapshot: &Snapshot) {
        let text = JSON::stringify(&to_js(snapshot)).map(String::from).unwrap_or_default();
        while let Some(area) = &self.area {
            if area.set_item(&self.key, &text).is_ok() && area.get_item(&self.key) == Ok(Some(text.clone())) {
                return;
            }
            self.descend();
        }
        self.memory = Some(*snapshot);
    }

    /// What a storage event says of this register; `None` if it speaks of something else.
    pub(crate) fn heard(&self, event: &StorageEvent) -> Option<Stored> {
        let ours = event.key().is_none_or(|key| key == self.key) && event.storage_area() == self.area && self.area.is_some();
        ours.then(|| event.key().map_or(Stored::Empty, |_| parse(event.new_value())))
    }

    fn descend(&mut self) {
        (self.tier, self.area) = match self.tier {
            StorageTier::Local => (StorageTier::Session, session()),
            _ => (StorageTier::Memory, None),
        };
        if self.area.is_none() {
            self.tier = StorageTier::Memory;
        }
    }
}

fn parse(text: Option<String>) -> Stored {
    match text {
        None => Stored::Empty,
        Some(text) if text.len() > LONGEST => Stored::Damaged,
        Some(text) => JSON::parse(&text).map_or(Stored::Damaged, |value: JsValue| Stored::read(&JsFields(value))),
    }
}

// gloo's raw handle throws where storage is denied: ask the window first.
fn local() -> Option<Storage> {
    window()?.local_storage().ok()??;
    Some(LocalStorage::raw())
}

fn session() -> Option<Storage> {
    window()?.session_storage().ok()??;
    Some(SessionStorage::raw())
}
