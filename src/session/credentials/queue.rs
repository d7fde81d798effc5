//! What was asked of the credential store and is not done yet. The store does one task after the other; what became of one is given back, and the session
//! acts on it.

use std::rc::Rc;

use super::store::{Answer, Content, Fence, Found, Lock, StoreRecord, Task};
use crate::session::backoff::{AFTER_A_FAILURE, Backoff};
use crate::session::intent::Asker;
use crate::session::{AcquireReason, Grant, Id, Millis, Pause, Snapshot, StoreFailure};

/// A credential store that does not answer for so long is none.
pub(in crate::session) const STORE_TIMEOUT: Millis = 10_000;

/// The tasks of one tab, the oldest first.
#[derive(Clone, Debug)]
pub(in crate::session) struct StoreQueue {
    tasks: Vec<PendingTask>,
    last_task: u32,
    // Whether the store has answered once. Until then it may know of a later session than an empty shared record does.
    known: bool,
    // The newest look into the store, and what for.
    looking: Option<(u32, AcquireReason)>,
    // The store should have done something and could not: the newest credential is to be stored, or that of a session that ended is to be destroyed. It is
    // tried again until it is done.
    upkeep_at: Option<Millis>,
    upkeep: Backoff,
}

#[derive(Clone, Debug)]
struct PendingTask {
    id: u32,
    task: Task,
    version: Snapshot,
    credential: Option<Rc<Grant>>,
    deadline: Millis,
    // Those who wait for it.
    askers: Vec<Asker>,
    decided: Option<Decided>,
}

/// What was decided within the transaction, and what stood there.
#[derive(Clone, Copy, Debug)]
struct Decided {
    answer: Answer,
    seen: Option<Snapshot>,
    pause: Option<Pause>,
}

/// What became of a task.
#[derive(Debug)]
pub(in crate::session) struct Done {
    pub answer: Answer,
    /// The version that the store was found to hold.
    pub seen: Option<Snapshot>,
    /// Those who have waited for it.
    pub askers: Vec<Asker>,
    pub outcome: Outcome,
}

/// What it was about, with what belongs to that.
#[derive(Debug)]
pub(in crate::session) enum Outcome {
    /// The store was looked into. `reason`: what for, if this was the newest look; what an earlier one has found may be old.
    Looked { reason: Option<AcquireReason>, pause: Option<Pause>, credential: Option<Rc<Grant>> },
    /// The lease was asked for.
    Lease { id: u32, credential: Option<Rc<Grant>> },
    /// The lease is not ours any more.
    LeaseLost,
    /// The result of a refresh was to be stored: this version, with this credential.
    Refreshed { version: Snapshot, credential: Option<Rc<Grant>> },
    /// A sign-in or a sign-out was to be stored.
    Kept { version: Snapshot },
    /// Nothing depends on it.
    Nothing,
}

impl PendingTask {
    // No caller waits for a credential to be destroyed, and it must be, however late the store is.
    const fn wipes(&self) -> bool {
        matches!(self.task, Task::Keep { content: Content::Nothing, fence: Fence::Open, .. })
    }
}

impl StoreQueue {
    pub(in crate::session) const fn new(tab: Id) -> Self {
        Self { tasks: Vec::new(), last_task: 0, known: false, looking: None, upkeep_at: None, upkeep: Backoff::new(tab.0.rotate_left(32)) }
    }

    /// The number of a task that no caller waits for.
    pub(in crate::session) const fn number(&mut self) -> u32 {
        self.last_task = self.last_task.wrapping_add(1);
        self.last_task
    }

    /// Waits for the task of this number, which is about a version.
    pub(in crate::session) fn await_task(&mut self, now: Millis, id: u32, task: Task, version: Snapshot, credential: Option<Rc<Grant>>) {
        let deadline = now.saturating_add(STORE_TIMEOUT);
        self.tasks.push(PendingTask { id, task, version, credential, deadline, askers: Vec::new(), decided: None });
    }

    /// The task of this number is the newest look.
    pub(in crate::session) const fn looks(&mut self, id: u32, reason: AcquireReason) {
        self.looking = Some((id, reason));
    }

    /// Whether what a look finds is waited for.
    pub(in crate::session) const fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// What is being looked for is not wanted any more.
    pub(in crate::session) const fn stop_looking(&mut self) {
        self.looking = None;
    }

    /// Who waits until the newest task is done.
    pub(in crate::session) fn wait(&mut self, asker: Asker) {
        if let Some(pending) = self.tasks.last_mut() {
            pending.askers.push(asker);
        }
    }

    /// Whether a sign-in is on its way to the store: it is announced when it is there, so that the tabs that receive it find it.
    pub(in crate::session) fn is_storing_sign_in(&self) -> bool {
        self.tasks.iter().any(|pending| matches!(pending.task, Task::Keep { content: Content::Credential, fence: Fence::Open, .. }))
    }

