use std::rc::Rc;

use super::{Native, NativeMessage, Xbees, XbeesMessage};
use crate::core::{Config, Dialect, DialectKind, Encode, Fields, Heard, Millis, Notice, Output, SessionView, Writer};

/// Whatever the host speaks. Until it is known who that is, our own protocol, in which the host may begin.
#[derive(Debug)]
pub enum Any {
    /// Our own protocol.
    Native(Native),
    /// x-bees.
    Xbees(Xbees),
}

/// What any of them posts.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyMessage {
    /// In our own protocol.
    Native(NativeMessage),
    /// To x-bees.
    Xbees(XbeesMessage),
}

impl Encode for AnyMessage {
    fn encode(&self, to: &mut dyn Writer) {
        match self {
            Self::Native(message) => message.encode(to),
            Self::Xbees(message) => message.encode(to),
        }
    }
}

impl Any {
    /// A conversation that has not begun.
    pub fn new(config: &Config) -> Self {
        Self::Native(Native::new(config))
    }
}

impl<F: Fields> Dialect<F> for Any {
    type Message = AnyMessage;

    fn handle(&mut self, now: Millis, notice: Notice<F>, session: &Rc<SessionView>, outputs: &mut Vec<Output<F, AnyMessage>>) -> Heard<F> {
        if let Notice::Start(DialectKind::Xbees) = notice {
            *self = Self::Xbees(Xbees::default());
        }
        match self {
            Self::Native(native) => translated(outputs, AnyMessage::Native, |outputs| native.handle(now, notice, session, outputs)),
            Self::Xbees(xbees) => translated(outputs, AnyMessage::Xbees, |outputs| xbees.handle(now, notice, session, outputs)),
        }
    }

    fn due(&self) -> Option<Millis> {
        match self {
            Self::Native(native) => Dialect::<F>::due(native),
            Self::Xbees(xbees) => Dialect::<F>::due(xbees),
        }
    }
}

fn translated<F, M, R>(
    to: &mut Vec<Output<F, AnyMessage>>,
    wrap: fn(M) -> AnyMessage,
    handle: impl FnOnce(&mut Vec<Output<F, M>>) -> R,
) -> R {
    let mut outputs = Vec::new();
    let result = handle(&mut outputs);
    to.extend(outputs.into_iter().map(|output| output.map(wrap)));
    result
}
