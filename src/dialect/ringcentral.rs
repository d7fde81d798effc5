//! RingCentral Embeddable, as a page sees it that was written for it: the widget's own sign-in, and the authorization of a third-party service. What is
//! the vendor's and what is different on purpose is told in `docs/dialects.md`.
//!
//! Two states live side by side. Who uses the widget is the session, which the core decides. Whether the host's service is authorized is the host's
//! word alone: it is kept here, proves nothing, and touches no session. What is posted is worded by the application's half
//! (`js/ringcentral-conversation.ts`), which also keeps what only passes through: the service's other fields, and what is asked and answered.

use std::rc::Rc;

use crate::core::{AuthStatus, Dialect, Encode, Event, Fields, Heard, Id, Malformed, Millis, Notice, Output, Refusal, SessionView, Writer};

const WORD: u32 = 64;
const TEXT: u32 = 2048;
// Nobody waits longer for a server than it is asked.
const LONGEST_HOLD: u32 = 60_000;
// More than anybody clicks. A stored number beyond it is damaged.
const LAST_UPDATE: u32 = 1 << 31;

/// One conversation with a page that was written for RingCentral Embeddable.
#[derive(Clone, Debug, Default)]
pub struct RingCentral {
    phase: Phase,
    tab: Id,
    // What the host was told last: whether somebody is signed in.
    told: Option<bool>,
    // Whether the application's half is still to say who; and how often it was asked.
    asked: bool,
    logins: u32,
    // Whether the service that the host has registered is authorized.
    service: Option<bool>,
    // Of the explicit updates, which all tabs share, the newest: how many there were, and which tab made it.
    version: Version,
    // Whether it is known which was the newest before this tab registered; and whether the other tabs have to be told of a later one.
    synced: bool,
    unsaid: bool,
}

type Version = (u32, Id);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    // The application is not ready yet.
    #[default]
    Silent,
    // It is known only later who is signed in: until then at most.
    Holding(Millis),
    Open,
    Over,
}

/// What the application's half is told.
#[derive(Clone, Debug, PartialEq)]
pub enum RingCentralMessage {
    /// The host is to be told who is signed in: this number comes back with the notice. Zero: nobody is.
    Login(u32),
    /// How the service stands.
    Service {
        /// Whether it is authorized.
        authorized: bool,
        /// Of the newest of the updates that all tabs share: how many there were, and which tab made it.
        version: (u32, Id),
        /// Whether the other tabs have to be told.
        spread: bool,
    },
}

impl Encode for RingCentralMessage {
    fn encode(&self, to: &mut dyn Writer) {
        match self {
            Self::Login(number) => to.count("login", *number),
            Self::Service { authorized, version: (update, writer), spread } => {
                to.flag("authorized", *authorized);
                to.count("update", *update);
                to.text("writer", Some(&writer.to_text()));
                to.flag("spread", *spread);
            }
        }
    }
}

impl RingCentral {
    // Who is signed in

    fn look<F, M: From<RingCentralMessage>>(&mut self, status: AuthStatus, outputs: &mut Vec<Output<F, M>>) {
        let known = !matches!(status, AuthStatus::Unknown | AuthStatus::Authorizing);
        if known && !matches!(self.phase, Phase::Silent | Phase::Over) {
            self.announce(status, outputs);
        }
    }

    fn announce<F, M: From<RingCentralMessage>>(&mut self, status: AuthStatus, outputs: &mut Vec<Output<F, M>>) {
        self.phase = Phase::Open;
        let login = status == AuthStatus::Authorized;
        let ask = login && self.told != Some(true);
        if ask && !self.asked {
            self.logins = self.logins.saturating_add(1);
            outputs.push(Output::Report(RingCentralMessage::Login(self.logins).into()));
        }
        self.asked = ask;
        if !login && self.told.replace(false) != Some(false) {
            outputs.push(Output::Report(RingCentralMessage::Login(0).into()));
        }
    }

    // What the host says

    fn hear<F: Fields, M: From<RingCentralMessage>>(
        &mut self,
        message: F,
        status: AuthStatus,
        outputs: &mut Vec<Output<F, M>>,
    ) -> Heard<F> {
        let kind = message.text("type", WORD).ok().flatten().unwrap_or_default();
        let mut stands = None;
        let mut spread = false;
        match &*kind {
            "rc-adapter-register-third-party-service" => {
                let Ok(Some(said)) = message.child("service") else { return Heard::Refused(Refusal::Shape) };
                if has(&said, "name") {
                    // Another one may have been registered before: what the tabs share of this one has to be asked for.
                    (self.synced, self.unsaid) = (false, false);
                    stands = Some(said.truthy("authorized") || !has(&said, "authorizationPath"));
                } else {
                    return Heard::Refused(Refusal::Shape);
                }
            }
            "rc-adapter-update-authorization-status" if self.service.is_none() => return Heard::Nothing,
            "rc-adapter-update-authorization-status" => {
                stands = Some(message.truthy("authorized"));
                self.version = (self.version.0.saturating_add(1), self.tab);
                spread = self.synced;
                self.unsaid = !spread;
            }
            "rc-adapter-logout" if status != AuthStatus::Unauthorized => return Heard::SignOut(0),
            "rc-adapter-logout" => return Heard::Open,
            "rc-adapter-login" if status == AuthStatus::Authorized => return Heard::Open,
            // What a login that the host has carried through comes back with has any type or none.
            kind if kind.starts_with("rc-") || message.truthy("callbackUri") => {}
            // Somebody else's.
            _ => return Heard::Nothing,
        }
        // First the rest of what it says, which is the application's half's.
        outputs.push(Output::Emit(Event::Message(message)));
        if let Some(authorized) = stands {
            self.take(authorized, spread, outputs);
        }
        Heard::Open
    }

