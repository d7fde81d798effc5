//! The shared record, as far as this tab knows it: what was read, and what waits to be written.

use super::intent::Intent;
use super::{Account, Id, Replica, Stored, SubjectTag};

/// Nothing is written before it is known what stands there. So changes wait here until the record is read, once for all of them.
#[derive(Clone, Debug)]
pub(super) struct RecordSync {
    pub replica: Replica,
    /// Whether it was read at all.
    pub resolved: bool,
    /// Whether it is written over whatever stands there.
    pub resetting: bool,
    /// Whether it does not know yet what the credential store knows: then an empty one was not emptied.
    pub unannounced: bool,
    // Whether a later version's record stood there when it was read last: that is not written over, unless the application says so.
    foreign: bool,
    // Whether it is to be read already.
    reading: bool,
    intents: Vec<Intent>,
}

impl RecordSync {
    pub(super) fn new() -> Self {
        Self {
            replica: Replica::default(),
            resolved: false,
            resetting: false,
            unannounced: false,
            foreign: false,
            reading: false,
            intents: Vec::new(),
        }
    }

    /// It is to be read; false if that is under way. Once is enough; and a second look before what the first one brought about is written would take the
    /// shared record for an emptied one.
    pub(super) const fn ask(&mut self) -> bool {
        !std::mem::replace(&mut self.reading, true)
    }

    /// It was read.
    pub(super) fn answered(&mut self) {
        self.reading = false;
    }

    /// This stands there.
    pub(super) fn found(&mut self, stored: &Stored) {
        self.foreign = *stored == Stored::Later && !self.resetting;
    }

    /// Whether it has to be written, after all that what stood there led to. `withheld`: a sign-in is announced only when the credential store has it.
    pub(super) fn must_write(&mut self, stored: &Stored, withheld: bool) -> bool {
        let ours = *self.replica.current();
        if matches!(stored, Stored::Snapshot(seen) if *seen == ours) {
            self.unannounced = false;
            return false;
        }
        let write = ours.epoch > 0 && !self.foreign && !(self.replica.authorized() && withheld);
        if write {
            self.unannounced = false;
            self.resetting = false;
        }
        write
    }

    /// Whether that nothing stands there means a sign-out.
    pub(super) fn lives_on_it(&self) -> bool {
        self.replica.authorized() && !self.unannounced
    }

    /// Whether this is the account that all tabs share.
    pub(super) fn is_current(&self, account: &Account) -> bool {
        let tag = self.replica.current().subject_tag;
        SubjectTag::new(tag.salt, account.subject()) == tag
    }

    /// The mark of an account that this tab signs in: under the salt that is there, or its own.
    pub(super) fn tag(&self, tab: Id, account: &Account) -> SubjectTag {
        let current = self.replica.current().subject_tag;
        let salt = if current == SubjectTag::default() { tab } else { current.salt };
        SubjectTag::new(salt, account.subject())
    }

    /// A change waits. The caller has the record read.
    pub(super) fn intend(&mut self, intent: Intent) {
        self.intents.push(intent);
    }

    /// The same, before all others.
    pub(super) fn intend_first(&mut self, intent: Intent) {
        self.intents.insert(0, intent);
    }

    /// The changes that wait, in their order.
    pub(super) fn take_intents(&mut self) -> Vec<Intent> {
        std::mem::take(&mut self.intents)
    }

    /// Whether one of them may bring a user.
    pub(super) fn awaits_a_user(&self) -> bool {
        self.intents.iter().any(Intent::brings_a_user)
    }

    /// Whether one of them ends with another user than this account, or none.
    #[cfg(feature = "credentials")]
    pub(super) fn displaces(&self, account: &Account) -> bool {
        let epoch = self.replica.current().epoch;
        self.intents.iter().any(|intent| intent.displaces(account, epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Reason, Snapshot};

    fn account(subject: &str) -> Account {
        Account::new(subject, None).unwrap()
    }

    fn signed_in() -> RecordSync {
        let mut record = RecordSync::new();
        let tag = record.tag(Id(7), &account("ada"));
        record.replica.sign_in(Id(7), Reason::SignIn, None, tag, 0.0);
        record
    }

    #[test]
    fn it_is_asked_for_once_until_it_was_read() {
        let mut record = RecordSync::new();
        assert!(record.ask());
        assert!(!record.ask());
        record.answered();
        assert!(record.ask());
    }

    #[test]
    fn what_stands_there_already_is_not_written_and_nothing_never_is() {
        let mut record = signed_in();
        let ours = *record.replica.current();
        assert!(!record.must_write(&Stored::Snapshot(ours), false));
        assert!(record.must_write(&Stored::Empty, false));
        assert!(!RecordSync::new().must_write(&Stored::Empty, false));
    }

    #[test]
    fn a_later_versions_record_is_written_over_only_by_a_reset_and_once() {
        let mut record = signed_in();
        record.found(&Stored::Later);
        assert!(!record.must_write(&Stored::Later, false));
        record.resetting = true;
        record.found(&Stored::Later);
        assert!(record.must_write(&Stored::Later, false));
        assert!(!record.resetting);
    }

    #[test]
    fn a_sign_in_that_is_being_stored_is_withheld_and_a_sign_out_is_not() {
        let mut record = signed_in();
        record.unannounced = true;
        assert!(!record.must_write(&Stored::Empty, true));
        assert!(!record.lives_on_it(), "an empty record was not emptied");
        record.replica.sign_out(Id(7), Reason::User, 0.0);
        assert!(record.must_write(&Stored::Empty, true));
        assert!(!record.unannounced);
    }

    #[test]
    fn the_salt_of_the_first_sign_in_stays_and_tells_one_account_from_another() {
        let record = signed_in();
        assert_eq!(record.tag(Id(9), &account("ada")), record.replica.current().subject_tag);
        assert!(record.is_current(&account("ada")));
        assert!(!record.is_current(&account("bob")));
        let other = Snapshot { subject_tag: RecordSync::new().tag(Id(9), &account("ada")), ..*record.replica.current() };
        assert_ne!(other.subject_tag, record.replica.current().subject_tag);
    }

    #[test]
    fn changes_wait_in_their_order_and_are_taken_once() {
        use crate::session::intent::Asker;
        let mut record = RecordSync::new();
        record.intend(Intent::GiveUp(Reason::User, Asker::None));
        assert!(!record.awaits_a_user());
        record.intend(Intent::SignIn(std::rc::Rc::new(account("ada").into()), Reason::Host, Asker::Host(3)));
        record.intend_first(Intent::SignOut(Reason::CredentialLost, Asker::None));
        assert!(record.awaits_a_user());
        let intents = record.take_intents();
        assert!(matches!(intents.as_slice(), [Intent::SignOut(..), Intent::GiveUp(..), Intent::SignIn(..)]));
        assert!(record.take_intents().is_empty());
    }
}
