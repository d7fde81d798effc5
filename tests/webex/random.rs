//! Webex's line against registrars that do anything at any time, and users who press every button: ten thousand of them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::world::{Answer, MINUTE, SECOND, Sent, World, base, device, refusal, reply, settings};
use authframe::session::Millis;
use authframe::webex::{CallState, DeviceLimit, Event, Indicator, Line, Purpose, Renewal, Reply, Settings, Status};

const SCRIPTS: u64 = 10_000;

/// What a test needs of chance (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()].clone()
    }
}

/// All registrars together: which devices live.
#[derive(Default)]
struct Registrars {
    living: BTreeSet<String>,
    made: u32,
}

impl Registrars {
    /// Some moods are kinder than others, or nothing would ever be registered.
    fn answer(&mut self, chance: &mut Chance, mood: u64, sent: &Sent) -> Answer {
        let delay = chance.pick(&[0, 20, 200, 2 * SECOND, 20 * SECOND]);
        let kind = chance.below(10) < mood;
        let id = sent.url.split("devices/").nth(1).map(|rest| rest.trim_end_matches("/status").to_owned());
        let good = match sent.purpose {
            Purpose::Register => {
                self.made += 1;
                let id = format!("d{}", self.made);
                let mut answer = device(&sent.url, &id);
                let interval = chance.pick(&["1", "30", "30", "600", "null", "-1"]);
                answer.body = answer.body.replace(r#""keepaliveInterval":30"#, &format!(r#""keepaliveInterval":{interval}"#));
                self.living.insert(id);
                answer
            }
            Purpose::Keepalive if self.living.contains(id.as_deref().unwrap()) => reply(200),
            Purpose::Keepalive => reply(404),
            Purpose::Deregister => {
                self.living.remove(id.as_deref().unwrap());
                reply(200)
            }
            Purpose::Ping => reply(200),
        };
        if kind {
            return Some((delay, good));
        }
        // It was done, and the line does not learn of it; or it was not done.
        if chance.below(4) == 0 {
            return if chance.below(2) == 0 { None } else { Some((delay, reply(0))) };
        }
        if sent.purpose == Purpose::Register {
            self.living.remove(&format!("d{}", self.made));
        }
        let retry_after =
            chance.pick(&[None, None, Some(0), Some(5 * SECOND), Some(50 * SECOND), Some(100 * SECOND), Some(50 * 60 * MINUTE)]);
        let old = format!(r#"{{"deviceId":"old","uri":"{}devices/old"}}"#, base("p1"));
        let reply = match chance.pick(&[0_u16, 101, 102, 103, 400, 401, 403, 404, 409, 429, 429, 500, 500, 502, 503, 200, 301]) {
            101 => refusal(101, chance.pick(&["", &old])),
            code @ (102 | 103) => refusal(code, ""),
            200 => Reply { body: chance.pick(&["", "{", "[]", r#"{"device":{"deviceId":"../x"}}"#]).to_owned(), ..reply(200) },
            status => Reply { retry_after, ..reply(status) },
        };
        Some((delay, reply))
    }
}

/// The largest number of requests in any time so long.
fn densest(sent: &[Millis], time: Millis) -> usize {
    let mut from = 0;
    let mut most = 0;
    for (at, moment) in sent.iter().enumerate() {
        while moment - sent[from] >= time {
            from += 1;
        }
        most = most.max(at - from + 1);
    }
    most
}

struct Seen {
    second: usize,
    minute: usize,
    requests: usize,
    registered: usize,
}

fn run(seed: u64) -> Seen {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let line = Settings {
        primary: ["p1", "p2"].iter().take(1 + usize::try_from(chance.below(2)).unwrap()).map(|name| base(name)).collect(),
        backup: ["b1", "b2"].iter().take(usize::try_from(chance.below(3)).unwrap()).map(|name| base(name)).collect(),
        device_limit: chance.pick(&[DeviceLimit::Report, DeviceLimit::Replace]),
        retry_slowly: chance.below(2) == 0,
        indicator: chance.pick(&[Indicator::Calling, Indicator::ContactCenter]),
        domain: "a.example".to_owned(),
        ..settings()
    };
    let registrars = Rc::new(RefCell::new(Registrars::default()));
    let mood = Rc::new(RefCell::new(5));
    let (of_line, its_mood) = (Rc::clone(&registrars), Rc::clone(&mood));
    let mut its_chance = Chance(chance.below(u64::MAX >> 40) | 1);
    let mut world = World::new(line.clone(), seed, move |sent| of_line.borrow_mut().answer(&mut its_chance, *its_mood.borrow(), sent));

    // How much had been sent when the user left.
    let mut left: Option<usize> = None;
    for _ in 0..60 {
        *mood.borrow_mut() = chance.pick(&[0, 2, 5, 9, 10]);
        world.renewals = vec![chance.pick(&[Renewal::Fresh, Renewal::Fresh, Renewal::Refused, Renewal::Failed])];
        match chance.below(16) {
            0..=4 => {
                left = None;
                world.call(Line::register);
            }
            5 => {
                left = None;
                world.call(Line::take_over);
            }
            6 => world.call(Line::deregister),
            7 => {
                world.call(|line, _| line.sign_out());
                left = Some(world.sent.len());
                assert_eq!((world.line.poll_timeout(), world.saved.as_ref()), (None, None));
            }
            8 => {
                world.call(|line, _| line.stop());
                assert_eq!(world.line.poll_timeout(), None);
                let (events, sent) = (world.events.len(), world.sent.len());
                world.pass(60 * MINUTE);
                assert_eq!((events, sent), (world.events.len(), world.sent.len()), "after stop there is nothing");
                if let Some(saved) = world.saved.clone() {
                    // Another tab goes on.
                    world.replace(Line::new(line.clone(), seed ^ 1).unwrap());
                    world.call(|line, now| line.resume(now, saved));
                }
            }
            9 => world.call(|line, _| line.handle_offline()),
            10 | 11 => {
                world.call(Line::handle_online);
            }
            12 => world.call(|line, now| line.handle_call(now, CallState::InCall)),
            13 => world.call(|line, now| line.handle_call(now, CallState::None)),
            // The computer slept.
            14 => world.now += chance.pick(&[MINUTE, 60 * MINUTE, 600 * MINUTE]),
            _ => {
                // An answer to a question that is not asked any more, or has not asked yet.
                let id = u32::try_from(chance.below(200)).unwrap();
                if world.sent.iter().all(|sent| sent.id != id) {
                    world.call(|line, now| line.handle_reply(now, id, &reply(200)));
                }
            }
        }
        world.pass(chance.pick(&[0, 50, SECOND, 10 * SECOND, MINUTE, 3 * MINUTE, 60 * MINUTE]));
        if let Some(left) = left {
            assert_eq!(world.sent.len(), left, "no request after a sign-out");
        }
        assert!(world.most_open <= 1, "one request at a time");
        check(&world);
    }
    // At the end the user leaves, and the registrars are kind.
    *mood.borrow_mut() = 10;
    world.call(|line, now| line.handle_online(now));
    world.call(Line::deregister);
    world.pass(10 * MINUTE);
    assert_eq!((world.line.poll_timeout(), world.line.status()), (None, Status::Idle));
    let sent: Vec<Millis> = world.sent.iter().map(|sent| sent.at).collect();
    let registered = world.events.iter().filter(|(_, event, _)| *event == Event::Registered).count();
    Seen { second: densest(&sent, SECOND), minute: densest(&sent, MINUTE), requests: sent.len(), registered }
}

/// What was sent and emitted, in the order in which it was.
fn check(world: &World) {
    let mut holds: Option<&str> = None;
    let mut events = world.events.iter().peekable();
    let mut active = false;
    let mut reconnecting = false;
    for (_, event, status) in &world.events {
        match event {
            Event::Registered => {
                assert_eq!(*status, Status::Active);
                // Emitted again when the user registers meanwhile, it changes nothing.
                reconnecting &= active;
                active = true;
            }
            Event::Unregistered(_) => {
                assert_ne!(*status, Status::Active);
                (active, reconnecting) = (false, false);
            }
            Event::Reconnecting { .. } => {
                assert!(active && *status == Status::Active);
                reconnecting = true;
            }
            Event::Reconnected => {
                assert!(active && reconnecting && *status == Status::Active, "{:?}", world.events);
                reconnecting = false;
            }
            Event::Connecting | Event::Error(_) => {}
        }
    }
    // Never two: while a device is held, no registration is sent, unless an event said that this one is gone, or has been given up.
    for sent in &world.sent {
        while let Some((_, event, _)) = events.next_if(|(at, ..)| *at < sent.at) {
            match event {
                Event::Registered => holds = Some("a device"),
                Event::Unregistered(_) => holds = None,
                _ => {}
            }
        }
        if sent.purpose == Purpose::Register {
            let lost_now = world.events.iter().any(|(at, event, _)| *at == sent.at && matches!(event, Event::Unregistered(_)));
            assert!(holds.is_none() || lost_now, "a second registration at {}: {:?}", sent.at, world.events);
        }
    }
}

#[test]
fn ten_thousand_registrars_and_users() {
    let one = std::env::var("AUTHFRAME_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = one.map_or(0..SCRIPTS, |seed| seed..seed + 1);
    let (mut second, mut minute, mut requests, mut registered) = (0, 0, 0, 0);
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| run(seed));
        let Ok(seen) = outcome else { panic!("AUTHFRAME_SEED={seed}") };
        (second, minute) = (second.max(seen.second), minute.max(seen.minute));
        requests += seen.requests;
        registered += seen.registered;
    }
    println!("{requests} requests, {registered} registrations; at most {second} requests in a second and {minute} in a minute");
    // In a second: one round of all registrars (four), one keepalive or ping, one deletion, each sent twice if the token is renewed.
    assert!(second <= 12, "{second}");
    // A keepalive a second is what a registrar may ask for; the rest are rounds, at least a second apart and only where the user pressed something.
    assert!(minute <= 120, "{minute}");
    if one.is_none() {
        assert!(registered > 10_000, "{registered}");
    }
}
