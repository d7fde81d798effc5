//! Our own protocol, as the widget speaks it: `docs/protocol.md`.

mod handshake;

use std::rc::Rc;

pub use self::handshake::{Handshake, NONCE_LIFE, VERSION};
use crate::session::{
    Config, Decoder, Dialect, Encode, Encoder, Error, Identity, Malformed, Millis, Notice, Output, Received, Refusal, SessionView,
    TokenBucket,
};

const WORD: u32 = 64;
const CAPABILITIES: u32 = 32;
/// How many messages and requests of the host's application are taken: so many a second, and what two seconds hold at once, because what was sent in turn may
/// arrive together. Its own half sends no more than that (`docs/protocol.md` section 5).
const RATE: (u32, u32) = (20_000, 2);
/// Why a request beyond that is answered with an error.
const RATE_LIMITED: &str = "RATE_LIMITED";

/// One conversation in the native protocol.
#[derive(Debug)]
pub struct Native {
    channel: String,
    handshake: Handshake,
    // Counts the connections, so that an answer to an earlier one is known as such.
    connection: u32,
    rate: TokenBucket,
    // How many messages of this connection were dropped because of it.
    dropped: u32,
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
    /// The host's request of this number came too soon after too many others, and is not answered otherwise.
    TooMany(u32),
    /// So many messages of this connection were dropped for the same reason.
    Dropped(u32),
    /// The widget goes away.
    Bye,
}

impl Encode for NativeMessage {
    fn encode(&self, to: &mut dyn Encoder) {
        let kind = match self {
            Self::Hello { .. } => "authframe:hello",
            Self::Open(_) => "open",
            Self::Session(_) => "session",
            Self::Answer(_, Ok(())) => "reply",
            Self::Answer(_, Err(_)) | Self::TooMany(_) => "error",
            Self::Dropped(_) => "dropped",
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
                to.words("capabilities", "identity ping");
                to.common_record("session", session.clone());
            }
            Self::Session(session) => to.common_record("session", session.clone()),
            Self::Answer(id, result) => {
                to.count("id", *id);
                match result {
                    Ok(()) => to.text("data", None),
                    Err(error) => {
                        let code = answer(*error);
                        to.text("code", Some(code));
                        to.text("message", Some(code));
                    }
                }
            }
            Self::TooMany(id) => {
                to.count("id", *id);
                to.text("code", Some(RATE_LIMITED));
                to.text("message", Some(RATE_LIMITED));
            }
            Self::Dropped(count) => to.count("count", *count),
            Self::Bye => {}
        }
    }
}

// What a host can be answered is one of these. It has the words for them itself, so none travel, and none are in the wasm.
const fn answer(error: Error) -> &'static str {
    match error {
        Error::AccountInvalid | Error::TokenInvalid | Error::LifetimeInvalid => error.code(),
        _ => Error::AcquireFailed.code(),
    }
}

impl Native {
    /// A conversation that has not begun.
    pub fn new(config: &Config) -> Self {
        Self {
            channel: config.channel.clone(),
            handshake: Handshake::default(),
            connection: 0,
            rate: TokenBucket::new(RATE.0, RATE.1),
            dropped: 0,
        }
    }

    fn on_window<F: Decoder>(&self, message: &F) -> Received<F> {
        // What is not exactly our knock is not ours.
        let says = |key, word: &str| message.text(key, WORD).is_ok_and(|text| text.as_deref() == Some(word));
        let knock = says("type", "authframe:knock") && says("channel", &self.channel) && !self.handshake.connected();
        if knock { Received::Knock } else { Received::Nothing }
    }

