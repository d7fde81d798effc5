//! When this tab refreshes its token, and how far it is: it asks for the lease, then the application, then has the result stored. What a step leads to is given
//! back as [`Step`]s, which the session carries out in their order.

use std::rc::Rc;

use super::queue::STORE_TIMEOUT;
use super::store::{Answer, Fence, Lock, RefreshOutcome, Urgency};
use crate::session::backoff::{AFTER_A_FAILURE, Backoff};
use crate::session::{AcquireFailure, Acquired, Grant, Millis, Pause, PauseCause, Reason};

/// As long as the lease in the credential store.
const LEASE: Millis = super::store::LEASE as Millis;
/// How often a holder says that it is still there.
const RENEWAL: Millis = 2000;
// Before it ends, a token is renewed this early, or in the last quarter of a short life.
const LEAD: Millis = 60_000;
// Two refreshes are at least this far apart.
const FLOOR: Millis = 5000;
/// As long as an `acquire` may take. Then a tab without a credential store, which has given way to others all that time, goes ahead.
const PATIENCE: Millis = 30_000;
/// Those who wait for a token that long get the one that is there, if it is still good.
const SHORT_PATIENCE: Millis = 3000;
// The longest wait between two looks at whether the lock is free.
const LONGEST_LOOK: Millis = 3200;

/// See the module.
#[derive(Clone, Debug)]
pub(in crate::session) struct Refresh {
    /// Whether a caller waits for a token.
    pub wanted: bool,
    // When the next attempt is due.
    at: Option<Millis>,
    stage: Stage,
    // The newest task that asks for the lease.
    take: u32,
    // When the lease that it got ends, by our clock; where there are only locks, until when one is waited for.
    lapse: Millis,
    // Who has the lock, as it was found last.
    lock: Lock,
    // With tokens in memory: whether this tab has the lock.
    holds_lock: bool,
    // Whether the next attempt waits for a pause that another tab has written down.
    urgency: Urgency,
    // Whether the next attempt is one after a failure.
    retries: bool,
    // Since when, and how often, this tab has given way to others.
    yielding: Option<(Millis, u32)>,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum TokenSource {
    /// A refresh of this tab.
    Refresh,
    /// A sign-in, the credential store or another tab.
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is under way.
    Idle,
    /// The lease is asked for.
    Asking,
    /// The application is asked.
    Holding {
        /// When the lease is to be renewed.
        renew: Millis,
        /// Whether the lease is ours; else we go ahead without.
        fence: Fence,
        /// What is known of the refresh before.
        earlier: RefreshOutcome,
    },
    /// The result is being stored.
    Storing,
}

/// What a step of a refresh has the session do.
#[derive(Clone, Debug)]
pub(in crate::session) enum Step {
    /// Ask for the lease, or where there is no credential store for the lock.
    Take(Urgency),
    /// Give the lease back.
    Release(RefreshOutcome, Option<Pause>),
    /// With tokens in memory: give the lock back, if this tab has it.
    Unlock,
    /// Ask the application for a new token, in exchange for this credential if it is the current account's, else for what this tab holds.
    Acquire(Option<Rc<Grant>>),
    /// Learn what another tab, which was faster, has stored.
    Overtaken,
    /// Report that the stored credential cannot be read.
    Damaged,
    /// Answer those who wait for a token: they may ask again.
    Settle,
    /// Answer them by whether the token that is there is still good.
    SettleByLife,
}

/// What the application's answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Brought {
    /// It is not wanted any more.
    TooLate,
    /// Another account than the current one.
    AnotherAccount,
    /// A token.
    Token(Fence),
    /// Nothing, which may pass; the server may have said when to come again.
    Failure(Option<Millis>),
    /// The session has ended, for this reason.
    End(Reason, Fence),
}

/// The moment of a step by both clocks, and who spaces attempts.
pub(in crate::session) struct Moment<'a> {
    pub now: Millis,
    /// The wall clock, in milliseconds since 1970.
    pub wall: f64,
    pub backoff: &'a mut Backoff,
}

impl Refresh {
    pub(in crate::session) const fn new() -> Self {
        Self {
            wanted: false,
            at: None,
            stage: Stage::Idle,
            take: 0,
            lapse: 0,
            lock: Lock::Unsupported,
            holds_lock: false,
            urgency: Urgency::Patient,
            retries: false,
            yielding: None,
        }
    }

    // Planning

