use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::{Event, Window};

use super::driver::{Driver, Happened};
use super::page;

type React = fn(&Rc<Driver>, &Event);

// All of these come to the window; `visibilitychange` bubbles there. No `unload`: it would keep the page out of the back/forward cache.
const KINDS: &[(&str, React)] = &[
    ("message", Driver::receive),
    ("messageerror", |driver, event| {
        if page::is_from_parent(event) {
            driver.hear(Happened::Unreadable);
        }
    }),
    ("storage", Driver::storage_changed),
    ("pagehide", |driver, event| driver.hear(Happened::Hide { persisted: page::is_persisted(event) })),
    ("pageshow", |driver, _| driver.hear(Happened::Show)),
    ("visibilitychange", |driver, _| driver.hear(if page::is_shown() { Happened::Chance } else { Happened::Wake })),
    ("focus", |driver, _| driver.hear(Happened::Wake)),
    ("online", |driver, _| driver.hear(Happened::Chance)),
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
