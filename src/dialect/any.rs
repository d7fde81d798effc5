use std::rc::Rc;

use super::{Native, NativeMessage};
#[cfg(feature = "ringcentral")]
use super::{RingCentral, RingCentralMessage};
#[cfg(feature = "xbees")]
use super::{Xbees, XbeesMessage};
use crate::session::{Config, Decoder, Dialect, DialectKind, Encode, Encoder, Millis, Notice, Output, Received, SessionView};

/// Whatever the host speaks. Until it is known who that is, our own protocol, in which the host may begin.
#[derive(Debug)]
pub enum Any {
    /// Our own protocol.
    Native(Native),
    /// x-bees.
    #[cfg(feature = "xbees")]
    Xbees(Xbees),
    /// RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    RingCentral(RingCentral),
}

/// What any of them posts.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyMessage {
    /// In our own protocol.
    Native(NativeMessage),
    /// To x-bees.
    #[cfg(feature = "xbees")]
    Xbees(XbeesMessage),
    /// To a page that was written for RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    RingCentral(RingCentralMessage),
}

impl From<NativeMessage> for AnyMessage {
    fn from(message: NativeMessage) -> Self {
        Self::Native(message)
    }
}

#[cfg(feature = "xbees")]
impl From<XbeesMessage> for AnyMessage {
    fn from(message: XbeesMessage) -> Self {
        Self::Xbees(message)
    }
}

#[cfg(feature = "ringcentral")]
impl From<RingCentralMessage> for AnyMessage {
    fn from(message: RingCentralMessage) -> Self {
        Self::RingCentral(message)
    }
}

impl Encode for AnyMessage {
    fn encode(&self, to: &mut dyn Encoder) {
        match self {
            Self::Native(message) => message.encode(to),
            #[cfg(feature = "xbees")]
            Self::Xbees(message) => message.encode(to),
            #[cfg(feature = "ringcentral")]
            Self::RingCentral(message) => message.encode(to),
        }
    }
}

impl Any {
    /// A conversation that has not begun.
    pub fn new(config: &Config) -> Self {
        Self::Native(Native::new(config))
    }
}

impl<F: Decoder> Dialect<F> for Any {
    type Message = AnyMessage;

    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, AnyMessage>>,
    ) -> Received<F> {
        match notice {
            #[cfg(feature = "xbees")]
            Notice::Start(DialectKind::Xbees) => *self = Self::Xbees(Xbees::default()),
            #[cfg(feature = "ringcentral")]
            Notice::Start(DialectKind::RingCentral) => *self = Self::RingCentral(RingCentral::default()),
            _ => {}
        }
        match self {
            Self::Native(native) => converse(native, now, notice, session, outputs),
            #[cfg(feature = "xbees")]
            Self::Xbees(xbees) => converse(xbees, now, notice, session, outputs),
            #[cfg(feature = "ringcentral")]
            Self::RingCentral(ringcentral) => converse(ringcentral, now, notice, session, outputs),
        }
    }

    fn is_imitated_by(&self, message: &F) -> bool {
        match self {
            Self::Native(native) => native.is_imitated_by(message),
            #[cfg(feature = "xbees")]
            Self::Xbees(xbees) => xbees.is_imitated_by(message),
            #[cfg(feature = "ringcentral")]
            Self::RingCentral(ringcentral) => ringcentral.is_imitated_by(message),
        }
    }

    fn is_vital(&self, message: &F) -> bool {
        match self {
            Self::Native(native) => native.is_vital(message),
            #[cfg(feature = "xbees")]
            Self::Xbees(xbees) => xbees.is_vital(message),
            #[cfg(feature = "ringcentral")]
            Self::RingCentral(ringcentral) => ringcentral.is_vital(message),
        }
    }

    fn due(&self) -> Option<Millis> {
        match self {
            Self::Native(native) => Dialect::<F>::due(native),
            #[cfg(feature = "xbees")]
            Self::Xbees(xbees) => Dialect::<F>::due(xbees),
            #[cfg(feature = "ringcentral")]
            Self::RingCentral(ringcentral) => Dialect::<F>::due(ringcentral),
        }
    }
}

/// Gives one of them a notice, and makes what it posts a message of any.
fn converse<F, D: Dialect<F>>(
    dialect: &mut D,
    now: Millis,
    notice: Notice<F>,
    session: &Rc<SessionView>,
    outputs: &mut Vec<Output<F, AnyMessage>>,
) -> Received<F>
where
    AnyMessage: From<D::Message>,
{
    let mut own = Vec::new();
    let received = dialect.handle(now, notice, session, &mut own);
    outputs.extend(own.into_iter().map(|output| output.map_message(AnyMessage::from)));
    received
}