    /// A token is here that is good until then.
    pub(in crate::session) fn plan(&mut self, now: Millis, until: Option<Millis>, source: TokenSource, backoff: &mut Backoff) {
        self.stop();
        // A token that was dead on arrival is as bad as none.
        let renewed = source == TokenSource::Refresh;
        if renewed && until.is_some_and(|until| until <= now) {
            return self.retry(backoff.pause_after_a_dead_token(now));
        }
        backoff.reset();
        self.at = until.map(|until| {
            let lead = LEAD.min(until.saturating_sub(now) / 4);
            // Not all tabs at the same moment: the first one serves the others.
            let at = until.saturating_sub(lead).saturating_add(backoff.roll(lead / 2));
            at.max(now.saturating_add(if renewed { FLOOR } else { 0 }))
        });
    }

    /// Whether nothing is under way.
    pub(in crate::session) fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    /// Whether an attempt has failed and the next one waits.
    pub(in crate::session) fn cooling(&self, now: Millis) -> bool {
        self.retries && self.at.is_some_and(|at| at > now)
    }

    /// There is a reason to try at once what waits after a failure.
    pub(in crate::session) fn hurry(&mut self, at: Millis) {
        if self.is_idle() && self.retries {
            self.at = Some(at);
            self.urgency = Urgency::AtOnce;
        }
    }

    /// Nothing is refreshed any more.
    pub(in crate::session) const fn stop(&mut self) {
        self.at = None;
        self.stage = Stage::Idle;
        self.urgency = Urgency::Patient;
        self.retries = false;
        self.yielding = None;
    }

    /// An attempt has failed, here or in another tab: the next one is then.
    const fn retry(&mut self, at: Millis) {
        self.stop();
        self.at = Some(at);
        self.retries = true;
    }

    /// All tabs wait until then; those whose attempt would be the first, only if a server has asked for it. Whether that concerns this one.
    pub(in crate::session) fn postpone(&mut self, until: Millis, cause: PauseCause, backoff: &mut Backoff) -> bool {
        let concerned = self.is_idle() && self.at.is_some_and(|at| at < until) && (cause == PauseCause::Server || self.retries);
        if concerned {
            self.retry(backoff.after(until));
        }
        concerned
    }

    // Timers

    /// When the next attempt is due.
    pub(in crate::session) fn start_due(&self) -> Option<Millis> {
        self.at.filter(|_| self.is_idle())
    }

    /// When the lease is to be renewed.
    pub(in crate::session) const fn renewal_due(&self) -> Option<Millis> {
        if let Stage::Holding { renew, .. } = self.stage { Some(renew) } else { None }
    }

    /// Until when it is waited for who has the lock.
    pub(in crate::session) fn lock_due(&self) -> Option<Millis> {
        (self.stage == Stage::Asking).then_some(self.lapse)
    }

    // The lease

    /// Begins an attempt, unless a server has said not to.
    pub(in crate::session) fn start(&mut self, moment: &mut Moment<'_>) -> Vec<Step> {
        if let Some(until) = moment.backoff.server_end(moment.now) {
            self.retry(moment.backoff.after(until));
            return vec![Step::SettleByLife];
        }
        self.at = None;
        self.stage = Stage::Asking;
        vec![Step::Take(std::mem::replace(&mut self.urgency, Urgency::Patient))]
    }

    /// The lease was asked for by this task.
    pub(in crate::session) const fn asked(&mut self, now: Millis, task: u32) {
        self.take = task;
        self.lapse = now.saturating_add(STORE_TIMEOUT);
        self.lock = Lock::Unsupported;
    }

    /// The lease is ours, unless the end of the transaction comes too late.
    pub(in crate::session) const fn leased(&mut self, now: Millis) {
        self.lapse = now.saturating_add(LEASE);
    }

    /// Who has the lock.
    pub(in crate::session) const fn found_lock(&mut self, lock: Lock) {
        self.lock = lock;
    }

    /// With tokens in memory there is nothing to store, and only this to know: whether another tab has the lock. `good`: whether the token that is there is.
    pub(in crate::session) fn locked(&mut self, moment: &mut Moment<'_>, task: u32, good: bool) -> Vec<Step> {
        self.holds_lock |= self.lock == Lock::Held;
        if task != self.take || self.stage != Stage::Asking {
            // Too late. If a refresh goes on without it, it is given back at its end.
            if self.is_idle() { vec![Step::Unlock] } else { Vec::new() }
        } else if self.lock == Lock::Elsewhere && !self.has_yielded_for(moment.now, PATIENCE) {
            self.give_way(moment, 0);
            // Those who wait get what is there, if it is still good.
            if good && self.has_yielded_for(moment.now, SHORT_PATIENCE) { vec![Step::Settle] } else { Vec::new() }
        } else {
            self.hold(moment, Fence::Open, RefreshOutcome::Known, None)
        }
    }

