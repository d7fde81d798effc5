use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Performance, StorageEvent, Window};

use super::port::Port;
use super::storage::Register;
use super::surroundings::{Surroundings, fragment_nonce, random, window};
use super::{JsFields, listeners, to_js};
use crate::core::{Config, ConnectionState, Environment, Error, Event, Id, Millis, Output, Session};
use crate::dialect::Native;

type Machine = Session<JsFields, Native>;

/// Runs one [`Session`] in a browser: one input, drain, perform; then the application's callbacks, with nothing borrowed.
pub(crate) struct Driver {
    state: RefCell<State>,
    on_event: Box<dyn Fn(Event<JsFields>)>,
    this: Weak<Self>,
}

struct State {
    session: Machine,
    register: Register,
    surroundings: Surroundings,
    window: Window,
    // Kept: asking the window for it costs as much as reading it.
    clock: Option<Performance>,
    port: Option<Port>,
    listeners: Vec<EventListener>,
    // The one timeout that is running, and for which moment.
    timer: Option<(Millis, i32)>,
    on_timeout: Closure<dyn FnMut()>,
    // Events wait here until nothing is borrowed.
    events: VecDeque<Event<JsFields>>,
    telling: bool,
}

impl Driver {
    /// A driver that has not begun.
    pub(crate) fn new(config: Config, on_event: Box<dyn Fn(Event<JsFields>)>) -> Result<Rc<Self>, Error> {
        let window = window().ok_or(Error::EnvUnsupported)?;
        let tab = random(&window).map(|bytes| Id(u64::from_be_bytes(bytes))).ok_or(Error::EnvUnsupported)?;
        let surroundings = Surroundings::look(&window);
        let register = Register::open(config.register_key(), surroundings.opaque());
        let dialect = Native::new(&config);
        Ok(Rc::new_cyclic(|this: &Weak<Self>| {
            let driver = this.clone();
            let on_timeout = Closure::new(move || with(&driver, Self::timeout));
            let state = State {
                session: Session::new(config, tab, dialect),
                register,
                surroundings,
                clock: window.performance(),
                window,
                port: None,
                listeners: Vec::new(),
                timer: None,
                on_timeout,
                events: VecDeque::new(),
                telling: false,
            };
            Self { state: RefCell::new(state), on_event, this: this.clone() }
        }))
    }

    /// Begins. On an error nothing is left behind.
    pub(crate) fn start(&self) -> Result<(), Error> {
        let (parent, opaque) = self.look(|state| (state.surroundings.parent(), state.surroundings.opaque()))?;
        let started = self.enter(|session, now| session.handle_start(now, parent, opaque))?;
        match started {
            Ok(()) => {
                let mut state = self.state.try_borrow_mut().map_err(|_| Error::Busy)?;
                state.listeners = listeners::listen(&state.window, &self.this);
            }
            Err(_) => self.enter_quietly(Session::close),
        }
        started
    }

    /// Gives the session one input, does what it says, and then tells the application.
    pub(crate) fn enter<R>(&self, input: impl FnOnce(&mut Machine, Millis) -> R) -> Result<R, Error> {
        let mut state = self.state.try_borrow_mut().map_err(|_| Error::Busy)?;
        let now = state.now();
        let result = input(&mut state.session, now);
        self.perform(&mut state);
        drop(state);
        self.tell();
        Ok(result)
    }

    /// The same for what cannot report an error: a listener never throws.
    pub(crate) fn enter_quietly(&self, input: impl FnOnce(&mut Machine, Millis)) {
        let _ = self.enter(input);
    }

