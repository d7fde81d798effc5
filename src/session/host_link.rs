//! How we stand with the page that embeds us: who it is, what it speaks, and what of it is taken.

use std::rc::Rc;

use super::{Config, ConnectionState, Dialect, DialectKind, Millis, Notice, Output, Received, Refusal, SessionView, Source, TokenBucket};

/// How many messages of the window are taken in a second: knocks, or all that a host of another system says. What ends a session always is.
const KNOCKS: u32 = 200;
#[cfg(feature = "dialects")]
const WINDOW_RATE: u32 = 20_000;

/// The conversation with the host, and what was refused of it. It knows nothing of who is signed in: what a message means for that it gives back.
#[derive(Clone, Debug)]
pub(super) struct HostLink<D> {
    dialect: D,
    host: Option<String>,
    // Whether the browser itself or a knock named the host, so that no message may name another.
    host_certain: bool,
    connection: ConnectionState,
    knocks: TokenBucket,
    #[cfg(feature = "dialects")]
    window_rate: TokenBucket,
    rejected: [u32; Refusal::COUNT],
}

/// How sure it is that an origin is the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// The browser says so, or the page has knocked: no other may name itself.
    Proven,
    /// A hint.
    Presumed,
}

impl<D> HostLink<D> {
    pub(super) const fn new(dialect: D) -> Self {
        Self {
            dialect,
            host: None,
            host_certain: false,
            connection: ConnectionState::Connecting,
            knocks: TokenBucket::new(KNOCKS, 1),
            #[cfg(feature = "dialects")]
            window_rate: TokenBucket::new(WINDOW_RATE, 1),
            rejected: [0; Refusal::COUNT],
        }
    }

    /// The origin of the host, once it is pinned.
    pub(super) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    pub(super) const fn connection(&self) -> ConnectionState {
        self.connection
    }

    pub(super) fn closed(&self) -> bool {
        self.connection == ConnectionState::Closed
    }

    /// How often each [`Refusal`] happened, in the order of [`Refusal::ALL`].
    pub(super) const fn rejected(&self) -> &[u32; Refusal::COUNT] {
        &self.rejected
    }

    /// Counts it.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if let Some(count) = self.rejected.get_mut(refusal as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Goes to this state; false if it is there already.
    pub(super) fn connect(&mut self, state: ConnectionState) -> bool {
        std::mem::replace(&mut self.connection, state) != state
    }

    /// Takes this origin for the host's, if it may embed us. Gives what it speaks.
    pub(super) fn pin(&mut self, config: &Config, origin: &str, certainty: Certainty) -> Option<DialectKind> {
        self.host_certain |= certainty == Certainty::Proven;
        let dialect = config.dialect(origin);
        if dialect.is_some() {
            self.host = Some(origin.to_owned());
        }
        dialect
    }

    /// It has knocked from this origin.
    pub(super) fn knocked(&mut self, origin: &str) {
        self.host_certain = true;
        self.host = Some(origin.to_owned());
    }

    /// What the host speaks, our own protocol if that is not known.
    #[cfg(feature = "dialects")]
    pub(super) fn dialect_kind(&self, config: &Config) -> DialectKind {
        self.host().and_then(|host| config.dialect(host)).unwrap_or_default()
    }

    /// Whether a message of the window is taken: first who sent it, then from which origin, then how often. What is not, is counted. What ends a session is
    /// taken however often something else was said.
    pub(super) fn admits<F>(&mut self, config: &Config, now: Millis, source: Source, origin: &str, message: &F) -> bool
    where
        D: Dialect<F>,
    {
        let refusal = if source != Source::Parent {
            // Of other windows only what pretends to be ours is counted.
            if !self.dialect.is_imitated_by(message) {
                return false;
            }
            Refusal::Source
        } else if !self.is_expected(config, origin) {
            Refusal::Origin
        } else if !self.has_rate(config, now) && !self.dialect.is_vital(message) {
            Refusal::Rate
        } else {
            return true;
        };
        self.refuse(refusal);
        false
    }

    // The host; and until it is certain who that is, another one that may knock, which only our own protocol knows.
    fn is_expected(&self, config: &Config, origin: &str) -> bool {
        if self.host() == Some(origin) {
            return true;
        }
        #[cfg(feature = "dialects")]
        if self.dialect_kind(config).widget_begins() || config.dialect(origin).is_some_and(DialectKind::widget_begins) {
            return false;
        }
        !self.host_certain && config.allows(origin)
    }

    #[cfg_attr(not(feature = "dialects"), allow(unused_variables))]
    fn has_rate(&mut self, config: &Config, now: Millis) -> bool {
        #[cfg(feature = "dialects")]
        if self.dialect_kind(config).widget_begins() {
            return self.window_rate.take(now);
        }
        self.knocks.take(now)
    }

