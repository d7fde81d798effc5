//! A host half that names a user, and keeps it while its widget is loaded again.

use std::rc::Rc;

use authframe::dialect::NativeMessage;
use authframe::session::{Account, Dialect, Identity, Millis, Notice, Output, Received, SessionView};

use super::{ACCOUNTS, KeptUser, World};

/// What a host says, after its dialect.
#[derive(Clone, Debug)]
pub(crate) enum Word {
    Identity(u8),
    /// The same once more, in the session of this epoch.
    Again(u8, u64),
    SignOut,
}

fn identity(who: u8) -> Rc<Identity> {
    Rc::new(Account::new(ACCOUNTS[usize::from(who)], None).unwrap().into())
}

/// A dialect that only listens.
#[derive(Clone, Debug)]
pub(crate) struct Listener;

impl Dialect<Word> for Listener {
    type Message = NativeMessage;

    fn handle(&mut self, _: Millis, notice: Notice<Word>, _: &Rc<SessionView>, _: &mut Vec<Output<Word, NativeMessage>>) -> Received<Word> {
        match notice {
            Notice::Port(Word::Identity(who)) => Received::Identity(1, identity(who), None),
            Notice::Port(Word::Again(who, since)) => Received::Identity(1, identity(who), Some(since)),
            Notice::Port(Word::SignOut) => Received::SignOut(2),
            _ => Received::Nothing,
        }
    }
}

impl World {
    // The rule of `js/host/identity.ts`: a user whom the widget has taken is kept as long as that session lives.
    pub(super) fn host_sees(&mut self, tab: usize, view: &SessionView) {
        let Some(who) = self.hosts[tab].who else { return };
        match self.hosts[tab].taken {
            Some(taken) if view.epoch > taken => self.hosts[tab] = KeptUser::default(),
            None if view.account.as_ref().is_some_and(|account| account.subject() == ACCOUNTS[usize::from(who)]) => {
                self.hosts[tab].taken = Some(view.epoch);
            }
            _ => {}
        }
    }

    // The frame is loaded again: what it knew is gone, and its host half sends it the user that it keeps, if that session still lives.
    pub(super) fn reload(&mut self, tab: usize) {
        let before = self.tabs[tab].out;
        let outbox = std::mem::take(&mut self.slot(tab).outbox);
        for value in outbox {
            self.put(Some(tab), Some(value));
        }
        self.gone(tab);
        self.open(tab);
        let Some(view) = self.tabs[tab].session.as_ref().map(|session| session.view().clone()) else { return };
        // What is said at once: how the shared record stands.
        self.host_sees(tab, &view);
        // It still has to know of every sign-out that it knew of: nothing of before signs a user in.
        if self.hosts[tab].taken.is_some() {
            self.slot(tab).out = before;
        }
        if let Some(who) = self.hosts[tab].who {
            let word = self.hosts[tab].taken.map_or(Word::Identity(who), |taken| Word::Again(who, taken));
            self.enter(tab, |session, now| session.handle_port(now, word));
        }
    }
}
