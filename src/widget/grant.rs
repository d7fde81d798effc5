use wasm_bindgen::JsValue;

use crate::browser::{JsDecoder, to_js};
use crate::session::{Encode, Encoder, Grant};

/// Everything that is given for a sign-in, also what the core counts its end from.
struct Given<'a>(&'a Grant);

impl Encode for Given<'_> {
    fn encode(&self, to: &mut dyn Encoder) {
        self.0.encode(to);
        to.number("expiresIn", self.0.expires_in);
        to.number("serverTime", self.0.server_time);
    }
}

pub(super) fn grant_to_js(grant: &Grant) -> JsValue {
    to_js(&Given(grant))
}

pub(super) fn grant_from_js(grant: JsValue) -> Option<Grant> {
    if grant.is_object() { Grant::read(&JsDecoder(grant)).ok() } else { None }
}
