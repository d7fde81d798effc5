//! RingCentral Embeddable, as a page sees it that was written for it: the widget's own sign-in, and the authorization of a third-party service. What is
//! the vendor's and what is different on purpose stands in `docs/dialects/ringcentral.md`.
//!
//! Two states live side by side. Who uses the widget is the session, which the core decides. Whether the host's service is authorized is the host's
//! word alone: it is kept here, proves nothing, and touches no session. What is posted is worded by the application's half
//! (`js/dialect/ringcentral/conversation.ts`), which also keeps what only passes through: the service's other fields, and what is asked and answered.

use std::rc::Rc;

use super::native::begins;
use super::phase::Phase;
use crate::session::{
    AuthStatus, Decoder, Dialect, DialectKind, Encode, Encoder, Event, Id, Malformed, Millis, Notice, Output, Received, Refusal,
    SessionView, SubjectTag,
};

const WORD: u32 = 64;
const TEXT: u32 = 2048;
// More than any user clicks. A stored number beyond it is damaged.
const LAST_UPDATE: u32 = 1 << 31;

/// One conversation with a page that was written for RingCentral Embeddable.
#[derive(Clone, Debug, Default)]
pub struct RingCentral {
    phase: Phase,
    tab: Id,
    // The epoch of the login that was posted to the host last; zero: that no user is logged in.
    posted: Option<u64>,
    // The one of which the application's half has yet to say what is to be posted, if any; and how often it was asked.
    asked: u64,
    logins: u32,
    // Whether the service that the host has registered is authorized; and a hash of its name.
    service: Option<ServiceStatus>,
    name: SubjectTag,
    // The newest of the explicit updates, which all tabs share: what it said, how many there were, and which tab made it.
    update: ServiceStatus,
    version: Version,
    // Whether it is known which was the newest before this tab registered; and whether a later one waits for that.
    synced: bool,
    unspread: bool,
}

type Version = (u32, Id);

/// Whether the host's service is authorized, by the host's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It is.
    Authorized,
    /// It is not.
    #[default]
    NotAuthorized,
}

impl ServiceStatus {
    // What a message says by its `authorized`, which has any type.
    fn read(message: &impl Decoder) -> Self {
        if message.truthy("authorized") { Self::Authorized } else { Self::NotAuthorized }
    }
}

/// What is reported to the application's half.
#[derive(Clone, Debug, PartialEq)]
pub enum RingCentralMessage {
    /// It is to be posted to the host who is logged in: this number comes back with the message. Zero: no user is.
    Login(u32),
    /// Whether the service is authorized.
    Service(ServiceStatus),
    /// An update for the other tabs.
    Spread {
        /// What the newest of the updates that all tabs share said.
        status: ServiceStatus,
        /// How many there were, and which tab made it.
        version: (u32, Id),
    },
}

impl Encode for RingCentralMessage {
    fn encode(&self, to: &mut dyn Encoder) {
        match self {
            Self::Login(number) => to.count("login", *number),
            Self::Service(status) => to.flag("authorized", *status == ServiceStatus::Authorized),
            Self::Spread { status, version: (update, writer) } => {
                to.count("update", *update);
                to.text("writer", Some(&writer.to_text()));
                to.flag("authorized", *status == ServiceStatus::Authorized);
            }
        }
    }
}

impl RingCentral {
    /// What its hosts speak.
    pub const KIND: DialectKind = DialectKind::foreign("ringcentral");

    // Who is signed in

    fn look<F>(&mut self, session: &SessionView, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        if self.phase.says(session.status) {
            self.announce(session, outputs);
        }
    }

    fn announce<F>(&mut self, session: &SessionView, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        self.phase = Phase::Open;
        let login = if session.status == AuthStatus::Authorized { session.epoch } else { 0 };
        if self.posted == Some(login) {
            // A user who has come and gone meanwhile is not mentioned.
            self.asked = 0;
            return;
        }
        // The user who was there before has left, be it while this page was away.
        if login == 0 || self.posted.is_some_and(|posted| posted > 0) {
            self.posted = Some(0);
            outputs.push(Output::Report(RingCentralMessage::Login(0)));
        }
        if login > 0 && self.asked != login {
            self.logins = self.logins.saturating_add(1);
            outputs.push(Output::Report(RingCentralMessage::Login(self.logins)));
        }
        self.asked = login;
    }

    // What the host says

    fn receive<F: Decoder>(&mut self, message: F, status: AuthStatus, outputs: &mut Vec<Output<F, RingCentralMessage>>) -> Received<F> {
        let kind = message.text("type", WORD).ok().flatten().unwrap_or_default();
        match &*kind {
            "rc-adapter-register-third-party-service" => {
                let Ok(Some(said)) = message.child("service") else { return Received::Refused(Refusal::Shape) };
                let Some(name) = read_name(&said) else { return Received::Refused(Refusal::Shape) };
                let name = SubjectTag::new(Id::default(), &name);
                if self.name != name {
                    // Of another service nothing stays.
                    (self.name, self.version, self.synced, self.unspread) = (name, Version::default(), false, false);
                }
                // Without a path there is nothing to authorize.
                let status = if said.truthy("authorizationPath") { ServiceStatus::read(&said) } else { ServiceStatus::Authorized };
                // First the rest of what it says, which is the application's half's.
                outputs.push(Output::Emit(Event::Message(message)));
                self.set_service(status, outputs);
            }
            // Nothing is registered: the vendor ignores it as well.
            "rc-adapter-update-authorization-status" if self.service.is_none() => return Received::Nothing,
            "rc-adapter-update-authorization-status" => {
                self.update = ServiceStatus::read(&message);
                outputs.push(Output::Emit(Event::Message(message)));
                self.set_service(self.update, outputs);
                self.spread(outputs);
            }
            "rc-adapter-logout" if status != AuthStatus::Unauthorized => return Received::SignOut(0),
            "rc-adapter-logout" => {}
            "rc-adapter-login" if status == AuthStatus::Authorized => {}
            // What a login that the host has carried through comes back with has any type or none.
            kind if kind.starts_with("rc-") || message.truthy("callbackUri") => outputs.push(Output::Emit(Event::Message(message))),
            // Another library's.
            _ => return Received::Nothing,
        }
        Received::Open
    }