    /// The browser does not say who has the lock: best effort.
    pub(in crate::session) fn lock_is_late(&mut self, moment: &mut Moment<'_>) -> Vec<Step> {
        self.take = 0;
        self.hold(moment, Fence::Open, RefreshOutcome::Known, None)
    }

    /// With tokens in memory: whether there is a lock to give back.
    pub(in crate::session) const fn unlock(&mut self) -> bool {
        std::mem::replace(&mut self.holds_lock, false)
    }

    /// The credential store has answered who has the lease. `authorized`: whether a user is signed in here still; `credential`: what is stored, if it is not older than
    /// what this tab holds.
    pub(in crate::session) fn taken(
        &mut self,
        moment: &mut Moment<'_>,
        task: u32,
        answer: Answer,
        authorized: bool,
        credential: Option<Rc<Grant>>,
    ) -> Vec<Step> {
        // An earlier attempt that was given up: the newer one takes over what it got.
        if task != self.take {
            return Vec::new();
        }
        let wanted = self.stage == Stage::Asking && authorized;
        match answer {
            Answer::Taken(earlier) if !wanted => vec![Step::Release(earlier, None)],
            _ if !wanted => Vec::new(),
            // The page slept in between: by now another tab may have it.
            Answer::Taken(earlier) if self.lapse <= moment.now => {
                self.give_way(moment, 0);
                vec![Step::Release(earlier, None)]
            }
            Answer::Taken(earlier) => self.hold(moment, Fence::Lease, earlier, credential),
            Answer::Busy(until) => {
                // A cast stops at the ends of the range.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let wait = (until - moment.wall) as Millis;
                // Its holder may be gone before: then the lock says so.
                self.give_way(moment, wait.min(1000));
                Vec::new()
            }
            Answer::Paused(pause) => {
                let until = pause.adopt(moment.backoff, moment.now, moment.wall);
                self.retry(moment.backoff.after(until));
                vec![Step::SettleByLife]
            }
            Answer::Overtaken => vec![Step::Overtaken],
            Answer::Damaged => vec![Step::Damaged],
            // Best effort.
            Answer::Unavailable | Answer::Absent | Answer::Done => self.hold(moment, Fence::Open, RefreshOutcome::Known, credential),
        }
    }

    fn hold(&mut self, moment: &mut Moment<'_>, fence: Fence, earlier: RefreshOutcome, credential: Option<Rc<Grant>>) -> Vec<Step> {
        // A server has said meanwhile to another tab when to come again.
        if let Some(until) = moment.backoff.server_end(moment.now) {
            self.retry(moment.backoff.after(until));
            let pause = Pause::of(moment.backoff, moment.now, moment.wall, until);
            let release = (fence == Fence::Lease).then_some(Step::Release(earlier, Some(pause)));
            return release.into_iter().chain([Step::Unlock, Step::SettleByLife]).collect();
        }
        self.stage = Stage::Holding { renew: moment.now.saturating_add(RENEWAL), fence, earlier };
        vec![Step::Acquire(credential)]
    }

    /// The lease is renewed now.
    pub(in crate::session) const fn renewed(&mut self, now: Millis) {
        if let Stage::Holding { renew, .. } = &mut self.stage {
            *renew = now.saturating_add(RENEWAL);
        }
    }

    /// Another tab is at it for so long.
    fn give_way(&mut self, moment: &mut Moment<'_>, wait: Millis) {
        self.stage = Stage::Idle;
        let (since, times) = self.yielding.unwrap_or((moment.now, 0));
        self.yielding = Some((since, times.saturating_add(1)));
        let look = LONGEST_LOOK.min(100 << times.min(6));
        self.at = Some(moment.now.saturating_add(wait.saturating_add(moment.backoff.roll(look)).max(100)));
    }

    fn has_yielded_for(&self, now: Millis, time: Millis) -> bool {
        self.yielding.is_some_and(|(since, _)| now >= since.saturating_add(time))
    }

    // The result

