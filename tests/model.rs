//! Every order in which things can happen in a small browser: a search over the real sessions, breadth first, so that what it finds is short.
//! Each run visits every state that can be reached within its bound, and fails if it does not.
//!
//! Not with `stateright`: its states have to be `Send`, `Hash` and `Eq`, and a session shares accounts by `Rc` and is none of these. A state is
//! known by the hash of its text, without what makes no difference (`Sink` in `support/world/mod.rs`). What costs something (`Budget`) is bounded,
//! everything else is free: writes, events, each half of a transaction, answers and timers come in every order. From each state in which
//! nothing happens by itself, time passes until no tab waits, and then all must agree. Where that is still too much, the number of steps is
//! bounded too: then the run has seen every story of that length. `AUTHFRAME_STEPS=2` makes all of these two steps longer.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;
#[path = "support/world/mod.rs"]
mod world;

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::time::Instant;

use authframe::session::Credentials;
use world::{Act, Broken, Rules, World};

/// How often something of each kind may happen. What happens by itself (a write arrives, a transaction ends, an answer comes, a timer fires) is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Budget {
    /// Sign-ins, account switches, sign-outs, wishes for a token.
    user: u8,
    /// Crashes, freezes, a second start, a frame that is loaded again, an emptied storage, a clock that is set, a storage event that comes twice.
    fault: u8,
    /// Refused or failed requests, a credential store that fails.
    refuse: u8,
    /// Leaps to the next moment at which a tab is due or a lease ends.
    time: u8,
}

struct Run {
    name: &'static str,
    rules: Rules,
    budget: Budget,
    /// What the user and the world may do, of what costs something.
    may: fn(&mut Vec<Act>, usize),
    /// What has happened before.
    start: fn(&mut World),
    /// How many steps may follow.
    steps: usize,
}

const RULES: Rules =
    Rules { tabs: 3, credentials: Credentials::Sealed, locks: true, strict: true, echo: false, pauses: false, broken: Broken::Nothing };

fn cost(act: Act) -> Budget {
    let none = Budget::default();
    match act {
        Act::SignIn(..) | Act::SignOut(_) | Act::Want(_) | Act::Named(..) => Budget { user: 1, ..none },
        Act::Crash(_) | Act::Freeze(_) | Act::Clear | Act::ClearAll | Act::Again(_) | Act::Open(_) | Act::Jump(_) | Act::Reload(_) => {
            Budget { fault: 1, ..none }
        }
        Act::Refuse(_) | Act::Fail(_) | Act::Later(..) | Act::Break(_) => Budget { refuse: 1, ..none },
        Act::Pass => Budget { time: 1, ..none },
        _ => none,
    }
}

impl Budget {
    fn less(self, cost: Self) -> Option<Self> {
        Some(Self {
            user: self.user.checked_sub(cost.user)?,
            fault: self.fault.checked_sub(cost.fault)?,
            refuse: self.refuse.checked_sub(cost.refuse)?,
            time: self.time.checked_sub(cost.time)?,
        })
    }
}

fn everything(acts: &mut Vec<Act>, tab: usize) {
    acts.extend([
        Act::SignIn(tab, 0),
        Act::SignIn(tab, 1),
        Act::SignOut(tab),
        Act::Want(tab),
        Act::Crash(tab),
        Act::Freeze(tab),
        Act::Again(tab),
        Act::Named(tab, 0),
        Act::Reload(tab),
        Act::Refuse(tab),
        Act::Fail(tab),
        Act::Break(tab),
    ]);
    if tab == 0 {
        acts.extend([Act::Clear, Act::ClearAll, Act::Pass, Act::Jump(-3_600_000), Act::Jump(3_600_000)]);
    }
}

fn free(acts: &mut Vec<Act>, tab: usize) {
    acts.extend([
        Act::Commit(tab),
        Act::Deliver(tab),
        Act::Lock(tab),
        Act::Run(tab),
        Act::End(tab),
        Act::Serve(tab),
        Act::Reply(tab),
        Act::Timer(tab),
        Act::Thaw(tab),
    ]);
}