    /// Forgets every task.
    pub(in crate::session) fn clear(&mut self) {
        self.tasks.clear();
    }

    /// Decides what is written, within the transaction that has read what is there. `me` is this tab, `current` what all tabs share. Gives the answer as well;
    /// `None` if the task is not waited for any more.
    pub(in crate::session) fn decide(
        &mut self,
        id: u32,
        (me, lock, wall): (Id, Lock, f64),
        current: &Snapshot,
        found: &Found,
    ) -> Option<(Option<StoreRecord>, Answer)> {
        let pending = self.tasks.iter_mut().find(|pending| pending.id == id)?;
        let found = &found.believed(wall);
        let (mut record, answer) = pending.task.decide(&pending.version, me, lock, wall, found);
        // What has been overtaken here since is not worth writing: what overtook it comes next.
        if matches!(pending.task, Task::Keep { fence: Fence::Open, .. }) && current.beats(&pending.version) {
            record = None;
        }
        let (seen, pause) = if let Found::Record(record) = found { (Some(record.snapshot), record.pause) } else { (None, None) };
        pending.decided = Some(Decided { answer, seen, pause });
        Some((record, answer))
    }

    /// The store answers: the other tasks wait their turn.
    pub(in crate::session) fn answers(&mut self, now: Millis) {
        for waiting in &mut self.tasks {
            waiting.deadline = now.saturating_add(STORE_TIMEOUT);
        }
    }

    /// Takes what became of a transaction, and the credential that stands in the store now.
    pub(in crate::session) fn done(&mut self, id: u32, result: Result<Option<Rc<Grant>>, StoreFailure>) -> Option<Done> {
        let pending = self.tasks.extract_if(.., |pending| pending.id == id).next()?;
        let (answer, seen, pause) = match (pending.decided, &result) {
            (Some(decided), Ok(_)) => (decided.answer, decided.seen, decided.pause),
            (Some(decided), Err(StoreFailure::Damaged)) => (Answer::Damaged, decided.seen, None),
            _ => (Answer::Unavailable, None, None),
        };
        let found = result.ok().flatten();
        let version = pending.version;
        let outcome = match pending.task {
            Task::Look => {
                let reason = self.looking.take_if(|(newest, _)| *newest == id).map(|(_, reason)| reason);
                Outcome::Looked { reason, pause, credential: found }
            }
            Task::Take { .. } => Outcome::Lease { id, credential: found },
            Task::Renew if answer == Answer::Overtaken => Outcome::LeaseLost,
            Task::Renew | Task::Release { .. } => Outcome::Nothing,
            Task::Keep { fence: Fence::Lease, .. } => Outcome::Refreshed { version, credential: pending.credential },
            Task::Keep { .. } => Outcome::Kept { version },
        };
        Some(Done { answer, seen, askers: pending.askers, outcome })
    }

    /// The store has answered, or is not waited for any more; false if that was so before.
    pub(in crate::session) const fn know(&mut self) -> bool {
        !std::mem::replace(&mut self.known, true)
    }

    /// Whether what it knows is known.
    pub(in crate::session) const fn is_known(&self) -> bool {
        self.known
    }

    // Timers

    /// When the first task is late that something depends on.
    pub(in crate::session) fn task_due(&self) -> Option<Millis> {
        self.tasks.iter().filter(|pending| !pending.wipes()).map(|pending| pending.deadline).min()
    }

    /// A task that is late by now.
    pub(in crate::session) fn late(&self, now: Millis) -> Option<u32> {
        self.tasks.iter().find(|pending| pending.deadline <= now && !pending.wipes()).map(|pending| pending.id)
    }

    /// Until when the store's first answer is waited for.
    pub(in crate::session) fn first_answer_due(&self) -> Option<Millis> {
        if self.known { None } else { self.tasks.iter().map(|pending| pending.deadline).min() }
    }

    // What it could not do

    /// When that is tried again.
    pub(in crate::session) const fn upkeep_due(&self) -> Option<Millis> {
        self.upkeep_at
    }

    /// It is being done now, whatever it was.
    pub(in crate::session) const fn stop_upkeep(&mut self) {
        self.upkeep_at = None;
    }

    /// It could not do what it was asked for: again later.
    pub(in crate::session) fn keep_later(&mut self, now: Millis) {
        self.upkeep_at = Some(self.upkeep.fail(now, AFTER_A_FAILURE, None));
    }

