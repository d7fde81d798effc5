use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;

use super::JsDecoder;
use super::driver::Driver;
use super::event::BrowserEvent;
use crate::session::{Config, ConnectionState, Credentials, Environment, Error, Event, Grant, Reason, Session, SessionView};

/// The widget's half, for widgets written in Rust: the same words as the npm package, without JavaScript objects.
///
/// ```no_run
/// use authframe::{Bridge, Config};
///
/// # fn main() -> Result<(), authframe::Error> {
/// let bridge = Bridge::connect(Config::new(["https://crm.example.com"])?)?;
/// let subscription = bridge.subscribe(|session| {
///     // Show nothing private unless session.status is Authorized.
/// });
/// # Ok(())
/// # }
/// ```
///
/// Dropped, it is closed.
pub struct Bridge {
    driver: Rc<Driver>,
    listeners: Rc<RefCell<Listeners>>,
}

#[derive(Default)]
struct Listeners {
    last: u32,
    session: Vec<(u32, OnSession)>,
    message: Vec<(u32, OnMessage)>,
}

type OnSession = Rc<dyn Fn(&SessionView)>;
type OnMessage = Rc<dyn Fn(&JsDecoder)>;

/// A subscription. Dropped, it is over.
#[must_use = "dropped, the subscription is over"]
pub struct Subscription {
    id: u32,
    listeners: Weak<RefCell<Listeners>>,
}

impl Bridge {
    /// Begins: reads what other tabs have written and shakes hands with the host as soon as it is there.
    ///
    /// The application is never asked to acquire an account here: the status alone decides, and [`authorize`](Self::authorize) adds what this tab knows.
    /// Credentials stay in memory, whatever the configuration says.
    ///
    /// # Errors
    /// [`Error::HostNotAllowed`], [`Error::OpaqueOrigin`], [`Error::EnvUnsupported`].
    pub fn connect(config: Config) -> Result<Self, Error> {
        let listeners = Rc::<RefCell<Listeners>>::default();
        let own = Rc::clone(&listeners);
        let driver =
            Driver::new(config.acquire(false).credentials(Credentials::Memory), None, Box::new(move |event, _| emit(&own, event)))?;
        driver.start()?;
        Ok(Self { driver, listeners })
    }

    /// The session now.
    ///
    /// # Errors
    /// [`Error::ReentrantCall`] from inside a getter that is being read.
    pub fn session(&self) -> Result<SessionView, Error> {
        self.driver.read(|session, _| session.view().clone())
    }

    /// How we stand with the host.
    ///
    /// # Errors
    /// [`Error::ReentrantCall`].
    pub fn connection(&self) -> Result<ConnectionState, Error> {
        self.driver.read(|session, _| session.connection())
    }

    /// Calls `listener` at once with the session and after every change, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(&SessionView) + 'static) -> Subscription {
        let listener: OnSession = Rc::new(listener);
        let own = Rc::clone(&listener);
        // First on the list, then called: what it does when it is called, it learns of.
        let subscription = self.listen(|all, id| all.session.push((id, own)));
        if let Ok(session) = self.session() {
            listener(&session);
        }
        subscription
    }

    /// Calls `listener` with every message of the host that is the application's own. It is untrusted: read it by [`Decoder`](crate::session::Decoder).
    pub fn on_message(&self, listener: impl Fn(&JsDecoder) + 'static) -> Subscription {
        self.listen(|all, id| all.message.push((id, Rc::new(listener))))
    }

    /// The application's own sign-in has begun.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if a user is signed in, [`Error::Closed`], [`Error::ReentrantCall`].
    pub fn begin_sign_in(&self) -> Result<(), Error> {
        self.driver.enter(Session::begin_sign_in)?
    }

    /// Signs an account in, in every tab.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::ReentrantCall`].
    pub fn authorize(&self, grant: Grant) -> Result<(), Error> {
        self.driver.enter(|session, _| session.authorize(grant))?
    }

    /// Signs the user out, in every tab.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::ReentrantCall`].
    pub fn sign_out(&self, reason: Reason) -> Result<(), Error> {
        self.driver.enter(|session, _| session.sign_out(reason))?
    }

    /// Posts a message of the native protocol that is the application's own (`docs/protocol.md` section 3), such as
    /// `{type: "message", name, data}`.
    ///
    /// # Errors
    /// [`Error::DataNotCloneable`] if it cannot be copied or there is no connection, [`Error::ReentrantCall`].
    pub fn post(&self, message: &JsValue) -> Result<(), Error> {
        self.driver.post(message)
    }

    /// Where the widget stands and who receives it.
    ///
    /// # Errors
    /// [`Error::ReentrantCall`].
    pub fn environment(&self) -> Result<Environment, Error> {
        self.driver.environment()
    }

    /// Says goodbye and ends every listener, timer and port.
    pub fn close(&self) {
        self.driver.handle(BrowserEvent::Close);
    }

    fn listen(&self, add: impl FnOnce(&mut Listeners, u32)) -> Subscription {
        let mut all = self.listeners.borrow_mut();
        all.last = all.last.wrapping_add(1);
        let id = all.last;
        add(&mut all, id);
        Subscription { id, listeners: Rc::downgrade(&self.listeners) }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.close();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(listeners) = self.listeners.upgrade() else {
            return;
        };
        // Taken out first and dropped afterwards, with nothing borrowed: a listener may own another subscription.
        let mut all = listeners.borrow_mut();
        let session = all.session.extract_if(.., |(id, _)| *id == self.id).next();
        let message = all.message.extract_if(.., |(id, _)| *id == self.id).next();
        drop(all);
        drop((session, message));
    }
}

// Listeners are called with nothing borrowed: one may subscribe, unsubscribe or close.
fn emit(listeners: &RefCell<Listeners>, event: &Event<JsDecoder>) {
    match event {
        Event::Session(session) => {
            let all = listeners.borrow().session.clone();
            all.iter().for_each(|(_, listener)| listener(session));
        }
        Event::Message(message) => {
            let all = listeners.borrow().message.clone();
            all.iter().for_each(|(_, listener)| listener(message));
        }
        Event::Connection(..)
        | Event::Failed(_)
        | Event::Acquire { .. }
        | Event::AcquireCancelled
        | Event::CredentialStore { .. }
        | Event::Token(_)
        | Event::Settled(_) => {}
        #[cfg(feature = "dialects")]
        Event::Dialect(_) => {}
    }
}