    /// What the application has brought. `current`: whether it is the current account's; `stored`: whether there is a credential store.
    pub(in crate::session) fn brought(&mut self, result: &Acquired, current: bool, stored: bool) -> Brought {
        let Stage::Holding { fence, earlier, .. } = self.stage else {
            return Brought::TooLate;
        };
        // Only the credential store can fence.
        let fence = if stored { fence } else { Fence::Open };
        match result {
            Ok(_) if !current => Brought::AnotherAccount,
            Ok(_) => {
                if stored {
                    self.stage = Stage::Storing;
                }
                Brought::Token(fence)
            }
            Err(failure) if failure.is_passing() => Brought::Failure(failure.later()),
            Err(failure) => {
                self.stage = Stage::Storing;
                let reason = match failure {
                    _ if stored && earlier == RefreshOutcome::Unknown => Reason::RefreshOutcomeUnknown,
                    AcquireFailure::NoUser => Reason::Expired,
                    _ => Reason::Refused,
                };
                Brought::End(reason, fence)
            }
        }
    }

    /// An attempt has failed. Gives when all tabs may try again.
    pub(in crate::session) fn failed(&mut self, now: Millis, later: Option<Millis>, backoff: &mut Backoff) -> Millis {
        let until = backoff.fail(now, AFTER_A_FAILURE, later);
        self.retry(backoff.after(until));
        until
    }

