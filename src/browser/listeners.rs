use gloo_events::EventListener;
use web_sys::{Event, Window};

use super::dom;
use super::event::BrowserEvent;
use crate::session::PageHide;

type Read = fn(&Event) -> Option<BrowserEvent>;

// All of these come to the window; `visibilitychange` bubbles there. No `unload`: it would keep the page out of the back/forward cache.
const KINDS: &[(&str, Read)] = &[
    ("message", |event| Some(BrowserEvent::Window(event.clone()))),
    ("messageerror", |event| dom::is_from_parent(event).then_some(BrowserEvent::Unreadable)),
    ("storage", |event| Some(BrowserEvent::Storage(event.clone()))),
    ("pagehide", |event| Some(BrowserEvent::Hide(if dom::is_persisted(event) { PageHide::MayReturn } else { PageHide::Final }))),
    ("pageshow", |_| Some(BrowserEvent::Show)),
    ("visibilitychange", |_| Some(if dom::is_shown() { BrowserEvent::Chance } else { BrowserEvent::Wake })),
    ("focus", |_| Some(BrowserEvent::Wake)),
    ("online", |_| Some(BrowserEvent::Chance)),
];

/// Everything the bridge listens to on the page; dropped together.
pub(crate) fn listen(window: &Window, handle: &(impl Fn(BrowserEvent) + Clone + 'static)) -> Vec<EventListener> {
    let on = |(kind, read): &(&'static str, Read)| {
        let (handle, read) = (handle.clone(), *read);
        EventListener::new(window, *kind, move |event| {
            if let Some(happened) = read(event) {
                handle(happened);
            }
        })
    };
    KINDS.iter().map(on).collect()
}
