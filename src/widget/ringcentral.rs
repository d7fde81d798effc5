//! A page that was written for RingCentral Embeddable, as a widget below it sees it: `docs/dialects/ringcentral.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Object, Promise};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::eager::handled;
use super::facts;
use crate::interop::{
    BridgeError, Callback, HandlerError, Subscription, from_value, function, handler_function, milliseconds, property, put, put_given,
    record, settled, text_of, timeout_option, to_value,
};
use crate::session::{Secret, SessionView};

#[wasm_bindgen]
extern "C" {
    /// `RingCentralHost` of `js/dialect/ringcentral/types.ts`.
    #[derive(Clone)]
    pub(super) type JsRingCentral;

    #[wasm_bindgen(method, getter)]
    fn service(this: &JsRingCentral) -> JsValue;
    #[wasm_bindgen(method)]
    fn subscribe(this: &JsRingCentral, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = pressAuthorization)]
    fn press_authorization(this: &JsRingCentral) -> Promise;
    #[wasm_bindgen(method)]
    fn request(this: &JsRingCentral, path: &str, body: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, catch)]
    fn handle(this: &JsRingCentral, path: &str, handler: &JsValue) -> Result<Function, JsValue>;
    #[wasm_bindgen(method)]
    fn on(this: &JsRingCentral, kind: &str, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, catch)]
    fn notify(this: &JsRingCentral, kind: &str, fields: &JsValue) -> Result<(), JsValue>;
}

/// How the widget presents itself. A clone is independent: what is set on it does not change the original.
#[derive(Clone, Debug, Default)]
pub struct RingCentralOptions {
    login: Option<Callback>,
    presence: Option<RingCentralPresence>,
    brand: Option<Brand>,
    locale: Option<Locale>,
    size: Option<[u32; 2]>,
    minimized: Option<bool>,
    closed: Option<bool>,
    share_authorization: Option<bool>,
    disable_login_popup: Option<DisableLoginPopup>,
    on_login_failed: Option<LoginFailed>,
    ready_timeout: Option<Duration>,
}

/// The addresses of the images. Each may hold a whole image, or a secret in its query.
#[derive(Clone, Debug)]
struct Brand {
    logo: Secret<String>,
    icon: Option<Secret<String>>,
}

#[derive(Clone, Debug)]
struct Locale {
    locale: String,
    words: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug)]
enum DisableLoginPopup {
    Always(bool),
    ByHost,
}

/// A listener. Clones are the same one.
#[derive(Clone)]
struct LoginFailed(Rc<dyn Fn(BridgeError)>);

impl fmt::Debug for LoginFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginFailed")
    }
}

/// The dot in the adapter's header. Each a text of 1 to 64 characters.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RingCentralPresence {
    /// `NoCall`, `Ringing`, `CallConnected`, `OnHold` …
    pub telephony_status: Option<String>,
    /// `Available`, `Busy` or `Offline`.
    pub user_status: Option<String>,
    /// `TakeAllCalls`, `DoNotAcceptAnyCalls`, `DoNotAcceptDepartmentCalls` or `TakeDepartmentCallsOnly`.
    pub dnd_status: Option<String>,
    /// Which entry of the menu is marked: one of `user_status`, or `DoNotAcceptAnyCalls`.
    pub presence_option: Option<String>,
}

/// What a host learns of the user who has signed in. Never put a token here.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RingCentralLogin {
    /// `+16505550100*101`: main company number, star, extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_number: Option<String>,
    /// An ISO 3166 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracted_country_code: Option<String>,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// `sms`, `meeting`, `glip`, `smartNote`, `call`, `ringSenseInsights`: hosts expect all six.
    pub features: BTreeMap<String, bool>,
}

/// The service that the host has registered. It is the host's word, and proves nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RingCentralService {
    fields: Secret<JsValue>,
    /// Whether it is authorized. Without a button it always is, until the host says otherwise.
    pub authorized: bool,
    /// Whose account it is; `None` while it is not authorized, or if the host does not say.
    pub account: Option<String>,
}

impl RingCentralPresence {
    /// With this status of the telephone.
    #[must_use]
    pub fn with_telephony_status(mut self, status: impl Into<String>) -> Self {
        self.telephony_status = Some(status.into());
        self
    }

    /// With this status of the user.
    #[must_use]
    pub fn with_user_status(mut self, status: impl Into<String>) -> Self {
        self.user_status = Some(status.into());
        self
    }

    /// With which calls are taken.
    #[must_use]
    pub fn with_dnd_status(mut self, status: impl Into<String>) -> Self {
        self.dnd_status = Some(status.into());
        self
    }

    /// With this entry of the menu marked.
    #[must_use]
    pub fn with_presence_option(mut self, option: impl Into<String>) -> Self {
        self.presence_option = Some(option.into());
        self
    }
}

impl RingCentralLogin {
    /// With this number and extension.
    #[must_use]
    pub fn with_login_number(mut self, number: impl Into<String>) -> Self {
        self.login_number = Some(number.into());
        self
    }