    /// The result was stored, or is not wanted any more.
    pub(in crate::session) fn stored(&mut self) {
        if self.stage == Stage::Storing {
            self.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Account;

    const WALL: f64 = 1_767_225_600_000.0;
    const TASK: u32 = 3;

    fn moment(now: Millis, backoff: &mut Backoff) -> Moment<'_> {
        Moment { now, wall: WALL + now as f64, backoff }
    }

    fn grant() -> Rc<Grant> {
        Rc::new(Account::new("ada", None).unwrap().into())
    }

    /// One that has asked for the lease at this moment.
    fn asking(now: Millis) -> (Refresh, Backoff) {
        let (mut refresh, mut backoff) = (Refresh::new(), Backoff::new(7));
        let steps = refresh.start(&mut moment(now, &mut backoff));
        assert!(matches!(steps.as_slice(), [Step::Take(Urgency::Patient)]));
        refresh.asked(now, TASK);
        (refresh, backoff)
    }

    /// One that has the lease, and asks the application.
    fn holding(earlier: RefreshOutcome) -> Refresh {
        let (mut refresh, mut backoff) = asking(0);
        refresh.leased(0);
        let steps = refresh.taken(&mut moment(1, &mut backoff), TASK, Answer::Taken(earlier), true, None);
        assert!(matches!(steps.as_slice(), [Step::Acquire(None)]));
        refresh
    }

    #[test]
    fn a_token_is_renewed_before_it_ends_and_not_sooner_than_the_floor() {
        let (mut refresh, mut backoff) = (Refresh::new(), Backoff::new(7));
        refresh.plan(0, Some(3_600_000), TokenSource::Elsewhere, &mut backoff);
        assert!((3_540_000..3_570_001).contains(&refresh.start_due().unwrap()));
        refresh.plan(0, Some(100), TokenSource::Refresh, &mut backoff);
        assert_eq!(refresh.start_due(), Some(FLOOR));
        refresh.plan(0, None, TokenSource::Elsewhere, &mut backoff);
        assert_eq!(refresh.start_due(), None, "one that does not end is not renewed");
    }

    #[test]
    fn a_lease_that_is_not_wanted_any_more_is_given_back() {
        let (mut refresh, mut backoff) = asking(0);
        refresh.leased(0);
        let steps = refresh.taken(&mut moment(1, &mut backoff), TASK, Answer::Taken(RefreshOutcome::Unknown), false, None);
        assert!(matches!(steps.as_slice(), [Step::Release(RefreshOutcome::Unknown, None)]));
    }

    #[test]
    fn a_lease_that_has_ended_while_the_page_slept_is_given_back_and_the_others_go_first() {
        let (mut refresh, mut backoff) = asking(0);
        refresh.leased(0);
        let steps = refresh.taken(&mut moment(LEASE, &mut backoff), TASK, Answer::Taken(RefreshOutcome::Known), true, None);
        assert!(matches!(steps.as_slice(), [Step::Release(RefreshOutcome::Known, None)]));
        assert!(refresh.start_due().unwrap() > LEASE);
    }

    #[test]
    fn the_answer_to_an_attempt_that_was_given_up_leads_to_nothing() {
        let (mut refresh, mut backoff) = asking(0);
        let steps = refresh.taken(&mut moment(1, &mut backoff), TASK - 1, Answer::Taken(RefreshOutcome::Known), true, None);
        assert!(steps.is_empty());
        assert!(!refresh.is_idle());
    }

    #[test]
    fn who_is_told_meanwhile_when_to_come_again_gives_everything_back_and_asks_nobody() {
        let (mut refresh, mut backoff) = asking(0);
        refresh.leased(0);
        let until = backoff.fail(0, AFTER_A_FAILURE, Some(20_000));
        let steps = refresh.taken(&mut moment(1, &mut backoff), TASK, Answer::Taken(RefreshOutcome::Known), true, None);
        assert!(
            matches!(steps.as_slice(), [Step::Release(RefreshOutcome::Known, Some(pause)), Step::Unlock, Step::SettleByLife] if pause.cause == PauseCause::Server)
        );
        assert!(refresh.start_due().unwrap() >= until);
        assert!(refresh.cooling(1));
    }

    #[test]
    fn without_a_store_a_tab_gives_way_to_the_lock_and_not_for_ever() {
        let (mut refresh, mut backoff) = asking(0);
        let mut now = 0;
        loop {
            refresh.found_lock(Lock::Elsewhere);
            let steps = refresh.locked(&mut moment(now, &mut backoff), TASK, true);
            if let [Step::Acquire(None)] = steps.as_slice() {
                break;
            }
            assert!(matches!(steps.as_slice(), [] | [Step::Settle]));
            assert_eq!(!steps.is_empty(), now >= SHORT_PATIENCE, "{now}");
            now = refresh.start_due().unwrap();
            refresh.start(&mut moment(now, &mut backoff));
            refresh.asked(now, TASK);
        }
        assert!((PATIENCE..PATIENCE + 4000).contains(&now), "{now}");
    }

    #[test]
    fn a_lock_that_comes_too_late_is_given_back_only_when_nothing_goes_on() {
        let (mut refresh, mut backoff) = asking(0);
        assert!(matches!(refresh.lock_is_late(&mut moment(STORE_TIMEOUT, &mut backoff)).as_slice(), [Step::Acquire(None)]));
        refresh.found_lock(Lock::Held);
        assert!(refresh.locked(&mut moment(STORE_TIMEOUT, &mut backoff), TASK, true).is_empty());
        refresh.stop();
        assert!(matches!(refresh.locked(&mut moment(STORE_TIMEOUT, &mut backoff), TASK, true).as_slice(), [Step::Unlock]));
        assert!(refresh.unlock());
        assert!(!refresh.unlock());
    }

    #[test]
    fn a_refusal_after_a_refresh_without_an_answer_says_so_where_that_can_be_known() {
        let refused = Err(AcquireFailure::Refused);
        let end = |earlier, stored| holding(earlier).brought(&refused, true, stored);
        assert_eq!(end(RefreshOutcome::Known, true), Brought::End(Reason::Refused, Fence::Lease));
        assert_eq!(end(RefreshOutcome::Unknown, true), Brought::End(Reason::RefreshOutcomeUnknown, Fence::Lease));
        assert_eq!(end(RefreshOutcome::Unknown, false), Brought::End(Reason::Refused, Fence::Open));
        let mut refresh = holding(RefreshOutcome::Known);
        assert_eq!(refresh.brought(&Err(AcquireFailure::NoUser), true, true), Brought::End(Reason::Expired, Fence::Lease));
        assert_eq!(refresh.brought(&refused, true, true), Brought::TooLate, "it is being stored");
    }

    #[test]
    fn another_account_and_a_failure_that_may_pass_are_no_end() {
        assert_eq!(holding(RefreshOutcome::Known).brought(&Ok(grant()), false, true), Brought::AnotherAccount);
        assert_eq!(holding(RefreshOutcome::Known).brought(&Ok(grant()), true, true), Brought::Token(Fence::Lease));
        let failure = holding(RefreshOutcome::Known).brought(&Err(AcquireFailure::Later(9)), true, true);
        assert_eq!(failure, Brought::Failure(Some(9)));
    }

    #[test]
    fn a_pause_of_all_tabs_postpones_a_first_attempt_only_if_a_server_has_asked_for_it() {
        let mut backoff = Backoff::new(7);
        let cases = [(PauseCause::Failures, false, false), (PauseCause::Server, false, true), (PauseCause::Failures, true, true)];
        for (cause, retries, concerned) in cases {
            let mut refresh = Refresh::new();
            refresh.plan(0, Some(1000), TokenSource::Elsewhere, &mut backoff);
            if retries {
                refresh.failed(0, None, &mut backoff);
            }
            assert_eq!(refresh.postpone(60_000, cause, &mut backoff), concerned, "{cause:?} {retries}");
            assert_eq!(refresh.start_due().unwrap() >= 60_000, concerned);
        }
    }
}
