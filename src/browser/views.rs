use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;

use super::to_js;
use crate::session::SessionView;

/// The session as JavaScript has it: one object for each change, which the host gets in a message and the application as it is.
#[derive(Default)]
pub(crate) struct Views {
    made: RefCell<Vec<(Weak<SessionView>, JsValue)>>,
}

impl Views {
    /// The object of this view.
    pub(crate) fn get(&self, view: &Rc<SessionView>) -> JsValue {
        let mut made = self.made.borrow_mut();
        // As long as the session, or an event that waits, still has the view.
        made.retain(|(view, _)| view.strong_count() > 0);
        if let Some((_, object)) = made.iter().find(|(known, _)| known.as_ptr() == Rc::as_ptr(view)) {
            return object.clone();
        }
        let object = to_js(&**view);
        made.push((Rc::downgrade(view), object.clone()));
        object
    }
}