    /// It works.
    pub(in crate::session) const fn works(&mut self) {
        self.upkeep_at = None;
        self.upkeep.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::credentials::store::{Kept, Urgency};
    use crate::session::{Reason, Replica, SubjectTag};

    const KEEP: Task = Task::Keep { content: Content::Credential, fence: Fence::Open, pause: None };
    const WIPE: Task = Task::Keep { content: Content::Nothing, fence: Fence::Open, pause: None };

    fn queue() -> StoreQueue {
        StoreQueue::new(Id(7))
    }

    fn ask(queue: &mut StoreQueue, now: Millis, task: Task, version: Snapshot) -> u32 {
        let id = queue.number();
        queue.await_task(now, id, task, version, None);
        id
    }

    fn version(epochs: u32) -> Snapshot {
        let mut replica = Replica::default();
        for _ in 0..epochs {
            replica.sign_out(Id(7), Reason::User, 0.0);
        }
        replica.sign_in(Id(7), Reason::SignIn, None, SubjectTag::new(Id(7), "ada"), 0.0);
        *replica.current()
    }

    fn decide(queue: &mut StoreQueue, id: u32, current: &Snapshot, found: &Found) -> Option<(Option<StoreRecord>, Answer)> {
        queue.decide(id, (Id(7), Lock::Held, 1000.0), current, found)
    }

    #[test]
    fn a_sign_in_that_was_overtaken_here_is_not_written_any_more() {
        let (old, new) = (version(0), version(1));
        let mut queue = queue();
        let id = ask(&mut queue, 0, KEEP, old);
        let (written, _) = decide(&mut queue, id, &old, &Found::Nothing).unwrap();
        assert_eq!(written.map(|record| (record.snapshot, record.credential)), Some((old, Kept::New)));
        let (written, answer) = decide(&mut queue, id, &new, &Found::Nothing).unwrap();
        assert_eq!((written, answer), (None, Answer::Done));
    }

    #[test]
    fn what_nobody_waits_for_is_not_decided_and_a_task_ends_once() {
        let mut queue = queue();
        let id = ask(&mut queue, 0, Task::Look, version(0));
        assert!(decide(&mut queue, 99, &version(0), &Found::Nothing).is_none());
        decide(&mut queue, id, &version(0), &Found::Nothing);
        assert_eq!(queue.done(id, Ok(None)).unwrap().answer, Answer::Done);
        assert!(queue.done(id, Ok(None)).is_none());
    }

    #[test]
    fn only_the_newest_look_says_what_it_was_for() {
        let mut queue = queue();
        let first = ask(&mut queue, 0, Task::Look, version(0));
        queue.looks(first, AcquireReason::Restore);
        let second = ask(&mut queue, 0, Task::Look, version(0));
        queue.looks(second, AcquireReason::OtherTab);
        let reason = |done: Option<Done>| match done.unwrap().outcome {
            Outcome::Looked { reason, .. } => reason,
            _ => panic!("a look"),
        };
        assert_eq!(reason(queue.done(first, Ok(None))), None);
        assert!(queue.is_looking());
        assert_eq!(reason(queue.done(second, Ok(None))), Some(AcquireReason::OtherTab));
        assert!(!queue.is_looking());
    }

    #[test]
    fn a_transaction_that_never_decided_is_a_store_that_is_not_there() {
        let mut queue = queue();
        let id = ask(&mut queue, 0, KEEP, version(0));
        queue.wait(Asker::App(3));
        let done = queue.done(id, Ok(None)).unwrap();
        assert_eq!((done.answer, done.seen, done.askers), (Answer::Unavailable, None, vec![Asker::App(3)]));
    }

    #[test]
    fn nobody_is_late_who_destroys_and_each_answer_gives_the_others_their_time() {
        let mut queue = queue();
        ask(&mut queue, 0, WIPE, version(0));
        assert_eq!((queue.task_due(), queue.first_answer_due()), (None, Some(STORE_TIMEOUT)));
        let look = ask(&mut queue, 5, Task::Take { urgency: Urgency::Patient }, version(0));
        assert_eq!(queue.task_due(), Some(5 + STORE_TIMEOUT));
        assert_eq!((queue.late(4 + STORE_TIMEOUT), queue.late(5 + STORE_TIMEOUT)), (None, Some(look)));
        queue.answers(100);
        assert_eq!(queue.task_due(), Some(100 + STORE_TIMEOUT));
        assert!(queue.know());
        assert!(!queue.know());
        assert_eq!(queue.first_answer_due(), None);
    }

    #[test]
    fn what_could_not_be_done_is_tried_again_ever_later_until_it_works() {
        let mut queue = queue();
        for _ in 0..8 {
            queue.keep_later(0);
        }
        assert!(queue.upkeep_due().unwrap() >= 30_000);
        queue.works();
        assert_eq!(queue.upkeep_due(), None);
        queue.keep_later(0);
        assert!(queue.upkeep_due().unwrap() <= 1000);
    }
}
