use std::cell::RefCell;
use std::ptr;
use std::rc::{Rc, Weak};

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::dom;
use crate::session::{Encode, Encoder};

/// An outgoing record as JavaScript has it.
pub(crate) fn to_js(record: &dyn Encode) -> JsValue {
    encode(record, &Views::default())
}

/// The same, with the views of the session that were made already.
pub(super) fn encode(record: &dyn Encode, views: &Views) -> JsValue {
    let object = Object::new();
    record.encode(&mut Properties { object: &object, views });
    object.into()
}

/// The session as JavaScript has it: one object for each change, which the host gets in a message and the application as it is.
#[derive(Default)]
pub(crate) struct Views {
    made: RefCell<Vec<(Weak<dyn Encode>, JsValue)>>,
}

impl Views {
    /// The object of this view.
    pub(crate) fn get(&self, view: Rc<dyn Encode>) -> JsValue {
        let mut made = self.made.borrow_mut();
        // As long as the session, or an event that waits, still has the view.
        made.retain(|(view, _)| view.strong_count() > 0);
        if let Some((_, object)) = made.iter().find(|(known, _)| ptr::addr_eq(known.as_ptr(), Rc::as_ptr(&view))) {
            return object.clone();
        }
        let object = to_js(&*view);
        made.push((Rc::downgrade(&view), object.clone()));
        object
    }
}

/// The properties of an object. Texts and numbers reach JavaScript together with their key; what is rarer is made by serde.
/// Not the object itself: a serializer for maps also knows what is not a text as a key, and one for structs keeps a table of field names.
struct Properties<'a> {
    object: &'a Object,
    views: &'a Views,
}

impl Encoder for Properties<'_> {
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) => dom::put_text(self.object, key, text),
            None => dom::put(self.object, key, &JsValue::NULL),
        }
    }

    fn number(&mut self, key: &'static str, number: Option<f64>) {
        match number {
            Some(number) => dom::put_number(self.object, key, number),
            None => dom::put(self.object, key, &JsValue::NULL),
        }
    }

    fn words(&mut self, key: &'static str, words: &str) {
        dom::put_words(self.object, key, words);
    }

    #[cfg(feature = "dialects")]
    fn undefined(&mut self, key: &'static str) {
        dom::put(self.object, key, &JsValue::UNDEFINED);
    }

    #[cfg(feature = "dialects")]
    fn flag(&mut self, key: &'static str, flag: bool) {
        // It cannot fail; if it did, the receiver would see a message that is not ours.
        dom::put(self.object, key, &serde_wasm_bindgen::to_value(&flag).unwrap_or(JsValue::NULL));
    }

    fn record(&mut self, key: &'static str, record: Option<&dyn Encode>) {
        dom::put(self.object, key, &record.map_or(JsValue::NULL, |record| encode(record, self.views)));
    }

    fn common_record(&mut self, key: &'static str, record: Rc<dyn Encode>) {
        dom::put(self.object, key, &self.views.get(record));
    }
}