/// A user is signed in, and every tab knows.
fn signed_in(world: &mut World) {
    world.step(Act::SignIn(0, 0));
    world.settle();
}

type Key = (u64, Budget);

struct Explored {
    states: usize,
    violation: Option<String>,
}

fn explore(run: &Run) -> Explored {
    let begun = Instant::now();
    let mut world = World::new(run.rules);
    (run.start)(&mut world);
    assert_eq!(world.violation, None, "before anything");
    let mut acts = Vec::new();
    for tab in 0..run.rules.tabs {
        (run.may)(&mut acts, tab);
        free(&mut acts, tab);
    }
    let key = |world: &mut World, budget: Budget| (world.key(), budget);
    let first = key(&mut world, run.budget);
    let mut from: HashMap<Key, Option<(Key, Act)>> = HashMap::from([(first, None)]);
    let mut waiting = VecDeque::from([(world, run.budget, first, 0)]);
    let mut explored = Explored { states: 0, violation: None };
    let (mut quiet, mut cut) = (0, 0);
    while let Some((mut world, budget, here, steps)) = waiting.pop_front() {
        explored.states += 1;
        let mut bad = world.violation.take().map(|what| (what, ""));
        if bad.is_none() && world.quiet() {
            quiet += 1;
            let mut end = world.clone();
            end.finish();
            bad = end.violation.map(|what| (what, " and then quiet"));
        }
        if let Some((what, then)) = bad {
            let mut path = Vec::new();
            let mut at = here;
            while let Some(Some((before, act))) = from.get(&at) {
                path.push(*act);
                at = *before;
            }
            path.reverse();
            explored.violation = Some(format!("{what}\nafter {path:?}{then}"));
            break;
        }
        if steps == run.steps {
            cut += 1;
            continue;
        }
        for act in &acts {
            let Some(left) = budget.less(cost(*act)).filter(|_| world.can(*act)) else { continue };
            let mut next = world.clone();
            next.step(*act);
            let there = key(&mut next, left);
            from.entry(there).or_insert_with(|| {
                waiting.push_back((next, left, there, steps + 1));
                Some((here, *act))
            });
        }
    }
    let seconds = begun.elapsed().as_secs_f32();
    let bound = if cut > 0 { format!("all within {} steps", run.steps) } else { "all that there are".to_owned() };
    // Not `println!`, which the test runner keeps to itself.
    writeln!(std::io::stdout(), "{}: {} states, {bound}; {quiet} of them quiet, {seconds:.1} s", run.name, explored.states)
        .expect("written");
    explored
}

const ANY: usize = usize::MAX;

// At least so many states: a run that reaches less than it should is noticed.
fn hold(name: &'static str, rules: Rules, budget: Budget, start: fn(&mut World), steps: usize, at_least: usize) {
    let more = std::env::var("AUTHFRAME_STEPS").map_or(0, |more| more.parse().expect("a number"));
    let explored = explore(&Run { name, rules, budget, may: everything, start, steps: steps.saturating_add(more) });
    assert_eq!(explored.violation.as_deref().unwrap_or_default(), "", "{name}");
    assert!(explored.states >= at_least, "{name}: only {} states", explored.states);
}

const BUDGET: Budget = Budget { user: 0, fault: 0, refuse: 0, time: 0 };

#[test]
fn three_tabs_and_one_change_while_time_passes() {
    let budget = Budget { user: 1, time: 1, ..BUDGET };
    hold("3 tabs, 1 change, 1 leap of time", RULES, budget, signed_in, ANY, 150_000);
}

#[test]
fn three_tabs_and_two_changes_at_once() {
    hold("3 tabs, 2 changes", RULES, Budget { user: 2, ..BUDGET }, signed_in, 12, 80_000);
}

