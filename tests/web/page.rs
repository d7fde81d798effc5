//! The page of the test: its window, its storage, its events, and properties that a test overrides.

use js_sys::{Array, Function, JSON, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, Storage, Window};

pub(crate) const HOST: &str = "https://crm.example.com";

pub(crate) fn window() -> Window {
    web_sys::window().unwrap()
}

pub(crate) fn local() -> Storage {
    window().local_storage().unwrap().unwrap()
}

pub(crate) fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

pub(crate) fn set(object: &JsValue, key: &str, value: &JsValue) {
    assert!(Reflect::set(object, &key.into(), value).unwrap(), "{key}");
}

pub(crate) fn js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap()
}

/// Makes what web-sys has no feature for here: `new name(...arguments)`.
pub(crate) fn construct(name: &str, arguments: &[JsValue]) -> JsValue {
    let constructor: Function = get(&window(), name).unchecked_into();
    Reflect::construct(&constructor, &arguments.iter().collect::<Array>()).unwrap()
}

pub(crate) fn dispatch(event: JsValue) {
    window().dispatch_event(&event.unchecked_into::<Event>()).unwrap();
}

/// A storage event as the browser makes it when another tab has written.
pub(crate) fn storage_event(area: &Storage, key: Option<&str>, new_value: Option<&str>) {
    let init = Object::new();
    set(&init, "key", &key.map_or(JsValue::NULL, JsValue::from));
    set(&init, "newValue", &new_value.map_or(JsValue::NULL, JsValue::from));
    set(&init, "storageArea", area);
    dispatch(construct("StorageEvent", &["storage".into(), init.into()]));
}

pub(crate) fn page_event(kind: &str, persisted: bool) {
    let init = Object::new();
    set(&init, "persisted", &persisted.into());
    dispatch(construct("PageTransitionEvent", &[kind.into(), init.into()]));
}

/// Replaces a property of an object, and puts the old one back when dropped, even if the test fails before.
pub(crate) struct Override {
    pub(crate) object: JsValue,
    pub(crate) key: &'static str,
    pub(crate) before: JsValue,
}

impl Override {
    pub(crate) fn new(object: &JsValue, key: &'static str, value: &JsValue) -> Self {
        let before: JsValue = Reflect::get_own_property_descriptor(object.unchecked_ref::<Object>(), &key.into()).unwrap();
        let descriptor = Object::new();
        set(&descriptor, "value", value);
        set(&descriptor, "configurable", &true.into());
        set(&descriptor, "writable", &true.into());
        assert!(Reflect::define_property(object.unchecked_ref::<Object>(), &key.into(), &descriptor).unwrap(), "{key}");
        Self { object: object.clone(), key, before }
    }
}

impl Drop for Override {
    fn drop(&mut self) {
        let object = self.object.unchecked_ref::<Object>();
        let _ = if self.before.is_undefined() {
            Reflect::delete_property(object, &self.key.into())
        } else {
            Reflect::define_property(object, &self.key.into(), self.before.unchecked_ref())
        };
    }
}

/// `Storage.prototype`, on which both storages have their methods.
pub(crate) fn storage_prototype() -> JsValue {
    get(&get(&window(), "Storage"), "prototype")
}