    fn on_port<F: Decoder>(
        &mut self,
        now: Millis,
        message: F,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, NativeMessage>>,
    ) -> Result<Received<F>, Malformed> {
        let kind = message.required_text("type", WORD)?;
        if !self.handshake.connected() {
            return match &*kind {
                "welcome" if !message.are_texts("capabilities", CAPABILITIES, WORD) => Err(Malformed),
                "welcome" => Ok(match self.handshake.welcome(now, &message) {
                    Ok(()) => {
                        self.connection = self.connection.wrapping_add(1);
                        self.dropped = 0;
                        outputs.push(Output::PostPort(NativeMessage::Open(Rc::clone(session))));
                        Received::Connected(message)
                    }
                    Err(refusal) => Received::Refused(refusal),
                }),
                "refuse" => {
                    let opaque = message.required_text("code", WORD)? == Error::OpaqueOrigin.code();
                    let error = if opaque { Error::OpaqueOrigin } else { Error::VersionMismatch };
                    Ok(if self.handshake.refuse() { Received::Failed(error) } else { Received::Nothing })
                }
                // Too early.
                _ => Ok(Received::Nothing),
            };
        }
        Ok(match &*kind {
            "welcome" => Received::Refused(Refusal::Replay),
            "identity" => {
                let token = self.token(&message)?;
                let identity = message.child("identity").and_then(|identity| Identity::read(&identity.ok_or(Malformed)?)).map(Rc::new);
                if identity.is_err() {
                    // The host waits for an answer; it is counted all the same.
                    self.answer(token, Err(Error::AccountInvalid), outputs);
                }
                // Absent where the application has just named the user.
                let since = message.whole("epoch").ok();
                Received::Identity(token, identity?, since)
            }
            "sign-out" => Received::SignOut(self.token(&message)?),
            "bye" => self.lost(outputs),
            // The host asks whether the widget is still here.
            "ping" => {
                self.answer(self.token(&message)?, Ok(()), outputs);
                Received::Nothing
            }
            // The host was away and does not know how it stands.
            "again" => {
                outputs.push(Output::PostPort(NativeMessage::Session(Rc::clone(session))));
                Received::Nothing
            }
            "dropped" => Received::Dropped(message),
            // Answers to the application's own requests.
            "reply" | "error" => Received::Message(message),
            // What the host's application says by itself, and words that we do not know, are limited: nothing else is.
            _ if !self.rate.take(now) => {
                self.drop_message(&message, outputs);
                Received::Refused(Refusal::Rate)
            }
            _ => Received::Message(message),
        })
    }

    // What is dropped is said to its sender: of a request at once, of the rest whenever there are twice as many as last time.
    fn drop_message<F: Decoder>(&mut self, message: &F, outputs: &mut Vec<Output<F, NativeMessage>>) {
        self.dropped = self.dropped.saturating_add(1);
        if let Ok(id) = message.count("id") {
            outputs.push(Output::PostPort(NativeMessage::TooMany(id)));
        } else if self.dropped.is_power_of_two() {
            outputs.push(Output::PostPort(NativeMessage::Dropped(self.dropped)));
        }
    }

    fn lost<F>(&mut self, outputs: &mut Vec<Output<F, NativeMessage>>) -> Received<F> {
        outputs.push(Output::ClosePort);
        if self.handshake.reset() { Received::Lost } else { Received::Nothing }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn answer<F>(&self, token: u64, result: Result<(), Error>, outputs: &mut Vec<Output<F, NativeMessage>>) {
        let (connection, id) = ((token >> 32) as u32, token as u32);
        if connection == self.connection && self.handshake.connected() {
            outputs.push(Output::PostPort(NativeMessage::Answer(id, result)));
        }
    }

    // The host's own number together with the connection it came on.
    fn token(&self, message: &impl Decoder) -> Result<u64, Malformed> {
        Ok(u64::from(self.connection) << 32 | u64::from(message.count("id")?))
    }
}

impl<F: Decoder> Dialect<F> for Native {
    type Message = NativeMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, NativeMessage>>,
    ) -> Received<F> {
        match notice {
            Notice::Window(message) => return self.on_window(&message),
            Notice::Port(message) => {
                return self.on_port(now, message, session, outputs).unwrap_or(Received::Refused(Refusal::Shape));
            }
            Notice::PortLost => return self.lost(outputs),
            Notice::Start(_) => outputs.push(Output::OpenPort),
            Notice::PortOpened(nonce) => {
                let nonce = self.handshake.hello(now, nonce);
                outputs.push(Output::PostWindow(NativeMessage::Hello { channel: self.channel.clone(), nonce }));
            }
            Notice::Session if self.handshake.connected() => outputs.push(Output::PostPort(NativeMessage::Session(Rc::clone(session)))),
            Notice::Session => {}
            Notice::Answer(token, result) => self.answer(token, result, outputs),
            Notice::Close => {
                if self.handshake.connected() {
                    outputs.push(Output::PostPort(NativeMessage::Bye));
                }
                self.lost(outputs);
            }
            Notice::Timeout => {}
            #[cfg(feature = "dialects")]
            Notice::App(_) => {}
        }
        Received::Nothing
    }

    fn is_imitated_by(&self, message: &F) -> bool {
        begins(message, "authframe:")
    }
}

/// Whether the type of a message begins like this.
pub(super) fn begins<F: Decoder>(message: &F, with: &str) -> bool {
    message.text("type", WORD).is_ok_and(|kind| kind.is_some_and(|kind| kind.starts_with(with)))
}