    /// Gives the dialect one notice, unless the bridge is closed. What it wants done is added to `outputs`; what it received that the session has to act on
    /// comes back.
    pub(super) fn converse<F>(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, D::Message>>,
    ) -> Received<F>
    where
        D: Dialect<F>,
    {
        if self.closed() { Received::Nothing } else { self.dialect.handle(now, notice, session, outputs) }
    }

    /// When the dialect is due.
    pub(super) fn due<F>(&self) -> Option<Millis>
    where
        D: Dialect<F>,
    {
        self.dialect.due()
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::session::{AuthStatus, Encode, Encoder, Id, Reason};

    const HOST: &str = "https://host.example";
    const OTHER: &str = "https://other.example";

    #[derive(Debug)]
    struct Nothing;

    impl Encode for Nothing {
        fn encode(&self, _: &mut dyn Encoder) {}
    }

    /// Takes `ours` for its own, `out` for a sign-out, and says how often it was spoken to.
    #[derive(Default)]
    struct Fake {
        notices: u32,
    }

    impl Dialect<&'static str> for Fake {
        type Message = Nothing;

        fn handle(
            &mut self,
            _: Millis,
            _: Notice<&'static str>,
            _: &Rc<SessionView>,
            outputs: &mut Vec<Output<&'static str, Nothing>>,
        ) -> Received<&'static str> {
            self.notices += 1;
            outputs.push(Output::ClosePort);
            Received::Lost
        }

        fn is_imitated_by(&self, message: &&'static str) -> bool {
            *message == "ours"
        }

        fn is_vital(&self, message: &&'static str) -> bool {
            *message == "out"
        }
    }

    fn config() -> Config {
        Config::new([HOST, OTHER]).unwrap()
    }

    fn refused(link: &HostLink<Fake>, refusal: Refusal) -> u32 {
        Refusal::ALL.into_iter().zip(*link.rejected()).find(|(other, _)| *other == refusal).unwrap().1
    }

    #[test]
    fn of_another_window_only_what_pretends_to_be_ours_is_counted() {
        let mut link = HostLink::new(Fake::default());
        assert!(!link.admits(&config(), 0, Source::Other, HOST, &"anything"));
        assert_eq!(refused(&link, Refusal::Source), 0);
        assert!(!link.admits(&config(), 0, Source::Other, HOST, &"ours"));
        assert_eq!(refused(&link, Refusal::Source), 1);
    }

    #[test]
    fn a_presumed_host_may_be_corrected_by_another_one_that_is_allowed_and_a_proven_one_may_not() {
        for (certainty, other_is_taken) in [(Certainty::Presumed, true), (Certainty::Proven, false)] {
            let mut link = HostLink::new(Fake::default());
            assert_eq!(link.pin(&config(), HOST, certainty), Some(DialectKind::default()));
            assert_eq!(link.admits(&config(), 0, Source::Parent, OTHER, &"knock"), other_is_taken, "{certainty:?}");
            assert_eq!(refused(&link, Refusal::Origin), u32::from(!other_is_taken));
            assert!(link.admits(&config(), 0, Source::Parent, HOST, &"knock"));
        }
    }

    #[test]
    fn a_host_that_is_not_allowed_is_not_pinned_and_certain_all_the_same() {
        let mut link = HostLink::new(Fake::default());
        assert_eq!(link.pin(&config(), "https://evil.example", Certainty::Proven), None);
        assert_eq!(link.host(), None);
        assert!(!link.admits(&config(), 0, Source::Parent, HOST, &"knock"), "the browser has said who embeds us");
    }

    #[test]
    fn beyond_the_rate_only_what_ends_a_session_is_taken() {
        let mut link = HostLink::new(Fake::default());
        let taken = (0..1000).filter(|_| link.admits(&config(), 5, Source::Parent, HOST, &"knock")).count();
        assert_eq!(taken, KNOCKS as usize);
        assert_eq!(refused(&link, Refusal::Rate), 1000 - KNOCKS);
        assert!(link.admits(&config(), 5, Source::Parent, HOST, &"out"));
        assert!(link.admits(&config(), 1005, Source::Parent, HOST, &"knock"), "a second later");
    }

    #[test]
    fn once_closed_the_dialect_is_spoken_to_no_more() {
        let mut link = HostLink::new(Fake::default());
        let view = Rc::new(SessionView {
            status: AuthStatus::Unknown,
            reason: Reason::Starting,
            account: None,
            expires_at: None,
            epoch: 0,
            sequence: 0,
            writer: Id(0),
        });
        let mut outputs = Vec::new();
        assert!(matches!(link.converse(0, Notice::PortLost, &view, &mut outputs), Received::Lost));
        assert!(link.connect(ConnectionState::Closed));
        assert!(!link.connect(ConnectionState::Closed), "it is there already");
        assert!(matches!(link.converse(0, Notice::PortLost, &view, &mut outputs), Received::Nothing));
        assert_eq!((link.dialect.notices, outputs.len()), (1, 1));
    }
}
