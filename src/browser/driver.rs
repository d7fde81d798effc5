use std::cell::{RefCell, RefMut};
use std::mem;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, Storage};

use super::encode::encode;
use super::event::BrowserEvent;
use super::port::Port;
use super::storage::SharedRecord;
use super::{JsDecoder, Views, dom, listeners, location, to_js};
use crate::dialect::Any;
use crate::session;
#[cfg(feature = "dialects")]
use crate::session::WEBVIEW;
use crate::session::{Clock, Config, ConnectionState, Dialect, Error, Id, Millis, Output, Session, Source, StorageTier};

/// What it runs.
pub(crate) type Machine = Session<JsDecoder, Any>;

/// Runs one [`Session`] in a browser: one input, drain, perform; then the application's callbacks, with nothing borrowed.
pub(crate) struct Driver {
    // `None` once the bridge is closed and the application knows. JavaScript may keep the driver: what is big, and what holds something of the application, goes before.
    state: RefCell<Option<Box<State>>>,
}

struct State {
    session: Machine,
    application: Rc<Application>,
    clock: Clock,
    record: SharedRecord,
    port: Option<Port>,
    listeners: Vec<EventListener>,
    timer: Option<Timer>,
    // Events wait here until nothing is borrowed.
    events: Vec<Output<JsDecoder, <Any as Dialect<JsDecoder>>::Message>>,
    emitting: bool,
}

/// The one timeout that is running. Dropped, it is stopped.
struct Timer {
    due: Millis,
    // Of the clock when it was set.
    leaps: f64,
    handle: i32,
    _callback: Closure<dyn FnMut(JsValue)>,
}

/// Whom events are reported to, and the objects that were made for it.
struct Application {
    views: Views,
    on_event: OnEvent,
}

/// Who receives what the application receives.
pub(crate) type OnEvent = Box<dyn Fn(&session::Event<JsDecoder>, &Views)>;

impl Driver {
    /// A driver that has not begun. `area`: where the shared record is kept, if not in the window's own storage.
    pub(crate) fn new(config: Config, area: Option<Storage>, on_event: OnEvent) -> Result<Rc<Self>, Error> {
        let mut tab = [0; 8];
        if !dom::fill(&mut tab, false) {
            return Err(Error::EnvUnsupported);
        }
        let record = SharedRecord::open(config.register_key(), config.pause_key(), area);
        let dialect = Any::new(&config);
        let session = Session::new(config, Id(u64::from_le_bytes(tab)), dialect);
        let state = State {
            session,
            application: Rc::new(Application { views: Views::default(), on_event }),
            clock: Clock::default(),
            record,
            port: None,
            listeners: Vec::new(),
            timer: None,
            events: Vec::new(),
            emitting: false,
        };
        Ok(Rc::new(Self { state: RefCell::new(Some(Box::new(state))) }))
    }

    /// Begins. On an error nothing is left behind.
    pub(crate) fn start(self: &Rc<Self>) -> Result<(), Error> {
        let window = web_sys::window().ok_or(Error::EnvUnsupported)?;
        let started = self.enter(|session, now| session.handle_start(now, location::parent(), location::own_origin()))?;
        match started {
            Ok(()) => {
                // Made before the state is borrowed.
                let listeners = listeners::listen(&window, &self.handler());
                self.borrow()?.listeners = listeners;
            }
            Err(_) => self.handle(BrowserEvent::Close),
        }
        started
    }

    /// Gives the session one input, does what it says, and then emits to the application.
    pub(crate) fn enter<R>(self: &Rc<Self>, input: impl FnOnce(&mut Machine, Millis) -> R) -> Result<R, Error> {
        let mut state = self.borrow()?;
        let now = state.read_clocks();
        let result = input(&mut state.session, now);
        self.perform(state);
        Ok(result)
    }

