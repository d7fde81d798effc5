use std::rc::Weak;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Event, PageTransitionEvent, StorageEvent, Window};

use super::Driver;

/// Everything the bridge listens to on the page; dropped together.
pub(crate) fn listen(window: &Window, driver: &Weak<Driver>) -> Vec<EventListener> {
    let on = |target: &web_sys::EventTarget, kind: &'static str, react: fn(&Driver, &Event)| {
        let driver = driver.clone();
        EventListener::new(target, kind, move |event| {
            if let Some(driver) = driver.upgrade() {
                react(&driver, event);
            }
        })
    };
    let mut all = vec![
        on(window, "message", |driver, event| driver.receive(event.unchecked_ref())),
        on(window, "storage", |driver, event| driver.storage_changed(event.unchecked_ref::<StorageEvent>())),
        // No `unload`: it would keep the page out of the back/forward cache.
        on(window, "pagehide", |driver, event| driver.hide(event.unchecked_ref::<PageTransitionEvent>().persisted())),
        on(window, "pageshow", |driver, _| driver.show()),
        on(window, "focus", |driver, _| driver.wake()),
    ];
    if let Some(document) = window.document() {
        all.push(on(&document, "visibilitychange", |driver, _| driver.wake()));
    }
    all
}
