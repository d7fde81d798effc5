//! Ten thousand random days of a browser. Each is made of a seed alone: a failure names its seed, and `AUTHFRAME_SEED=… cargo test --test
//! simulator` plays that day again and says what happened.

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

use std::time::Instant;

use authframe::session::Credentials;
use world::{Act, Broken, Rules, World};

/// SplitMix64: small, good enough for schedules, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// What may go wrong on a day.
#[derive(Clone, Copy, Debug)]
struct Weather {
    deaths: bool,
    network: bool,
    storage: bool,
    store: bool,
    sign_outs: bool,
}

fn day(seed: u64, verbose: bool, broken: Broken) -> Result<World, String> {
    let mut dice = Dice(seed);
    let rules = Rules {
        tabs: 2 + dice.below(4),
        credentials: if dice.one_in(5) { Credentials::Memory } else { Credentials::Sealed },
        locks: !dice.one_in(3),
        strict: dice.one_in(2),
        echo: dice.one_in(4),
        pauses: !dice.one_in(4),
        broken,
    };
    let weather = Weather {
        deaths: dice.one_in(2),
        network: dice.one_in(3),
        storage: dice.one_in(4),
        store: dice.one_in(6),
        sign_outs: !dice.one_in(4),
    };
    if verbose {
        println!("{rules:?} {weather:?}");
    }
    let mut world = World::new(rules);
    world.step(Act::SignIn(0, 0));
    for _ in 0..150 + dice.below(450) {
        let act = choose(&mut dice, weather, rules.tabs);
        if !world.can(act) {
            continue;
        }
        if verbose {
            println!("{} {act:?}", world.now);
        }
        world.step(act);
        if let Some(what) = &world.violation {
            return Err(what.clone());
        }
    }
    if verbose {
        println!("{} everything arrives", world.now);
    }
    world.finish();
    match world.violation.clone() {
        Some(what) => Err(what),
        None => Ok(world),
    }
}

fn choose(dice: &mut Dice, weather: Weather, tabs: usize) -> Act {
    let tab = dice.below(tabs);
    let who = u8::try_from(dice.below(2)).unwrap();
    match dice.below(100) {
        0..12 => Act::Commit(tab),
        12..26 => Act::Deliver(tab),
        26..32 => Act::Lock(tab),
        32..48 => Act::Run(tab),
        48..62 => Act::End(tab),
        62..67 => Act::Serve(tab),
        67..72 => Act::Reply(tab),
        72..78 => Act::Timer(tab),
        78..80 => Act::Want(tab),
        80 => Act::SignIn(tab, if weather.sign_outs { who } else { 0 }),
        81 if dice.one_in(4) => Act::Chance(tab),
        81 => Act::Wake(tab),
        82 => Act::Again(tab),
        83 => Act::Hide(tab),
        84..86 => Act::Show(tab),
        86 if weather.sign_outs => match dice.below(4) {
            0 => Act::Named(tab, who),
            1 if dice.one_in(2) => Act::Reload(tab),
            1 => Act::HostSignOut(tab),
            _ => Act::SignOut(tab),
        },
        87..89 => Act::Elapse([1, 20, 100, 700, 3000, 6000][dice.below(6)]),
        89 => Act::Pass,
        90..95 if weather.deaths => match dice.below(10) {
            0 => Act::Crash(tab),
            1 => Act::Close(tab),
            2..5 => Act::Freeze(tab),
            5..7 => Act::Thaw(tab),
            _ => Act::Open(tab),
        },
        95..97 if weather.network => match dice.below(8) {
            0 => Act::Refuse(tab),
            1 => Act::Later(tab, [2, 20, 300][dice.below(3)]),
            _ => Act::Fail(tab),
        },
        97 if weather.storage => match dice.below(8) {
            6 => Act::Jump([-3_600_000, 3_600_000, -600_000, 60_000_000][dice.below(4)]),
            7 => Act::Reload(tab),
            0 => Act::Clear,
            1 => Act::ClearAll,
            2 => Act::Deny(tab),
            _ => Act::Again(tab),
        },
        98 if weather.store => Act::Break(tab),
        _ => Act::End(tab),
    }
}

#[test]
fn ten_thousand_random_days_end_well() {
    let begun = Instant::now();
    let wanted = std::env::var("AUTHFRAME_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let (first, days) = wanted.map_or((0, 10_000), |seed| (seed, 1));
    let (mut requests, mut quiet) = (0, 0);
    for seed in first..first + days {
        match day(seed, wanted.is_some(), Broken::Nothing) {
            Ok(world) => {
                requests += world.requests;
                quiet += u32::from(!world.harm);
            }
            Err(what) => panic!("AUTHFRAME_SEED={seed}: {what}"),
        }
    }
    println!("{days} days, {requests} refreshes, {quiet} days without harm, {:.1} s", begun.elapsed().as_secs_f32());
}

#[test]
fn the_same_seed_is_the_same_day() {
    let end = |seed| format!("{:?}", day(seed, false, Broken::Nothing).map(|world| world.tabs));
    for seed in 0..20 {
        assert_eq!(end(seed), end(seed));
    }
    assert_ne!(end(1), end(2));
}