    /// The same for what happens by itself and cannot report an error: a listener never throws.
    pub(crate) fn handle(self: &Rc<Self>, happened: BrowserEvent) {
        match &happened {
            BrowserEvent::Window(event) => return self.receive(event),
            BrowserEvent::Storage(event) if !self.is_of_record(event) => return,
            _ => {}
        }
        let _ = self.enter(|session, now| match happened {
            // Received above.
            BrowserEvent::Window(_) => {}
            BrowserEvent::Port(message) => session.handle_port(now, JsDecoder(message)),
            BrowserEvent::PortLost => session.handle_port_lost(now),
            BrowserEvent::Unreadable => session.handle_unreadable(),
            BrowserEvent::Storage(_) => session.handle_storage_event(),
            BrowserEvent::Hide(hide) => session.handle_hide(now, hide),
            BrowserEvent::Show => session.handle_show(now),
            BrowserEvent::Wake => session.handle_wake(),
            BrowserEvent::Chance => session.handle_chance(now),
            BrowserEvent::Timeout => session.handle_timeout(now),
            BrowserEvent::Close => session.close(now),
        });
    }

    /// Reads from the session; and which tier of storage works.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Machine, StorageTier) -> R) -> Result<R, Error> {
        let state = self.borrow()?;
        Ok(read(&state.session, state.record.tier()))
    }

    /// Posts an application's message on the port.
    pub(crate) fn post(&self, message: &JsValue) -> Result<(), Error> {
        let posted = self.borrow()?.port.as_ref().is_some_and(|port| port.post(message));
        if posted { Ok(()) } else { Err(Error::DataNotCloneable) }
    }

    /// Posts an application's message to the host with a port of its own, and gives the near end, or what was thrown.
    #[cfg(feature = "dialects")]
    pub(crate) fn ask(&self, message: &JsValue) -> Result<JsValue, Error> {
        let state = self.borrow()?;
        if state.session.connection() == ConnectionState::Closed {
            return Err(Error::Closed);
        }
        state.session.host().map(|host| dom::ask(message, host)).ok_or(Error::DataNotCloneable)
    }

    /// Takes a message of the window. Of one that is not from our parent only its type is looked at: what pretends to be ours is counted.
    pub(crate) fn receive(self: &Rc<Self>, event: &Event) {
        #[cfg(feature = "dialects")]
        if self.read(|session, _| session.host() == Some(WEBVIEW)) == Ok(true) {
            let source = if dom::is_from_webview(event) { Source::Parent } else { Source::Other };
            let message = JsDecoder(dom::data_of(event));
            let _ = self.enter(|session, now| session.handle_window(now, source, WEBVIEW, message));
            return;
        }
        let source = if dom::is_from_parent(event) { Source::Parent } else { Source::Other };
        let (origin, message) = (dom::origin_of(event), JsDecoder(dom::data_of(event)));
        let _ = self.enter(|session, now| session.handle_window(now, source, &origin, message));
    }

    fn is_of_record(&self, event: &Event) -> bool {
        self.borrow().is_ok_and(|state| state.record.is_meant_by(event))
    }

    // What listeners call. It does not keep the driver alive.
    fn handler(self: &Rc<Self>) -> impl Fn(BrowserEvent) + Clone + use<> {
        let driver = Rc::downgrade(self);
        move |happened| {
            if let Some(driver) = driver.upgrade() {
                driver.handle(happened);
            }
        }
    }

    /// The only way to the state: what comes after the end is refused here.
    fn borrow(&self) -> Result<RefMut<'_, State>, Error> {
        let state = self.state.try_borrow_mut().map_err(|_| Error::ReentrantCall)?;
        RefMut::filter_map(state, |state| state.as_deref_mut()).map_err(|_| Error::Closed)
    }

    /// The bridge is closed, and the application knows.
    fn let_go(&self) {
        let ended = self.state.try_borrow_mut().ok().and_then(|mut state| state.take());
        // With nothing borrowed: what it holds may call us.
        drop(ended);
    }

    fn perform(self: &Rc<Self>, mut guard: RefMut<'_, State>) {
        let state = &mut *guard;
        loop {
            let outputs = state.session.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                match &output {
                    Output::OpenPort => {
                        state.port = Port::open(&self.handler());
                        let mut nonce = [0; 16];
                        if dom::fill(&mut nonce, true) {
                            let now = state.now();
                            let nonce = u128::from_le_bytes(nonce);
                            state.session.handle_port_opened(now, [nonce as u64, (nonce >> 64) as u64]);
                        }
                    }
                    Output::PostWindow(message) => {
                        if let (Some(host), Some(port)) = (state.session.host(), &state.port) {
                            port.hand_over(host, &to_js(message));
                        }
                    }
                    #[cfg(feature = "dialects")]
                    Output::Ask(message) => {
                        if let Some(near) = state.session.host().map(|host| dom::ask(&to_js(message), host)) {
                            state.events.push(Output::Emit(session::Event::Dialect(JsDecoder(near))));
                        }
                    }
                    #[cfg(feature = "dialects")]
                    Output::Carry(message) => {
                        if let Some(host) = state.session.host() {
                            dom::post_to_parent(&message.0, host);
                        }
                    }
                    #[cfg(feature = "dialects")]
                    Output::Report(news) => state.events.push(Output::Emit(session::Event::Dialect(JsDecoder(to_js(news))))),
                    Output::PostPort(message) => {
                        if let Some(port) = &state.port {
                            port.post(&encode(message, &state.application.views));
                        }
                    }
                    Output::ClosePort => state.port = None,
                    Output::Read => {
                        let now = state.now();
                        if let Some(pause) = state.record.read_pause() {
                            state.session.handle_pause(now, pause);
                        }
                        let stored = state.record.read();
                        state.session.handle_stored(now, stored);
                    }
                    Output::Pause(pause) => state.record.write_pause(pause.as_ref()),
                    Output::Write => state.record.write(state.session.snapshot()),
                    // As it is, so that both lists are of one type.
                    Output::Emit(_) => state.events.push(output),
                }
            }
        }
        let closed = state.session.connection() == ConnectionState::Closed;
        let ended = if closed { mem::take(&mut state.listeners) } else { Vec::new() };
        self.schedule(state);
        // Listeners are taken off by the page's own methods: with nothing borrowed.
        drop(guard);
        drop(ended);
        self.emit();
    }

    // A callback that calls us again only adds to the list: the outermost call empties it, so that every listener receives every
    // event in the same order.
    fn emit(&self) {
        let mut nested = true;
        while let Ok(mut state) = self.borrow() {
            if nested && state.emitting {
                return;
            }
            nested = false;
            let events = mem::take(&mut state.events);
            state.emitting = !events.is_empty();
            let closed = state.session.connection() == ConnectionState::Closed;
            let application = Rc::clone(&state.application);
            drop(state);
            if events.is_empty() {
                if closed {
                    self.let_go();
                }
                return;
            }
            for event in &events {
                if let Output::Emit(event) = event {
                    (application.on_event)(event, &application.views);
                }
            }
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn schedule(self: &Rc<Self>, state: &mut State) {
        let due = state.session.poll_timeout();
        let leaps = state.clock.leaps();
        // After a leap the browser's timer would come too late.
        if due == state.timer.as_ref().filter(|timer| timer.leaps >= leaps).map(|timer| timer.due) {
            return;
        }
        state.timer = due.map(|due| {
            let driver = Rc::downgrade(self);
            let callback = Closure::new(move |_| {
                if let Some(driver) = driver.upgrade() {
                    if let Ok(mut state) = driver.borrow() {
                        state.timer = None;
                    }
                    driver.handle(BrowserEvent::Timeout);
                }
            });
            // One more: the clock is cut to whole milliseconds, and a timeout must not come before its time.
            let delay = due.saturating_sub(state.now()).saturating_add(1);
            Timer { due, leaps, handle: dom::start_timer(&callback, delay as f64), _callback: callback }
        });
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        dom::stop_timer(self.handle);
    }
}

impl State {
    fn now(&mut self) -> Millis {
        self.clock.read(dom::now(), dom::wall())
    }

    fn read_clocks(&mut self) -> Millis {
        let wall = dom::wall();
        let now = self.clock.read(dom::now(), wall);
        self.session.set_wall_clock(now, wall);
        now
    }
}
