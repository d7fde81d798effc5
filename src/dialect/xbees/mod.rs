//! x-bees (Wildix): the messages of `xBeesConnect` 1.1.3, which the host answers on a port of their own. What the vendor documents and what is only
//! inferred stands in `docs/dialects/xbees.md`.
//!
//! The application's own requests and the host's events are handled in `js/dialect/xbees/conversation.ts`; here is what has to do with who is signed in.

mod status;

use std::rc::Rc;

use self::status::StatusReport;
pub use self::status::XbeesStatus;
use super::native::begins;
use super::phase::Phase;
use crate::session::{
    AuthStatus, Decoder, Dialect, DialectKind, Encode, Encoder, Event, Malformed, Millis, Notice, Output, Received, Refusal, SessionView,
};

const WORD: u32 = 64;
const IFRAME_ID: u32 = 16_384;
// The host does not wait longer than a server is asked.
const LONGEST_HOLD: u32 = 60_000;
/// How long the application's half waits for the answer to ready.
const READY_PATIENCE: Millis = 10_000;

/// One conversation with x-bees.
#[derive(Clone, Debug, Default)]
pub struct Xbees {
    facts: Facts,
    // What the host says to sign the user out. The vendor does not document the word.
    logout: Option<String>,
    phase: Phase,
    status: StatusReport,
}

/// What the application says when it is ready.
#[derive(Clone, Debug, Default)]
struct Facts {
    // What the host sees as the library's version; the first ones did not say it.
    version: Option<String>,
    // "web": do not start me on mobile.
    platform: Option<String>,
    // From the address of the page, echoed in every message.
    iframe_id: Option<String>,
    status_from: StatusFrom,
    // How long ready waits for the session, or the first status for the application.
    hold: Millis,
}

/// From whom the host's first status after ready comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum StatusFrom {
    // The widget knows no sign-in.
    #[default]
    None,
    // Ready waits until it is established.
    Session,
    // Ready does not wait. The application knows better what was before, if it says it in time.
    Application,
}

impl StatusFrom {
    const fn from_count(count: u32) -> Self {
        match count {
            0 => Self::None,
            1 => Self::Session,
            _ => Self::Application,
        }
    }
}

/// What the widget posts by itself, each with a port of its own: ready is posted here, the status by the application's half, which may have a payload for it.
#[derive(Clone, Debug, PartialEq)]
pub enum XbeesMessage {
    /// The widget is there.
    Ready {
        /// The version of the library; without one, ready has no payload.
        version: Option<String>,
        /// `web`, if it is not to be started on mobile.
        platform: Option<String>,
        /// As the address says it.
        iframe_id: Option<String>,
    },
    /// Whether a user is signed in.
    Status {
        /// Whether.
        status: XbeesStatus,
        /// As the address says it.
        iframe_id: Option<String>,
    },
}

impl Encode for XbeesMessage {
    fn encode(&self, to: &mut dyn Encoder) {
        let iframe_id = match self {
            Self::Ready { version, platform, iframe_id } => {
                to.text("type", Some("xBeesReady"));
                if let Some(version) = version {
                    to.record("payload", Some(&Payload(version, platform.as_deref())));
                }
                iframe_id
            }
            Self::Status { status, iframe_id } => {
                let kind = match status {
                    XbeesStatus::Authorized => "xBeesAuthorized",
                    XbeesStatus::NotAuthorized => "xBeesNotAuthorized",
                };
                to.text("type", Some(kind));
                to.undefined("payload");
                iframe_id
            }
        };
        to.text("iframeId", iframe_id.as_deref());
    }
}

struct Payload<'a>(&'a str, Option<&'a str>);

impl Encode for Payload<'_> {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("version", Some(self.0));
        if self.1.is_some() {
            to.text("platform", self.1);
        }
    }
}

impl Xbees {
    /// What its hosts speak. The app of x-bees shows widgets in its own web view.
    pub const KIND: DialectKind = DialectKind::foreign("xbees").with_webview();

    // What the application's half says.
    fn take_app<F: Decoder>(
        &mut self,
        now: Millis,
        said: &F,
        status: AuthStatus,
        outputs: &mut Vec<Output<F, XbeesMessage>>,
    ) -> Received<F> {
        if let Ok(own) = said.count("own") {
            self.take_own(now, XbeesStatus::from_count(own), said.count("saysMore").unwrap_or_default() > 0, outputs);
        } else if said.count("refused").is_ok() {
            self.status.refused();
        } else if said.count("answered").is_ok() {
            self.ready_answered(now);
            return Received::Open;
        } else if said.count("readyRefused").is_ok() {
            self.ready_answered(now);
        } else if let Ok(Some(logout)) = said.text("logoutType", WORD) {
            self.logout = Some(logout);
        } else if self.phase == Phase::Silent && self.prepare(said).is_ok() {
            self.begin(now, status, outputs);
        } else {
            return Received::Refused(Refusal::Shape);
        }
        Received::Nothing
    }

    // `{version, platform, iframeId, status, readyTimeoutMs}`
    fn prepare<F: Decoder>(&mut self, said: &F) -> Result<(), Malformed> {
        self.facts = Facts {
            version: said.text("version", WORD)?,
            platform: said.text("platform", WORD)?,
            iframe_id: said.text("iframeId", IFRAME_ID)?,
            status_from: StatusFrom::from_count(said.count("status")?),
            hold: said.count("readyTimeoutMs")?.min(LONGEST_HOLD).into(),
        };
        Ok(())
    }