    /// In this country.
    #[must_use]
    pub fn with_contracted_country_code(mut self, code: impl Into<String>) -> Self {
        self.contracted_country_code = Some(code.into());
        self
    }

    /// An administrator, or not.
    #[must_use]
    pub const fn with_admin(mut self, admin: bool) -> Self {
        self.admin = admin;
        self
    }

    /// With a feature, or without it.
    #[must_use]
    pub fn with_feature(mut self, name: impl Into<String>, on: bool) -> Self {
        self.features.insert(name.into(), on);
        self
    }
}

impl RingCentralService {
    /// Every field as the host has registered it, as an object of JavaScript.
    pub const fn fields(&self) -> &JsValue {
        self.fields.expose()
    }

    /// One of its fields, if it has this form.
    pub fn field<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        Some(property(self.fields(), name)).filter(|value| !value.is_undefined()).and_then(|value| from_value(value).ok())
    }

    fn read(from: &JsValue) -> Option<Self> {
        from.is_object().then(|| Self {
            fields: Secret::new(property(from, "fields")),
            authorized: property(from, "authorized").is_truthy(),
            account: text_of(from, "account"),
        })
    }
}

impl RingCentralOptions {
    /// Says what the host learns of the user who has signed in. Without it, and with an `Err`, which is reported in the console, the host learns only that a user has.
    #[must_use]
    pub fn login<L, F>(mut self, login: L) -> Self
    where
        L: Fn(SessionView) -> F + 'static,
        F: Future<Output = Result<RingCentralLogin, HandlerError>> + 'static,
    {
        self.login = Some(Callback::new(move |session| {
            let details = login(facts::session(session));
            async move { Ok(to_value(&details.await?)?) }
        }));
        self
    }

    /// The dot in the adapter's header, while a user is signed in. Without it there is no dot.
    #[must_use]
    pub fn presence(mut self, presence: &RingCentralPresence) -> Self {
        self.presence = Some(presence.clone());
        self
    }

    /// The adapter's images: in the header, and in the header of its docked form. Addresses that begin with `https://` or `data:image/`.
    #[must_use]
    pub fn brand(mut self, logo: &str, icon: Option<&str>) -> Self {
        let address = |address: &str| Secret::new(address.to_owned());
        self.brand = Some(Brand { logo: address(logo), icon: icon.map(address) });
        self
    }

    /// The words of the adapter's menu, by their names (`availableBtn` …). Those that are left out are English.
    #[must_use]
    pub fn locale(mut self, locale: &str, words: &BTreeMap<String, String>) -> Self {
        self.locale = Some(Locale { locale: locale.to_owned(), words: words.clone() });
        self
    }

    /// How large the adapter shows the widget before the user has moved it: CSS pixels, 0 to 100,000. Default 300 × 500.
    #[must_use]
    pub const fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some([width, height]);
        self
    }

    /// Whether it is minimized at first. Default `false`.
    #[must_use]
    pub const fn minimized(mut self, minimized: bool) -> Self {
        self.minimized = Some(minimized);
        self
    }

    /// Whether it is closed at first. Default `false`.
    #[must_use]
    pub const fn closed(mut self, closed: bool) -> Self {
        self.closed = Some(closed);
        self
    }

    /// Whether what a page says of the service's authorization holds in every tab below the same host. Default `false`, as the vendor's widget.
    #[must_use]
    pub const fn share_authorization(mut self, share: bool) -> Self {
        self.share_authorization = Some(share);
        self
    }

    /// The host opens the sign-in window, not the widget. Needs [`SignIn::oauth`](super::SignIn::oauth) in [`Options::sign_in`](super::Options::sign_in). Allow it only for hosts that may do that. Default `false`.
    #[must_use]
    pub const fn disable_login_popup(mut self, disable: bool) -> Self {
        self.disable_login_popup = Some(DisableLoginPopup::Always(disable));
        self
    }

    /// The same, if the address of the frame, which the host writes, has a parameter `disableLoginPopup`.
    #[must_use]
    pub const fn disable_login_popup_by_host(mut self) -> Self {
        self.disable_login_popup = Some(DisableLoginPopup::ByHost);
        self
    }

    /// Called with what a sign-in that the host has asked for has failed with.
    #[must_use]
    pub fn on_login_failed(mut self, listener: impl Fn(BridgeError) + 'static) -> Self {
        self.on_login_failed = Some(LoginFailed(Rc::new(listener)));
        self
    }

    /// How long a login notice waits until it is known who is signed in and what `login` says of them: at most a minute. Default 3 s.
    #[must_use]
    pub const fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.ready_timeout = Some(timeout);
        self
    }

    pub(super) fn to_js(&self) -> Object {
        let object = record();
        put_given(&object, "login", self.login.as_ref().map(Callback::to_js));
        put_given(&object, "presence", self.presence.as_ref().map(|presence| to_value(presence).unwrap_or_default()));
        put_given(&object, "brand", self.brand.as_ref().map(Brand::to_js));
        put_given(&object, "locale", self.locale.as_ref().map(Locale::to_js));
        put_given(&object, "size", self.size.map(size_to_js));
        put_given(&object, "minimized", self.minimized);
        put_given(&object, "closed", self.closed);
        put_given(&object, "shareAuthorization", self.share_authorization);
        put_given(&object, "disableLoginPopup", self.disable_login_popup.map(DisableLoginPopup::to_js));
        put_given(&object, "onLoginFailed", self.on_login_failed.as_ref().map(LoginFailed::to_js));
        // The option is whole milliseconds.
        put_given(&object, "readyTimeoutMs", self.ready_timeout.map(|timeout| milliseconds(timeout).round()));
        object
    }
}