    /// Reads from the session.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Machine) -> R) -> Result<R, Error> {
        self.look(|state| read(&state.session))
    }

    /// Where the widget stands and who hears it.
    pub(crate) fn environment(&self) -> Result<Environment, Error> {
        self.look(|state| state.surroundings.environment(state.register.tier(), state.session.host()))
    }

    /// Posts an application's message on the port.
    pub(crate) fn post(&self, message: &JsValue) -> Result<(), Error> {
        let posted = self.look(|state| state.port.as_ref().is_some_and(|port| port.post(message)))?;
        if posted { Ok(()) } else { Err(Error::DataNotCloneable) }
    }

    /// Takes a message of the window. One that is not from our parent is not even looked at.
    pub(crate) fn receive(&self, event: &MessageEvent) {
        let Ok(from_parent) =
            self.look(|state| state.surroundings.embedded() && event.source() == state.parent().map(JsCast::unchecked_into))
        else {
            return;
        };
        let message = JsFields(if from_parent { event.data() } else { JsValue::UNDEFINED });
        self.enter_quietly(|session, now| session.handle_window(now, from_parent, &event.origin(), message));
    }

    pub(crate) fn storage_changed(&self, event: &StorageEvent) {
        if let Ok(Some(stored)) = self.look(|state| state.register.heard(event)) {
            self.enter_quietly(|session, now| session.handle_storage_event(now, stored));
        }
    }

    pub(crate) fn hide(&self, persisted: bool) {
        self.enter_quietly(|session, now| session.handle_hide(now, persisted));
    }

    pub(crate) fn show(&self) {
        self.enter_quietly(Session::handle_show);
    }

    pub(crate) fn wake(&self) {
        self.enter_quietly(|session, _| session.handle_wake());
    }

    fn timeout(&self) {
        if let Ok(mut state) = self.state.try_borrow_mut() {
            state.timer = None;
        }
        self.enter_quietly(Session::handle_timeout);
    }

    fn look<R>(&self, read: impl FnOnce(&State) -> R) -> Result<R, Error> {
        self.state.try_borrow().map(|state| read(&state)).map_err(|_| Error::Busy)
    }

    fn perform(&self, state: &mut State) {
        while let Some(output) = state.session.poll_output() {
            let now = state.now();
            match output {
                Output::OpenPort => {
                    state.port = self.open_port();
                    let nonce = if state.surroundings.opaque() { fragment_nonce(&state.window) } else { random(&state.window) };
                    if let Some(nonce) = nonce {
                        state.session.handle_port_opened(now, nonce);
                    }
                }
                Output::PostWindow(message) => {
                    if let (Some(parent), Some(host), Some(port)) = (state.parent(), state.session.host(), &mut state.port) {
                        port.hand_over(&parent, host, &to_js(&message));
                    }
                }
                Output::PostPort(message) => {
                    if let Some(port) = &state.port {
                        port.post(&to_js(&message));
                    }
                }
                Output::ClosePort => state.port = None,
                Output::Read => {
                    let stored = state.register.read();
                    state.session.handle_stored(now, stored);
                }
                Output::Write(snapshot) => state.register.write(&snapshot),
                Output::Emit(event) => state.events.push_back(event),
            }
        }
        if state.session.connection() == ConnectionState::Closed {
            state.listeners.clear();
        }
        state.schedule();
    }

    fn open_port(&self) -> Option<Port> {
        let (on_message, on_close) = (self.this.clone(), self.this.clone());
        Port::open(
            move |data| with(&on_message, |driver| driver.enter_quietly(|session, now| session.handle_port(now, JsFields(data)))),
            move || with(&on_close, |driver| driver.enter_quietly(Session::handle_port_lost)),
        )
    }

    // A callback that calls us again only adds to the queue: the outermost call empties it, so that every listener hears every
    // event in the same order.
    fn tell(&self) {
        let mut nested = true;
        while let Ok(mut state) = self.state.try_borrow_mut() {
            if nested && state.telling {
                return;
            }
            nested = false;
            let event = state.events.pop_front();
            state.telling = event.is_some();
            drop(state);
            match event {
                Some(event) => (self.on_event)(event),
                None => return,
            }
        }
    }
}

impl State {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn now(&self) -> Millis {
        self.clock.as_ref().map_or(0.0, Performance::now) as Millis
    }

    fn parent(&self) -> Option<Window> {
        self.window.parent().ok().flatten()
    }

    fn schedule(&mut self) {
        let due = self.session.poll_timeout();
        if due == self.timer.map(|(due, _)| due) {
            return;
        }
        if let Some((_, handle)) = self.timer.take() {
            self.window.clear_timeout_with_handle(handle);
        }
        if let Some(due) = due {
            // One more: the clock is cut to whole milliseconds, and a timeout must not come before its time.
            let delay = due.saturating_sub(self.now()).saturating_add(1) as i32;
            let callback = self.on_timeout.as_ref().unchecked_ref();
            let handle = self.window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, delay);
            self.timer = handle.ok().map(|handle| (due, handle));
        }
    }
}

fn with(driver: &Weak<Driver>, react: impl FnOnce(&Driver)) {
    if let Some(driver) = driver.upgrade() {
        react(&driver);
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        // "CODE fault what to do": js/bridge.ts takes it apart.
        let mut text = String::from(error.code());
        for part in [error.fault(), error.message()] {
            text.push(' ');
            text.push_str(part);
        }
        Self::from_str(&text)
    }
}
