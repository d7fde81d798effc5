//! Our own protocol, as the widget speaks it: `docs/protocol.md`.

use std::rc::Rc;

use crate::core::{
    Config, Dialect, Encode, Error, Fields, Grant, Handshake, Heard, Malformed, Millis, Notice, Output, Refusal, SessionView, VERSION,
    Writer,
};

const WORD: u32 = 64;
const CAPABILITIES: u32 = 32;

/// One conversation in the native protocol.
#[derive(Debug)]
pub struct Native {
    channel: String,
    handshake: Handshake,
    // Counts the connections, so that an answer to an earlier one is known as such.
    connection: u32,
}

/// What the widget posts: `docs/protocol.md` section 3.
#[derive(Clone, Debug, PartialEq)]
pub enum NativeMessage {
    /// On the window: `authframe:hello`.
    Hello {
        /// Sets several bridges of one page apart.
        channel: String,
        /// 32 hex digits, used once.
        nonce: String,
    },
    /// The widget is here.
    Open(Rc<SessionView>),
    /// The session changed.
    Session(Rc<SessionView>),
    /// The answer to the host's message of this number.
    Answer(u32, Result<(), Error>),
    /// The widget goes away.
    Bye,
}

impl Encode for NativeMessage {
    fn encode(&self, to: &mut dyn Writer) {
        let kind = match self {
            Self::Hello { .. } => "authframe:hello",
            Self::Open(_) => "open",
            Self::Session(_) => "session",
            Self::Answer(_, Ok(())) => "reply",
            Self::Answer(_, Err(_)) => "error",
            Self::Bye => "bye",
        };
        to.text("type", Some(kind));
        match self {
            Self::Hello { channel, nonce } => {
                to.text("channel", Some(channel));
                to.count("min", VERSION);
                to.count("max", VERSION);
                to.text("nonce", Some(nonce));
            }
            Self::Open(session) => {
                to.words("capabilities", "identity");
                to.record("session", Some(&**session));
            }
            Self::Session(session) => to.record("session", Some(&**session)),
            Self::Answer(id, result) => {
                to.count("id", *id);
                match result {
                    Ok(()) => to.text("data", None),
                    Err(error) => {
                        let (code, message) = answer(*error);
                        to.text("code", Some(code));
                        to.text("message", Some(message));
                    }
                }
            }
            Self::Bye => {}
        }
    }
}

// What a host can be answered is one of these two; so the other texts stay out of a wasm that does not show them itself.
const fn answer(error: Error) -> (&'static str, &'static str) {
    match error {
        Error::AccountInvalid => (Error::AccountInvalid.code(), Error::AccountInvalid.message()),
        _ => (Error::AcquireFailed.code(), Error::AcquireFailed.message()),
    }
}

impl Native {
    /// A conversation that has not begun.
    pub fn new(config: &Config) -> Self {
        Self { channel: config.channel.clone(), handshake: Handshake::default(), connection: 0 }
    }

    fn on_window<F: Fields>(&self, message: &F) -> Heard<F> {
        // What is not exactly our knock is not ours.
        let says = |key, word: &str| message.text(key, WORD).is_ok_and(|text| text.as_deref() == Some(word));
        let knock = says("type", "authframe:knock") && says("channel", &self.channel) && !self.handshake.connected();
        if knock { Heard::Knock } else { Heard::Nothing }
    }

    fn on_port<F: Fields, M: From<NativeMessage>>(
        &mut self,
        now: Millis,
        message: F,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, M>>,
    ) -> Result<Heard<F>, Malformed> {
        let kind = message.required_text("type", WORD)?;
        if !self.handshake.connected() {
            return match &*kind {
                "welcome" if !message.are_texts("capabilities", CAPABILITIES, WORD) => Err(Malformed),
                "welcome" => Ok(match self.handshake.welcome(now, &message) {
                    Ok(()) => {
                        self.connection = self.connection.wrapping_add(1);
                        outputs.push(Output::PostPort(NativeMessage::Open(Rc::clone(session)).into()));
                        Heard::Connected(message)
                    }
                    Err(refusal) => Heard::Refused(refusal),
                }),
                "refuse" => {
                    let opaque = message.required_text("code", WORD)? == Error::OpaqueOrigin.code();
                    let error = if opaque { Error::OpaqueOrigin } else { Error::VersionMismatch };
                    Ok(if self.handshake.refuse() { Heard::Failed(error) } else { Heard::Nothing })
                }
                // Too early.
                _ => Ok(Heard::Nothing),
            };
        }
        Ok(match &*kind {
            "welcome" => Heard::Refused(Refusal::Replay),
            "identity" => {
                let token = self.token(&message)?;
                let identity = message.child("identity").and_then(|identity| Grant::read(&identity.ok_or(Malformed)?)).map(Rc::new);
                if identity.is_err() {
                    // The host waits for an answer; it is counted all the same.
                    self.answer(token, Err(Error::AccountInvalid), outputs);
                }
                Heard::Identity(token, identity?)
            }
            "sign-out" => Heard::SignOut(self.token(&message)?),
            "bye" => self.lost(outputs),
            _ => Heard::Message(message),
        })
    }

    fn lost<F, M>(&mut self, outputs: &mut Vec<Output<F, M>>) -> Heard<F> {
        outputs.push(Output::ClosePort);
        if self.handshake.reset() { Heard::Lost } else { Heard::Nothing }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn answer<F, M: From<NativeMessage>>(&self, token: u64, result: Result<(), Error>, outputs: &mut Vec<Output<F, M>>) {
        let (connection, id) = ((token >> 32) as u32, token as u32);
        if connection == self.connection && self.handshake.connected() {
            outputs.push(Output::PostPort(NativeMessage::Answer(id, result).into()));
        }
    }

    // The host's own number together with the connection it came on.
    fn token(&self, message: &impl Fields) -> Result<u64, Malformed> {
        Ok(u64::from(self.connection) << 32 | u64::from(message.count("id")?))
    }

    /// See [`Dialect::handle`].
    pub(super) fn take_notice<F: Fields, M: From<NativeMessage>>(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, M>>,
    ) -> Heard<F> {
        match notice {
            Notice::Window(message) => return self.on_window(&message),
            Notice::Port(message) => {
                return self.on_port(now, message, session, outputs).unwrap_or(Heard::Refused(Refusal::Shape));
            }
            Notice::PortLost => return self.lost(outputs),
            Notice::Start(_) => outputs.push(Output::OpenPort),
            Notice::PortOpened(nonce) => {
                let nonce = self.handshake.hello(now, nonce);
                outputs.push(Output::PostWindow(NativeMessage::Hello { channel: self.channel.clone(), nonce }.into()));
            }
            Notice::Session if self.handshake.connected() => {
                outputs.push(Output::PostPort(NativeMessage::Session(Rc::clone(session)).into()))
            }
            Notice::Session => {}
            Notice::Answer(token, result) => self.answer(token, result, outputs),
            Notice::Close => {
                if self.handshake.connected() {
                    outputs.push(Output::PostPort(NativeMessage::Bye.into()));
                }
                self.lost(outputs);
            }
            #[cfg(feature = "dialects")]
            Notice::Timeout | Notice::App(_) => {}
        }
        Heard::Nothing
    }
}

impl<F: Fields> Dialect<F> for Native {
    type Message = NativeMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, NativeMessage>>,
    ) -> Heard<F> {
        self.take_notice(now, notice, session, outputs)
    }
}
