use wasm_bindgen::JsValue;
use web_sys::Window;

use crate::core::{Environment, Parent, StorageTier};

/// The window, if there is one.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// Where this page stands.
pub(crate) struct Surroundings {
    embedded: bool,
    own_origin: String,
    ancestors: Option<Vec<String>>,
    referrer: Option<String>,
}

impl Surroundings {
    pub(crate) fn look(window: &Window) -> Self {
        let location = window.location();
        let parent = window.parent().ok().flatten();
        let ancestors = ancestor_origins(&location);
        let referrer = window.document().map(|document| document.referrer()).and_then(|referrer| origin_of(&referrer));
        Self {
            embedded: parent.is_some_and(|parent| parent != *window),
            // `location.origin` would show the address's origin even where the document has none.
            own_origin: own_origin(window),
            ancestors,
            referrer,
        }
    }

    /// Whether the page is in a frame.
    pub(crate) const fn embedded(&self) -> bool {
        self.embedded
    }

    /// Whether this document has no origin of its own.
    pub(crate) fn opaque(&self) -> bool {
        self.own_origin == "null"
    }

    pub(crate) fn parent(&self) -> Parent {
        let direct = self.ancestors.as_ref().and_then(|ancestors| ancestors.first());
        match (self.embedded, direct, &self.referrer) {
            (false, ..) => Parent::None,
            (true, Some(origin), _) => Parent::Known(origin.clone()),
            (true, None, Some(origin)) => Parent::Hint(origin.clone()),
            (true, None, None) => Parent::Unknown,
        }
    }

    pub(crate) fn environment(&self, storage: StorageTier, parent: Option<&str>) -> Environment {
        Environment::new(&self.own_origin, self.embedded, self.ancestors.as_deref(), storage, parent.map(ToOwned::to_owned))
    }
}

/// `N` bytes from the browser's cryptographic source, or `None` where there is none.
pub(crate) fn random<const N: usize>(window: &Window) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    window.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// The nonce that a host gave to a frame without an origin, in the fragment of its address.
pub(crate) fn fragment_nonce(window: &Window) -> Option<[u8; 16]> {
    let hash = window.location().hash().ok()?;
    // The last thing in it: `#authframe=` and 32 digits.
    let digits = hash.as_bytes().last_chunk::<32>()?;
    let mut nonce = [0; 16];
    for (byte, pair) in nonce.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = pair.iter().try_fold(0_u8, |byte, digit| Some(byte << 4 | u8::try_from(char::from(*digit).to_digit(16)?).ok()?))?;
    }
    Some(nonce)
}

fn own_origin(window: &Window) -> String {
    let origin = js_sys::Reflect::get(window, &JsValue::from_str("origin"));
    origin.ok().and_then(|origin| origin.as_string()).unwrap_or_default()
}

// Not every engine has it, which web-sys does not know.
fn ancestor_origins(location: &web_sys::Location) -> Option<Vec<String>> {
    let list = js_sys::Reflect::get(location, &JsValue::from_str("ancestorOrigins")).ok()?;
    list.is_object().then(|| js_sys::Array::from(&list).iter().filter_map(|origin| origin.as_string()).collect())
}

// `scheme://host[:port]` of an address: what stands before the third slash.
fn origin_of(address: &str) -> Option<String> {
    let mut slashes = address.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    let end = slashes.nth(2).map_or(address.len(), |(place, _)| place);
    address.get(..end).filter(|origin| !origin.is_empty()).map(ToOwned::to_owned)
}
