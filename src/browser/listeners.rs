use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, PageTransitionEvent, Window};

use super::driver::{Driver, Happened};

type React = fn(&Rc<Driver>, &Event);

// No `unload`: it would keep the page out of the back/forward cache.
const KINDS: &[(&str, React)] = &[
    // The first one comes to the document, the others to the window.
    ("visibilitychange", |driver, _| driver.hear(Happened::Wake)),
    ("message", |driver, event| driver.receive(event.unchecked_ref())),
    ("storage", |driver, event| driver.storage_changed(event.unchecked_ref())),
    ("pagehide", |driver, event| driver.hear(Happened::Hide { persisted: event.unchecked_ref::<PageTransitionEvent>().persisted() })),
    ("pageshow", |driver, _| driver.hear(Happened::Show)),
    ("focus", |driver, _| driver.hear(Happened::Wake)),
];

/// Everything the bridge listens to on the page; dropped together.
pub(crate) fn listen(window: &Window, driver: &Rc<Driver>, all: &mut Vec<EventListener>) {
    let document = window.document();
    let mut target: Option<&EventTarget> = document.as_deref().map(AsRef::as_ref);
    for (kind, react) in KINDS {
        if let Some(target) = target.replace(window) {
            all.push(on(target, kind, driver, *react));
        }
    }
}

/// Hears one kind of event, without keeping the driver alive.
pub(crate) fn on(target: &EventTarget, kind: &'static str, driver: &Rc<Driver>, react: React) -> EventListener {
    let driver = Rc::downgrade(driver);
    EventListener::new(target, kind, move |event| {
        if let Some(driver) = driver.upgrade() {
            react(&driver, event);
        }
    })
}