#[test]
fn three_tabs_and_a_change_with_an_accident() {
    hold("3 tabs, 1 change, 1 accident", RULES, Budget { user: 1, fault: 1, ..BUDGET }, signed_in, 10, 50_000);
}

#[test]
fn three_tabs_and_all_that_can_happen() {
    let budget = Budget { user: 2, fault: 1, refuse: 1, time: 1 };
    hold("3 tabs, everything", RULES, budget, signed_in, 6, 300_000);
}

#[test]
fn two_tabs_without_locks_and_all_that_can_happen() {
    let rules = Rules { tabs: 2, locks: false, ..RULES };
    let budget = Budget { user: 1, fault: 1, refuse: 1, time: 1 };
    hold("2 tabs without locks, everything once", rules, budget, signed_in, 9, 100_000);
}

#[test]
fn two_tabs_and_two_changes_with_an_accident() {
    let rules = Rules { tabs: 2, strict: false, ..RULES };
    hold("2 tabs, 2 changes, 1 accident", rules, Budget { user: 2, fault: 1, ..BUDGET }, signed_in, 10, 50_000);
}

#[test]
fn two_tabs_and_a_change_with_an_accident() {
    hold("2 tabs, 1 change, 1 accident", Rules { tabs: 2, ..RULES }, Budget { user: 1, fault: 1, ..BUDGET }, signed_in, ANY, 150_000);
}

#[test]
fn two_tabs_and_a_change_with_a_refusal() {
    let budget = Budget { user: 1, refuse: 1, time: 1, ..BUDGET };
    hold("2 tabs, 1 change, 1 refusal, 1 leap of time", Rules { tabs: 2, ..RULES }, budget, signed_in, ANY, 10_000);
}

#[test]
fn two_tabs_from_an_empty_browser() {
    let budget = Budget { user: 2, refuse: 1, ..BUDGET };
    hold("2 tabs from nothing, 2 changes", Rules { tabs: 2, ..RULES }, budget, |_| {}, 14, 80_000);
}

#[test]
fn two_tabs_that_keep_tokens_in_memory() {
    let rules = Rules { tabs: 2, credentials: Credentials::Memory, ..RULES };
    hold("2 tabs, in memory, 2 changes, 1 accident", rules, Budget { user: 2, fault: 1, ..BUDGET }, signed_in, 12, 150_000);
}

#[test]
fn two_tabs_that_keep_tokens_in_memory_and_a_refusal() {
    let rules = Rules { tabs: 2, credentials: Credentials::Memory, ..RULES };
    let budget = Budget { user: 2, refuse: 1, time: 1, ..BUDGET };
    hold("2 tabs, in memory, 2 changes, 1 refusal, 1 leap of time", rules, budget, signed_in, 10, 50_000);
}

/// A shell that breaks a rule must be found out, and by the check that is meant for it.
fn found_out(broken: Broken, budget: Budget, locks: bool, what: &str) {
    let rules = Rules { tabs: 2, locks, broken, ..RULES };
    let explored = explore(&Run { name: "broken", rules, budget, may: everything, start: signed_in, steps: ANY });
    let violation = explored.violation.unwrap_or_default();
    assert!(violation.contains(what), "{broken:?} is not found out: {violation:?}");
}

#[test]
fn a_shell_that_never_repairs_the_shared_record_is_found_out() {
    found_out(Broken::Repair, Budget { user: 2, ..BUDGET }, true, "the shared record");
}

#[test]
fn a_shell_that_stores_without_the_lease_is_found_out() {
    found_out(Broken::Fence, Budget { user: 2, ..BUDGET }, false, "without the lease");
}

#[test]
fn a_shell_that_sees_no_lease_is_found_out() {
    found_out(Broken::Lease, Budget { user: 2, ..BUDGET }, false, "is sent a second time");
}

#[test]
fn a_shell_that_keeps_the_credential_of_who_signed_out_is_found_out() {
    found_out(Broken::Wipe, Budget { user: 1, ..BUDGET }, true, "a credential is left");
}
