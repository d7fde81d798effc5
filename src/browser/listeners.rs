use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::{Event, Window};

use super::dom;
use super::driver::{BrowserEvent, Driver};
use crate::session::PageHide;

type React = fn(&Rc<Driver>, &Event);

// All of these come to the window; `visibilitychange` bubbles there. No `unload`: it would keep the page out of the back/forward cache.
const KINDS: &[(&str, React)] = &[
    ("message", Driver::receive),
    ("messageerror", |driver, event| {
        if dom::is_from_parent(event) {
            driver.handle(BrowserEvent::Unreadable);
        }
    }),
    ("storage", Driver::storage_changed),
    ("pagehide", |driver, event| {
        driver.handle(BrowserEvent::Hide(if dom::is_persisted(event) { PageHide::MayReturn } else { PageHide::Final }));
    }),
    ("pageshow", |driver, _| driver.handle(BrowserEvent::Show)),
    ("visibilitychange", |driver, _| driver.handle(if dom::is_shown() { BrowserEvent::Chance } else { BrowserEvent::Wake })),
    ("focus", |driver, _| driver.handle(BrowserEvent::Wake)),
    ("online", |driver, _| driver.handle(BrowserEvent::Chance)),
];

/// Everything the bridge listens to on the page, without keeping the driver alive; dropped together.
pub(crate) fn listen(window: &Window, driver: &Rc<Driver>) -> Vec<EventListener> {
    let on = |(kind, react): &(&'static str, React)| {
        let (driver, react) = (Rc::downgrade(driver), *react);
        EventListener::new(window, *kind, move |event| {
            if let Some(driver) = driver.upgrade() {
                react(&driver, event);
            }
        })
    };
    KINDS.iter().map(on).collect()
}