    fn set_service<F>(&mut self, status: ServiceStatus, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        self.service = Some(status);
        outputs.push(Output::Report(RingCentralMessage::Service(status)));
    }

    // Several tabs

    /// Reports a new update for the other tabs, as soon as it is known how many there were before.
    fn spread<F>(&mut self, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        self.unspread = !self.synced;
        if self.synced {
            self.version = (self.version.0.saturating_add(1).min(LAST_UPDATE), self.tab);
            self.repeat(outputs);
        }
    }

    fn repeat<F>(&self, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        outputs.push(Output::Report(RingCentralMessage::Spread { status: self.update, version: self.version }));
    }

    /// What stood there before this tab registered the service: only what comes after it counts.
    fn take_first_version<F>(&mut self, version: Version, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        self.synced = true;
        // One that was written over an own later one is corrected as soon as it is received. Without any, the storage was cleared.
        if version.0 == 0 || version > self.version {
            self.version = version;
        }
        if self.unspread {
            self.spread(outputs);
        }
    }

    /// What another tab has written since.
    fn take_update<F>(&mut self, version: Version, status: ServiceStatus, outputs: &mut Vec<Output<F, RingCentralMessage>>) {
        if version > self.version {
            self.version = version;
            self.update = status;
            self.set_service(status, outputs);
        } else if version < self.version && self.version.1 == self.tab {
            // Ours was written over by an earlier one.
            self.repeat(outputs);
        }
    }

    // What the application's half says

    fn take_app_message<F: Decoder>(
        &mut self,
        now: Millis,
        said: &F,
        session: &SessionView,
        outputs: &mut Vec<Output<F, RingCentralMessage>>,
    ) -> Result<(), Malformed> {
        if self.phase == Phase::Silent {
            self.tab = Id::from_text(&said.required_text("tab", WORD)?).ok_or(Malformed)?;
            self.phase = Phase::Holding(now.saturating_add(said.count("readyTimeoutMs")?.into()));
            self.look(session, outputs);
        } else if let Some(other) = said.child("other")? {
            let version = read_version(&other);
            if said.truthy("before") {
                self.take_first_version(version, outputs);
            } else {
                self.take_update(version, ServiceStatus::read(&other), outputs);
            }
        } else {
            let message = said.child("post")?.ok_or(Malformed)?;
            if let Some(number) = said.number("login")? {
                // It may be too late.
                if number != f64::from(self.logins) || self.asked == 0 {
                    return Ok(());
                }
                self.posted = Some(std::mem::take(&mut self.asked));
            }
            outputs.push(Output::Carry(message));
        }
        Ok(())
    }
}

// What JavaScript takes for true of a text or a whole number. Pages give numbers too.
fn read_name(said: &impl Decoder) -> Option<String> {
    match said.text("name", TEXT) {
        Ok(name) => name.filter(|name| !name.is_empty()),
        Err(Malformed) => said.whole("name").ok().filter(|number| *number > 0).map(|number| number.to_string()),
    }
}

// What is damaged counts as nothing, and the next update is written over it.
fn read_version(said: &impl Decoder) -> Version {
    let update = said.count("update").ok().filter(|update| *update <= LAST_UPDATE);
    let writer = said.text("writer", WORD).ok().flatten().and_then(|writer| Id::from_text(&writer));
    update.zip(writer).unwrap_or_default()
}

impl<F: Decoder> Dialect<F> for RingCentral {
    type Message = RingCentralMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, RingCentralMessage>>,
    ) -> Received<F> {
        match notice {
            Notice::Window(message) if self.phase != Phase::Over => return self.receive(message, session.status, outputs),
            Notice::App(said) => {
                return self
                    .take_app_message(now, &said, session, outputs)
                    .map_or(Received::Refused(Refusal::Shape), |()| Received::Nothing);
            }
            Notice::Session => self.look(session, outputs),
            Notice::Timeout => self.announce(session, outputs),
            Notice::Close => self.phase = Phase::Over,
            _ => {}
        }
        Received::Nothing
    }

    fn is_imitated_by(&self, message: &F) -> bool {
        begins(message, "rc-")
    }

    fn is_vital(&self, message: &F) -> bool {
        message.text("type", WORD).is_ok_and(|kind| kind.as_deref() == Some("rc-adapter-logout"))
    }

    fn due(&self) -> Option<Millis> {
        self.phase.due()
    }
}
