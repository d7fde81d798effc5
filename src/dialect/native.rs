//! Our own protocol, as the widget speaks it: `docs/protocol.md`.

use std::collections::VecDeque;

use crate::core::{
    Config, Dialect, Encode, Error, Fields, Grant, Handshake, Heard, Malformed, Millis, Notice, Output, Piece, Refusal, SessionView,
    VERSION,
};

const WORD: u32 = 64;

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
    Open(SessionView),
    /// The session changed.
    Session(SessionView),
    /// The answer to the host's message of this number.
    Answer(u32, Result<(), Error>),
    /// The widget goes away.
    Bye,
}

impl Encode for NativeMessage {
    fn encode(&self, with: &mut dyn FnMut(Piece<'_>)) {
        let text = Piece::Text;
        match self {
            Self::Hello { channel, nonce } => with(Piece::Record(&[
                kind("authframe:hello"),
                ("channel", text(channel)),
                ("min", VERSION.into()),
                ("max", VERSION.into()),
                ("nonce", text(nonce)),
            ])),
            Self::Open(session) => session.encode(&mut |session| {
                with(Piece::Record(&[kind("open"), ("capabilities", Piece::List(&[text("identity")])), ("session", session)]));
            }),
            Self::Session(session) => session.encode(&mut |session| with(Piece::Record(&[kind("session"), ("session", session)]))),
            Self::Answer(id, Ok(())) => with(Piece::Record(&[kind("reply"), ("id", (*id).into()), ("data", Piece::Absent)])),
            Self::Answer(id, Err(error)) => with(Piece::Record(&[
                kind("error"),
                ("id", (*id).into()),
                ("code", text(error.code())),
                ("message", text(error.message())),
            ])),
            Self::Bye => with(Piece::Record(&[kind("bye")])),
        }
    }
}

const fn kind(word: &str) -> (&'static str, Piece<'_>) {
    ("type", Piece::Text(word))
}

type Outputs<F> = VecDeque<Output<F, NativeMessage>>;

impl Native {
    /// A conversation that has not begun.
    pub fn new(config: &Config) -> Self {
        Self { channel: config.channel.clone(), handshake: Handshake::default(), connection: 0 }
    }

    fn on_window<F: Fields>(&self, message: &F, outputs: &mut Outputs<F>) -> Result<Heard<F>, Malformed> {
        let knock = message.text("type", WORD).is_ok_and(|kind| kind.as_deref() == Some("authframe:knock"));
        if knock && message.text("channel", WORD)?.unwrap_or_default() == self.channel && !self.handshake.connected() {
            outputs.push_back(Output::OpenPort);
        }
        Ok(Heard::Nothing)
    }

    fn on_port<F: Fields>(
        &mut self,
        now: Millis,
        message: F,
        session: &SessionView,
        outputs: &mut Outputs<F>,
    ) -> Result<Heard<F>, Malformed> {
        let kind = message.required_text("type", WORD)?;
        let connected = self.handshake.connected();
        Ok(match &*kind {
            "welcome" => match if connected { Err(Refusal::Replay) } else { self.handshake.welcome(now, &message) } {
                Ok(()) => {
                    self.connection = self.connection.wrapping_add(1);
                    outputs.push_back(Output::PostPort(NativeMessage::Open(session.clone())));
                    Heard::Connected(message)
                }
                Err(refusal) => Heard::Refused(refusal),
            },
            "refuse" if !connected => {
                let opaque = message.required_text("code", WORD)? == Error::OpaqueOrigin.code();
                match self.handshake.refuse() {
                    true => Heard::Failed(if opaque { Error::OpaqueOrigin } else { Error::VersionMismatch }),
                    false => Heard::Nothing,
                }
            }
            // Too early.
            _ if !connected => Heard::Nothing,
            "identity" => {
                let token = self.token(&message)?;
                match message.child("identity").and_then(|identity| Grant::read(&identity.ok_or(Malformed)?)) {
                    Ok(identity) => Heard::Identity(token, identity),
                    Err(malformed) => {
                        self.answer(token, Err(Error::AccountInvalid), outputs);
                        return Err(malformed);
                    }
                }
            }
            "sign-out" => Heard::SignOut(self.token(&message)?),
            "bye" => self.lost(outputs),
            _ => Heard::Message(message),
        })
    }

    fn lost<F>(&mut self, outputs: &mut Outputs<F>) -> Heard<F> {
        outputs.push_back(Output::ClosePort);
        if self.handshake.reset() { Heard::Lost } else { Heard::Nothing }
    }

    fn answer<F>(&self, token: u64, result: Result<(), Error>, outputs: &mut Outputs<F>) {
        let [connection, id] = [(token >> 32) as u32, token as u32];
        if connection == self.connection && self.handshake.connected() {
            outputs.push_back(Output::PostPort(NativeMessage::Answer(id, result)));
        }
    }

    // The host's own number together with the connection it came on.
    fn token(&self, message: &impl Fields) -> Result<u64, Malformed> {
        Ok(u64::from(self.connection) << 32 | u64::from(message.count("id")?))
    }
}

impl<F: Fields> Dialect<F> for Native {
    type Message = NativeMessage;

    fn handle(&mut self, now: Millis, notice: Notice<F>, session: &SessionView, outputs: &mut Outputs<F>) -> Heard<F> {
        let heard = match notice {
            Notice::Window(message) => self.on_window(&message, outputs),
            Notice::Port(message) => self.on_port(now, message, session, outputs),
            Notice::PortLost => Ok(self.lost(outputs)),
            Notice::Start => {
                outputs.push_back(Output::OpenPort);
                Ok(Heard::Nothing)
            }
            Notice::PortOpened(nonce) => {
                let nonce = self.handshake.hello(now, nonce);
                outputs.push_back(Output::PostWindow(NativeMessage::Hello { channel: self.channel.clone(), nonce }));
                Ok(Heard::Nothing)
            }
            Notice::Session => {
                if self.handshake.connected() {
                    outputs.push_back(Output::PostPort(NativeMessage::Session(session.clone())));
                }
                Ok(Heard::Nothing)
            }
            Notice::Answer(token, result) => {
                self.answer(token, result, outputs);
                Ok(Heard::Nothing)
            }
            Notice::Close => {
                if self.handshake.connected() {
                    outputs.push_back(Output::PostPort(NativeMessage::Bye));
                }
                self.lost(outputs);
                Ok(Heard::Nothing)
            }
        };
        heard.unwrap_or(Heard::Refused(Refusal::Shape))
    }
}