    fn begin<F>(&mut self, now: Millis, status: AuthStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        let until = now.saturating_add(self.facts.hold);
        if self.facts.status_from != StatusFrom::Application {
            self.phase = Phase::Holding(until);
            return self.look(now, status, outputs);
        }
        // Only the status waits: an application that waits for the answer to ready has not spoken before. The answer may never come.
        self.phase = Phase::Holding(until.saturating_add(READY_PATIENCE));
        self.status.keep_pace();
        self.status.take_session(status);
        self.post_ready(outputs);
        if self.status.is_own() {
            self.open(now, outputs);
        }
    }

    // From now on the application may speak.
    fn ready_answered(&mut self, now: Millis) {
        if let Phase::Holding(until) = self.phase {
            self.phase = Phase::Holding(until.min(now.saturating_add(self.facts.hold)));
        }
    }

    // The application speaks for this instance, whatever the others are: at once, as the vendor's library does.
    fn take_own<F>(&mut self, now: Millis, own: XbeesStatus, says_more: bool, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        self.status.take_own(own, says_more);
        if self.facts.status_from == StatusFrom::Application && matches!(self.phase, Phase::Holding(_)) {
            self.phase = Phase::Open;
        }
        self.post_status(now, outputs);
    }

    fn post_ready<F>(&self, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        let Facts { version, platform, iframe_id, .. } = self.facts.clone();
        outputs.push(Output::Ask(XbeesMessage::Ready { version, platform, iframe_id }));
    }

    fn be_ready<F>(&mut self, now: Millis, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        self.post_ready(outputs);
        // Exactly one status follows, whatever was posted before.
        self.status.restart();
        self.open(now, outputs);
    }

    fn open<F>(&mut self, now: Millis, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        self.phase = Phase::Open;
        self.post_status(now, outputs);
    }

    fn post_status<F>(&mut self, now: Millis, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        if let Some(status) = self.status.next(now) {
            outputs.push(Output::Report(XbeesMessage::Status { status, iframe_id: self.facts.iframe_id.clone() }));
        }
    }

    // The session is shown: once its status is established, the host does not wait for a server any longer.
    fn look<F>(&mut self, now: Millis, status: AuthStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        let from = self.facts.status_from;
        let changed = from != StatusFrom::None && self.status.take_session(status);
        if !self.phase.says(status) {
            return;
        }
        match (self.phase, from) {
            (Phase::Open, _) => self.post_status(now, outputs),
            // What the session was before says less than the application; what becomes of it now is news for the host.
            (_, StatusFrom::Application) if !changed => {}
            (_, StatusFrom::Application) => self.open(now, outputs),
            _ => self.be_ready(now, outputs),
        }
    }

    fn timeout<F>(&mut self, now: Millis, status: AuthStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        if self.phase.due().is_none_or(|due| due > now) {
            return self.post_status(now, outputs);
        }
        if self.facts.status_from != StatusFrom::None {
            self.status.presume(status);
        }
        if self.facts.status_from == StatusFrom::Application { self.open(now, outputs) } else { self.be_ready(now, outputs) }
    }

    fn receive<F: Decoder>(&self, message: F, outputs: &mut Vec<Output<F, XbeesMessage>>) -> Received<F> {
        // The vendor's own library takes an object, or JSON text that holds one.
        let message = message.parsed().unwrap_or(message);
        match message.text("type", WORD) {
            Ok(kind) if kind.is_some() && kind == self.logout => {
                // The application learns of it too, even if no user is signed in.
                outputs.push(Output::Emit(Event::Message(message)));
                Received::SignOut(0)
            }
            Ok(Some(kind)) if kind.starts_with("xBees") => Received::Message(message),
            // Another library's.
            _ => Received::Nothing,
        }
    }
}

impl<F: Decoder> Dialect<F> for Xbees {
    type Message = XbeesMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, XbeesMessage>>,
    ) -> Received<F> {
        match notice {
            Notice::Window(message) if self.phase != Phase::Over => return self.receive(message, outputs),
            Notice::App(said) => return self.take_app(now, &said, session.status, outputs),
            Notice::Session => self.look(now, session.status, outputs),
            Notice::Timeout => self.timeout(now, session.status, outputs),
            Notice::Close => self.phase = Phase::Over,
            _ => {}
        }
        Received::Nothing
    }

    fn is_imitated_by(&self, message: &F) -> bool {
        message.parsed().map_or_else(|| begins(message, "xBees"), |message| begins(&message, "xBees"))
    }

    fn is_vital(&self, message: &F) -> bool {
        let says = |message: &F| message.text("type", WORD).is_ok_and(|kind| kind.is_some() && kind == self.logout);
        message.parsed().map_or_else(|| says(message), |message| says(&message))
    }

    fn due(&self) -> Option<Millis> {
        match self.phase {
            Phase::Over => None,
            Phase::Open => self.status.due(),
            // Until the widget is ready only the application speaks.
            _ => [self.phase.due(), self.status.due().filter(|_| self.status.is_own())].into_iter().flatten().min(),
        }
    }
}
