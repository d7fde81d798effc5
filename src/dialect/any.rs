//! One type for whatever the host speaks.

use std::rc::Rc;

use crate::session::{Dialect, Millis, Notice, Output, Received, SessionView};

/// Makes everything that has to know every dialect of the list of them, which stands in `mod.rs`: `KINDS` and `from_word`, `Any` and `AnyMessage`. Our own protocol is always among them.
macro_rules! dialects {
    ($(#[$feature:meta] $folder:ident::{$machine:ident, $message:ident},)*) => {
        use std::rc::Rc;

        use crate::session::{
            Config, Decoder, Dialect, DialectKind, Encode, Encoder, Millis, Notice, Output, Received, SessionView,
        };

        pub use native::{Native, NativeMessage};
        $(#[$feature] pub use $folder::{$machine, $message};)*

        /// The dialects of this build.
        pub const KINDS: &[DialectKind] = &[
            DialectKind::NATIVE,
            $(#[$feature] $machine::KIND,)*
        ];

        /// The one of a word.
        pub fn from_word(word: &str) -> Option<DialectKind> {
            KINDS.iter().copied().find(|kind| kind.as_str() == word)
        }

        /// Whatever the host speaks. Until it is known who that is, our own protocol, in which the host may begin.
        #[derive(Debug)]
        pub enum Any {
            /// Our own protocol.
            Native(Native),
            $(
                #[$feature]
                #[doc = concat!("The one of `src/dialect/", stringify!($folder), "/`.")]
                $machine($machine),
            )*
        }

        /// What any of them posts.
        #[derive(Clone, Debug, PartialEq)]
        pub enum AnyMessage {
            /// In our own protocol.
            Native(NativeMessage),
            $(
                #[$feature]
                #[doc = concat!("In the one of `src/dialect/", stringify!($folder), "/`.")]
                $machine($message),
            )*
        }

        impl From<NativeMessage> for AnyMessage {
            fn from(message: NativeMessage) -> Self {
                Self::Native(message)
            }
        }

        $(
            #[$feature]
            impl From<$message> for AnyMessage {
                fn from(message: $message) -> Self {
                    Self::$machine(message)
                }
            }
        )*

        impl Encode for AnyMessage {
            fn encode(&self, to: &mut dyn Encoder) {
                match self {
                    Self::Native(message) => message.encode(to),
                    $(#[$feature] Self::$machine(message) => message.encode(to),)*
                }
            }
        }

        impl Any {
            /// A conversation that has not begun.
            pub fn new(config: &Config) -> Self {
                Self::Native(Native::new(config))
            }

            /// Speaks this dialect from now on.
            fn begin(&mut self, kind: DialectKind) {
                match kind {
                    $(#[$feature] $machine::KIND => *self = Self::$machine($machine::default()),)*
                    _ => {}
                }
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
                if let Notice::Start(kind) = notice {
                    self.begin(kind);
                }
                match self {
                    Self::Native(dialect) => any::converse(dialect, now, notice, session, outputs),
                    $(#[$feature] Self::$machine(dialect) => any::converse(dialect, now, notice, session, outputs),)*
                }
            }

            fn is_imitated_by(&self, message: &F) -> bool {
                match self {
                    Self::Native(dialect) => dialect.is_imitated_by(message),
                    $(#[$feature] Self::$machine(dialect) => dialect.is_imitated_by(message),)*
                }
            }

            fn is_vital(&self, message: &F) -> bool {
                match self {
                    Self::Native(dialect) => dialect.is_vital(message),
                    $(#[$feature] Self::$machine(dialect) => dialect.is_vital(message),)*
                }
            }

            fn due(&self) -> Option<Millis> {
                match self {
                    Self::Native(dialect) => Dialect::<F>::due(dialect),
                    $(#[$feature] Self::$machine(dialect) => Dialect::<F>::due(dialect),)*
                }
            }
        }
    };
}

/// Gives one of them a notice, and makes what it posts a message of any.
pub(super) fn converse<F, D: Dialect<F>, M: From<D::Message>>(
    dialect: &mut D,
    now: Millis,
    notice: Notice<F>,
    session: &Rc<SessionView>,
    outputs: &mut Vec<Output<F, M>>,
) -> Received<F> {
    let mut own = Vec::new();
    let received = dialect.handle(now, notice, session, &mut own);
    outputs.extend(own.into_iter().map(|output| output.map_message(M::from)));
    received
}