    fn take<F, M: From<RingCentralMessage>>(&mut self, authorized: bool, spread: bool, outputs: &mut Vec<Output<F, M>>) {
        self.service = Some(authorized);
        outputs.push(Output::Report(RingCentralMessage::Service { authorized, version: self.version, spread }.into()));
    }

    // What the application's half says

    fn told<F: Fields, M: From<RingCentralMessage>>(
        &mut self,
        now: Millis,
        said: &F,
        status: AuthStatus,
        outputs: &mut Vec<Output<F, M>>,
    ) -> Result<(), Malformed> {
        if self.phase == Phase::Silent {
            self.tab = Id::from_text(&said.required_text("tab", WORD)?).ok_or(Malformed)?;
            self.phase = Phase::Holding(now.saturating_add(said.count("holdMs")?.min(LONGEST_HOLD).into()));
            self.look(status, outputs);
        } else if let Some(other) = said.child("other")? {
            self.hear_other_tab(&other, said.truthy("before"), outputs);
        } else {
            let message = said.child("post")?.ok_or(Malformed)?;
            if let Some(number) = said.number("login")? {
                // It may be too late.
                if number != f64::from(self.logins) || !std::mem::take(&mut self.asked) {
                    return Ok(());
                }
                self.told = Some(true);
            }
            outputs.push(Output::Carry(message));
        }
        Ok(())
    }

    /// `before`: it was there before this tab registered the service, so only what comes after it counts.
    fn hear_other_tab<F: Fields, M: From<RingCentralMessage>>(&mut self, said: &F, before: bool, outputs: &mut Vec<Output<F, M>>) {
        // What is damaged counts as nothing, and the next update is written over it.
        let update = said.count("update").ok().filter(|update| *update < LAST_UPDATE);
        let writer = said.text("writer", WORD).ok().flatten().and_then(|writer| Id::from_text(&writer));
        let version = update.zip(writer).unwrap_or_default();
        let Some(mut authorized) = self.service else { return };
        let mut spread = false;
        if before {
            self.synced = true;
            spread = std::mem::take(&mut self.unsaid);
            self.version = if spread { (version.0.saturating_add(1), self.tab) } else { version };
        } else if version > self.version {
            self.version = version;
            authorized = said.truthy("authorized");
            self.take(authorized, false, outputs);
        } else {
            // Ours was written over by an earlier one.
            spread = version < self.version && self.version.1 == self.tab;
        }
        if spread {
            self.take(authorized, true, outputs);
        }
    }

    /// See [`Dialect::take_notice`].
    pub(super) fn take_notice<F: Fields, M: From<RingCentralMessage>>(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &SessionView,
        outputs: &mut Vec<Output<F, M>>,
    ) -> Heard<F> {
        match notice {
            Notice::Window(message) if self.phase != Phase::Over => return self.hear(message, session.status, outputs),
            Notice::App(said) => {
                return self.told(now, &said, session.status, outputs).map_or(Heard::Refused(Refusal::Shape), |()| Heard::Nothing);
            }
            Notice::Session => self.look(session.status, outputs),
            Notice::Timeout => self.announce(session.status, outputs),
            Notice::Close => self.phase = Phase::Over,
            _ => {}
        }
        Heard::Nothing
    }

    pub(super) const fn holds_until(&self) -> Option<Millis> {
        if let Phase::Holding(until) = self.phase { Some(until) } else { None }
    }
}

/// Whether it is a text of acceptable length. One of another kind counts as left out: the vendor refuses no message because of a field.
fn has(fields: &impl Fields, key: &str) -> bool {
    fields.text(key, TEXT).is_ok_and(|text| text.is_some_and(|text| !text.is_empty()))
}

impl<F: Fields> Dialect<F> for RingCentral {
    type Message = RingCentralMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, RingCentralMessage>>,
    ) -> Heard<F> {
        self.take_notice(now, notice, session, outputs)
    }

    fn due(&self) -> Option<Millis> {
        self.holds_until()
    }
}
