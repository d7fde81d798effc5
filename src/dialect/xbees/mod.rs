//! x-bees (Wildix): the messages of `xBeesConnect` 1.1.3, which the host answers on a port of their own. What the vendor documents and what is only
//! inferred stands in `docs/dialects/xbees.md`.
//!
//! The application's own requests and the host's events are handled in `js/dialect/xbees/conversation.ts`; here is what has to do with who is signed in.

use std::rc::Rc;

use super::native::begins;
use super::phase::Phase;
use crate::session::{
    AuthStatus, Decoder, Dialect, DialectKind, Encode, Encoder, Event, Malformed, Millis, Notice, Output, Received, Refusal, SessionView,
};

const WORD: u32 = 64;
const IFRAME_ID: u32 = 16_384;
// The host does not wait longer than a server is asked.
const LONGEST_HOLD: u32 = 60_000;

/// One conversation with x-bees.
#[derive(Clone, Debug, Default)]
pub struct Xbees {
    facts: Facts,
    phase: Phase,
    // What was posted to the host last.
    posted: Option<XbeesStatus>,
}

/// What the application says when it is ready.
#[derive(Clone, Debug, Default)]
struct Facts {
    // What the host sees as the library's version.
    version: String,
    // "web": do not start me on mobile.
    platform: Option<String>,
    // From the address of the page, echoed in every message.
    iframe_id: Option<String>,
    // Whether the widget knows sign-in at all, so that it posts the status.
    posts_status: bool,
    // What the host says to sign the user out. The vendor does not document the word.
    logout: String,
}

/// What the widget posts by itself, each with a port of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum XbeesMessage {
    /// The widget is there.
    Ready {
        /// The version of the library.
        version: String,
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

/// Whether a user is signed in, as x-bees has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XbeesStatus {
    /// `xBeesAuthorized`
    Authorized,
    /// `xBeesNotAuthorized`
    NotAuthorized,
}

impl From<AuthStatus> for XbeesStatus {
    fn from(status: AuthStatus) -> Self {
        if status == AuthStatus::Authorized { Self::Authorized } else { Self::NotAuthorized }
    }
}

impl Encode for XbeesMessage {
    fn encode(&self, to: &mut dyn Encoder) {
        let iframe_id = match self {
            Self::Ready { version, platform, iframe_id } => {
                to.text("type", Some("xBeesReady"));
                to.record("payload", Some(&Payload(version, platform.as_deref())));
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
        if let Ok(authorized) = said.count("told") {
            // The application has posted it itself, with a payload of its own.
            self.posted = Some(if authorized > 0 { XbeesStatus::Authorized } else { XbeesStatus::NotAuthorized });
        } else if said.count("answered").is_ok() {
            return Received::Open;
        } else if self.phase == Phase::Silent && self.prepare(now, said).is_ok() {
            self.look(status, outputs);
        } else {
            return Received::Refused(Refusal::Shape);
        }
        Received::Nothing
    }

    // `{version, platform, iframeId, status, readyTimeoutMs, logout}`
    fn prepare<F: Decoder>(&mut self, now: Millis, said: &F) -> Result<(), Malformed> {
        self.facts = Facts {
            version: said.required_text("version", WORD)?,
            platform: said.text("platform", WORD)?,
            iframe_id: said.text("iframeId", IFRAME_ID)?,
            posts_status: said.count("status")? > 0,
            logout: said.required_text("logout", WORD)?,
        };
        self.phase = Phase::Holding(now.saturating_add(said.count("readyTimeoutMs")?.min(LONGEST_HOLD).into()));
        Ok(())
    }

    fn be_ready<F>(&mut self, status: AuthStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        let Facts { version, platform, iframe_id, .. } = self.facts.clone();
        outputs.push(Output::Ask(XbeesMessage::Ready { version, platform, iframe_id }));
        self.phase = Phase::Open;
        // Exactly one status follows, whatever was posted before.
        self.posted = None;
        self.post_status(status.into(), outputs);
    }

    fn post_status<F>(&mut self, status: XbeesStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        if self.facts.posts_status && self.posted != Some(status) {
            self.posted = Some(status);
            outputs.push(Output::Ask(XbeesMessage::Status { status, iframe_id: self.facts.iframe_id.clone() }));
        }
    }

    // The status is established: the host does not wait for a server any longer.
    fn look<F>(&mut self, status: AuthStatus, outputs: &mut Vec<Output<F, XbeesMessage>>) {
        if !self.phase.says(status) {
            return;
        }
        if self.phase == Phase::Open {
            self.post_status(status.into(), outputs);
        } else {
            self.be_ready(status, outputs);
        }
    }

    fn receive<F: Decoder>(&self, message: F, outputs: &mut Vec<Output<F, XbeesMessage>>) -> Received<F> {
        // The vendor's own library takes an object, or JSON text that holds one.
        let message = message.parsed().unwrap_or(message);
        match message.text("type", WORD) {
            Ok(Some(kind)) if kind == self.facts.logout && self.phase != Phase::Silent => {
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
            Notice::Session => self.look(session.status, outputs),
            Notice::Timeout if matches!(self.phase, Phase::Holding(_)) => self.be_ready(session.status, outputs),
            Notice::Close => self.phase = Phase::Over,
            _ => {}
        }
        Received::Nothing
    }

    fn is_imitated_by(&self, message: &F) -> bool {
        message.parsed().map_or_else(|| begins(message, "xBees"), |message| begins(&message, "xBees"))
    }

    fn is_vital(&self, message: &F) -> bool {
        let says = |message: &F| message.text("type", WORD).is_ok_and(|kind| kind.as_deref() == Some(&*self.facts.logout));
        message.parsed().map_or_else(|| says(message), |message| says(&message))
    }

    fn due(&self) -> Option<Millis> {
        self.phase.due()
    }
}