impl Brand {
    fn to_js(&self) -> Object {
        let object = record();
        put(&object, "logoUri", self.logo.expose());
        put_given(&object, "iconUri", self.icon.as_ref().map(Secret::expose));
        object
    }
}

impl Locale {
    fn to_js(&self) -> Object {
        let object = record();
        put(&object, "locale", &self.locale);
        put(&object, "strings", to_value(&self.words).unwrap_or_default());
        object
    }
}

impl DisableLoginPopup {
    fn to_js(self) -> JsValue {
        match self {
            Self::Always(disable) => disable.into(),
            Self::ByHost => "by-host".into(),
        }
    }
}

impl LoginFailed {
    fn to_js(&self) -> JsValue {
        let listener = Rc::clone(&self.0);
        function::<dyn Fn(JsValue)>(move |error: JsValue| listener(BridgeError::from_js(error)))
    }
}

fn size_to_js([width, height]: [u32; 2]) -> Object {
    let object = record();
    put(&object, "width", width);
    put(&object, "height", height);
    object
}

/// The host, if it was written for RingCentral Embeddable. The widget's own user is [`Bridge::session`](super::Bridge::session); the service's authorization is independent of them.
#[derive(Clone)]
pub struct RingCentral(pub(super) JsRingCentral);

impl RingCentral {
    /// What the host has registered. After a reload it has to register again.
    pub fn service(&self) -> Option<RingCentralService> {
        RingCentralService::read(&self.0.service())
    }

    /// Calls `listener` at once with the current service and after every registration and change.
    pub fn subscribe(&self, listener: impl Fn(Option<RingCentralService>) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |service: JsValue| listener(RingCentralService::read(&service)));
        Subscription::new(self.0.subscribe(&listener))
    }

    /// The user has pressed the authorization button: call it in the click. The host's answer changes nothing; the status changes when the host says so.
    ///
    /// # Errors
    /// `REQUEST_TIMEOUT` after 3 s, `NO_HANDLER` without a button, `CLOSED`.
    pub fn press_authorization(&self) -> impl Future<Output = Result<JsValue, BridgeError>> + use<> {
        handled(self.0.press_authorization())
    }

    /// Asks the host (`rc-post-message-request`). `path` is one that the service has registered, 1 to 2,048 characters. `timeout`: 1 ms to 10 minutes, by default the vendor's for the path.
    ///
    /// # Errors
    /// `NOT_AUTHORIZED`, `REQUEST_TIMEOUT`, `DATA_NOT_CLONEABLE`, `CONFIG_INVALID`, `CLOSED`; `DATA_INVALID` if the answer has not the form of `R`.
    pub async fn request<R: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
        timeout: Option<Duration>,
    ) -> Result<R, BridgeError> {
        from_value(settled(self.0.request(path, &to_value(body)?, &timeout_option(timeout))).await?)
    }

    /// Answers the host's `rc-adapter-message-request` of this path. The last handler counts.
    ///
    /// # Errors
    /// `CONFIG_INVALID`.
    pub fn handle<D, R, F>(&self, path: &str, handler: impl Fn(D) -> F + 'static) -> Result<Subscription, BridgeError>
    where
        D: DeserializeOwned,
        R: Serialize,
        F: Future<Output = Result<R, HandlerError>> + 'static,
    {
        self.0.handle(path, &handler_function(handler)).map(Subscription::new).map_err(BridgeError::from_js)
    }

    /// Listens to the host's messages of this type, whole, after what authframe itself makes of them.
    pub fn on<T: DeserializeOwned>(&self, kind: &str, listener: impl Fn(T) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |message: JsValue| {
            if let Ok(message) = from_value(message) {
                listener(message);
            }
        });
        Subscription::new(self.0.on(kind, &listener))
    }

    /// Posts to the host, such as `rc-route-changed-notify` with `{path}`.
    ///
    /// # Errors
    /// `DATA_NOT_CLONEABLE`, `CONFIG_INVALID`, `CLOSED`.
    pub fn notify(&self, kind: &str, fields: &(impl Serialize + ?Sized)) -> Result<(), BridgeError> {
        self.0.notify(kind, &to_value(fields)?).map_err(BridgeError::from_js)
    }
}

impl fmt::Debug for RingCentral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RingCentral")
    }
}
