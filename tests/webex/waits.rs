//! Webex's line in virtual time: its errors and waits, the way back to a primary registrar, the network.

use std::cell::RefCell;
use std::rc::Rc;

use crate::world::{MINUTE, SECOND, World, answering, base, device, later, one_primary, registered, reply, settings, soon};
use authframe::session::Millis;
use authframe::webex::{CallState, ErrorType, Event, Line, LineError, Renewal, Reply, Settings, Status};
use serde_json::{Value, json};

// --- errors: 4.4 -------------------------------------------------------------------------------------------------------------------

#[test]
fn every_row_of_the_error_table() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/webex/errors.json")).unwrap();
    for row in rows {
        let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
        let body = row["errorCode"].as_u64().map_or_else(String::new, |code| json!({"errorCode": code, "devices": []}).to_string());
        let bad = Reply { status, retry_after: None, body };
        let alone = Settings { primary: vec![base("p1")], backup: vec![], ..settings() };
        let mut world = answering(alone, 1, vec![bad]);
        world.renewals = vec![Renewal::Refused];
        world.call(Line::register);
        world.pass(SECOND);
        let events: Vec<&str> = world.events[1..].iter().map(|(_, event, _)| event.name()).collect();
        assert_eq!(json!(events), row["events"], "{row}");
        let code = row["errorCode"].as_u64().map(|code| u16::try_from(code).unwrap());
        let of = LineError::of(status, code);
        assert_eq!(
            (json!(of.error_type.as_str()), json!(of.message), json!(of.is_fatal)),
            (row["type"].clone(), row["message"].clone(), row["fatal"].clone()),
            "{row}"
        );
        if let Some(documented) = row.get("documented") {
            let Event::Error(error) = world.events[1].1 else { panic!("{row}") };
            assert_eq!(error, of);
            assert_eq!(json!([error.documented_type(), error.documented_message()]), *documented);
            assert_eq!(error.to_string(), error.message);
        }
        // What is final ends it; everything else is tried again.
        assert_eq!(world.line.poll_timeout().is_none(), row["fatal"] == json!(true), "{row}");
    }
}

// --- waits: 4.5 --------------------------------------------------------------------------------------------------------------------

/// When each registrar was asked, in seconds, with the end.
fn failing(settings: Settings, seed: u64, answer: Reply) -> (Vec<(u64, String)>, Vec<&'static str>) {
    let mut world = answering(settings, seed, vec![answer]);
    let start = world.now;
    world.call(Line::register);
    world.pass(24 * 60 * MINUTE);
    assert_eq!(world.line.poll_timeout(), None);
    (world.take_sent(start), world.take_events())
}

#[test]
fn the_primaries_are_tried_within_the_window_by_the_formula_and_then_the_backups_twice() {
    let mut typical = 0;
    for seed in 0..500 {
        let (sent, events) = failing(one_primary(), seed, reply(500));
        let primaries: Vec<u64> = sent.iter().filter(|(_, what)| what == "POST p1 device").map(|(at, _)| *at).collect();
        let backups: Vec<u64> = sent.iter().filter(|(_, what)| what == "POST b1 device").map(|(at, _)| *at).collect();
        assert_eq!(primaries[0], 0);
        assert!((33..=42).contains(&primaries[1]), "{sent:?}");
        assert!((35..=44).contains(&(primaries[2] - primaries[1])), "{sent:?}");
        // The third wait is 39 to 48 s, cut to what is left of 114 s; if that is no more than 30 s, it is the backups' turn at once.
        let left = 114 - primaries[2];
        let third = if left > 30 { 39.min(left)..=48.min(left) } else { 0..=0 };
        assert!(third.contains(&primaries.get(3).map_or(0, |at| at - primaries[2])), "{sent:?}");
        // Then nothing is left, or too little.
        assert_eq!(primaries.len(), if left > 30 { 4 } else { 3 }, "{sent:?}");
        assert_eq!(backups[0], *primaries.last().unwrap(), "{sent:?}");
        assert_eq!(backups.len(), 2);
        assert!((33..=42).contains(&(backups[1] - backups[0])), "{sent:?}");
        assert_eq!(events.last(), Some(&"error"));
        if primaries == [0, 37, 76, 114] {
            typical += 1;
        }
    }
    assert!(typical > 0, "the reference's typical run is among them");
}

#[test]
fn without_backups_the_end_of_the_window_is_the_end() {
    let alone = Settings { backup: vec![], ..one_primary() };
    let (sent, events) = failing(alone.clone(), 3, reply(500));
    assert!(sent.last().unwrap().0 <= 114);
    assert_eq!(events.last(), Some(&"error"));
    let mut world = answering(alone, 3, vec![reply(500)]);
    world.call(Line::register);
    world.pass(5 * MINUTE);
    let Some((_, Event::Error(error), Status::Inactive)) = world.events.last().cloned() else { panic!() };
    assert_eq!((error.error_type, error.status, error.is_fatal), (ErrorType::ServiceUnavailable, 0, true));
    assert_eq!(world.saved, None);
}

#[test]
fn it_begins_anew_by_itself_only_if_the_settings_say_so() {
    let slowly = Settings { retry_slowly: true, ..one_primary() };
    let mut world = answering(slowly, 3, vec![reply(500)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(24 * 60 * MINUTE);
    let errors: Vec<LineError> =
        world.events.iter().filter_map(|(_, event, _)| if let Event::Error(error) = event { Some(*error) } else { None }).collect();
    assert!(errors.len() > 50 && errors.iter().all(|error| !error.is_fatal));
    let at: Vec<u64> = world.events.iter().filter(|(_, event, _)| matches!(event, Event::Error(_))).map(|(at, ..)| *at).collect();
    let sent = world.take_sent(start);
    for end in at.iter().take(50) {
        let next = sent.iter().find(|(second, _)| second * SECOND > end - start).unwrap();
        assert!((300..=901).contains(&(next.0 - (end - start) / SECOND)), "{next:?}");
    }
}

#[test]
fn too_many_requests_are_no_event_and_waited_for() {
    // Longer than our own wait, and within the window.
    let mut world = answering(one_primary(), 1, vec![later(429, 60), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(10 * MINUTE);
    assert_eq!(world.sent[1].at - start, 60 * SECOND);
    assert_eq!(world.take_events(), ["connecting", "registered"]);
    // Shorter: our own.
    let mut world = answering(one_primary(), 1, vec![later(429, 5), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(10 * MINUTE);
    assert!((33..=42).contains(&((world.sent[1].at - start) / SECOND)));
    // Beyond the window: the backup at once.
    let mut world = answering(one_primary(), 1, vec![later(429, 300), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(10 * SECOND);
    assert_eq!(world.take_sent(start)[1], (0, "POST b1 device".to_owned()));
    // None at all, which is what a browser mostly sees: our own, not at once and for ever.
    let (sent, _) = failing(one_primary(), 1, reply(429));
    assert!(sent.len() <= 7, "{sent:?}");
    // Before the second round of the backups it waits no longer than a minute.
    let (sent, _) = failing(one_primary(), 1, later(429, 50));
    let backups: Vec<u64> = sent.iter().filter(|(_, what)| what == "POST b1 device").map(|(at, _)| *at).collect();
    assert_eq!(backups[1] - backups[0], 50);
    let (sent, _) = failing(one_primary(), 1, later(429, 5000));
    let backups: Vec<u64> = sent.iter().filter(|(_, what)| what == "POST b1 device").map(|(at, _)| *at).collect();
    assert_eq!(backups[1] - backups[0], 60);
}

#[test]
fn the_previous_registrar_may_ask_for_time() {
    for (retry_after, expected) in [(40, vec![(190, "POST p1 device")]), (90, vec![(150, "POST b1 device")])] {
        let busy = later(429, retry_after);
        let mut made = 0;
        let mut world = World::new(settings(), 7, move |sent| {
            if sent.url.ends_with("/status") {
                return Some((0, reply(503)));
            }
            made += 1;
            Some((0, if made == 2 { busy.clone() } else { device(&sent.url, "d") }))
        });
        world.call(Line::register);
        world.pass(0);
        let start = world.now;
        world.take_sent(start);
        world.pass(200 * SECOND);
        let sent: Vec<(u64, String)> = world.take_sent(start).into_iter().filter(|(_, what)| what.ends_with("device")).collect();
        assert_eq!(sent[0], (150, "POST p1 device".to_owned()));
        assert_eq!(sent[1..], expected.iter().map(|(at, what)| (*at, (*what).to_owned())).collect::<Vec<_>>());
    }
}

#[test]
fn a_keepalive_that_comes_too_often_is_put_off_and_the_count_begins_anew() {
    for (given, expected) in [(Some(45), 45), (Some(5), 30), (None, 30), (Some(100_000), 3600)] {
        let mut n = 0;
        let (mut world, start) = registered(settings(), move |_| {
            n += 1;
            Some((
                0,
                match n {
                    1 | 2 => reply(500),
                    3 => Reply { retry_after: given.map(|seconds| seconds * SECOND), ..reply(429) },
                    _ => reply(200),
                },
            ))
        });
        world.pass(2 * 60 * MINUTE);
        let sent = world.take_sent(start);
        assert_eq!(sent[3].0 - sent[2].0, expected, "{given:?}");
        assert_eq!(world.take_events(), ["reconnecting", "reconnecting", "reconnecting", "reconnected"]);
    }
}

#[test]
fn w6_a_keepalive_that_comes_too_often_is_a_reconnecting_and_the_next_good_one_a_reconnected() {
    let mut n = 0;
    let (mut world, start) = registered(settings(), move |_| {
        n += 1;
        Some((0, if n == 1 { later(429, 45) } else { reply(200) }))
    });
    world.pass(10 * MINUTE);
    let events: Vec<_> = world.events.iter().map(|(at, event, status)| ((at - start) / SECOND, event.clone(), *status)).collect();
    let [(30, Event::Reconnecting { missed: 1, next_at, error: Some(error) }, Status::Active), (75, Event::Reconnected, Status::Active)] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((next_at - start, error.status, error.error_type.as_str()), (75 * SECOND, 429, "too_many_requests"));
    // The fifth in a row is the end, as the SDK counts it; each 429 before it begins the count anew.
    let (mut world, _) = registered(settings(), |sent| Some((0, reply(if sent.id < 6 { 500 } else { 429 }))));
    world.pass(5 * 30 * SECOND);
    assert_eq!(world.take_events(), [["reconnecting"; 4].as_slice(), &["unregistered"]].concat());
    let (mut world, _) = registered(settings(), |_| Some((0, reply(429))));
    world.pass(60 * MINUTE);
    let events = world.take_events();
    assert!(events.len() == 120 && events.iter().all(|event| *event == "reconnecting"), "{events:?}");
}

#[test]
fn an_answer_that_never_comes_is_given_up() {
    let (mut world, start) = registered(settings(), |_| None);
    world.pass(300 * SECOND);
    let sent = world.take_sent(start);
    assert_eq!(sent.iter().take(5).map(|(at, _)| *at).collect::<Vec<_>>(), [30, 90, 150, 210, 270]);
    assert_eq!(world.take_events(), ["reconnecting"; 4]);
    assert_eq!(world.most_open, 1);
    let mut world = World::new(settings(), 7, |_| None);
    world.call(Line::register);
    world.pass(31 * SECOND);
    assert_eq!((world.sent.len(), world.take_events()), (2, vec!["connecting", "unregistered"]));
}

// --- back to a primary: 4.6 ---------------------------------------------------------------------------------------------------------

/// Registered on the backup. `up`: what the primary says to a ping, and to a registration.
fn on_backup(up: Rc<RefCell<(u16, Reply)>>) -> (World, Millis) {
    let mut made = 0;
    let mut world = World::new(one_primary(), 11, move |sent| {
        let (ping, registration) = up.borrow().clone();
        Some((
            0,
            match (sent.method, sent.url.contains("p1")) {
                ("GET", _) => reply(ping),
                ("POST", true) if sent.url.ends_with("/device") => {
                    if registration.status == 200 {
                        device(&sent.url, "back")
                    } else {
                        registration
                    }
                }
                ("POST", false) if sent.url.ends_with("/device") => {
                    made += 1;
                    device(&sent.url, &format!("b{made}"))
                }
                _ => reply(200),
            },
        ))
    });
    world.call(Line::register);
    world.pass(3 * MINUTE);
    let at = world.events.iter().rfind(|(_, event, _)| *event == Event::Registered).unwrap().0;
    assert!(world.line.device().unwrap().base.contains("b1"));
    world.take_events();
    let now = world.now;
    world.take_sent(now);
    (world, at)
}

fn without_keepalives(world: &mut World, since: Millis) -> Vec<(u64, String)> {
    world.take_sent(since).into_iter().filter(|(_, what)| !what.ends_with("status")).collect()
}

#[test]
fn a_line_on_a_backup_goes_back_when_a_primary_is_up() {
    let up = Rc::new(RefCell::new((503, reply(500))));
    let (mut world, start) = on_backup(Rc::clone(&up));
    world.pass(10 * 60 * MINUTE);
    let pings = without_keepalives(&mut world, start);
    assert!(pings.len() >= 4 && pings.iter().all(|(_, what)| what == "GET p1 ping"), "{pings:?}");
    // Whole minutes between 60 and 120, each time anew.
    let at: Vec<u64> = pings.iter().map(|(at, _)| *at).collect();
    let waits: Vec<u64> = std::iter::once(at[0]).chain(at.windows(2).map(|pair| pair[1] - pair[0])).collect();
    assert!(waits.iter().all(|wait| (3600..=7200).contains(wait) && wait % 60 <= 1), "{waits:?}");
    assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
    assert!(world.take_events().is_empty());
    *up.borrow_mut() = (200, reply(200));
    world.pass(2 * 60 * MINUTE);
    let sent: Vec<String> = without_keepalives(&mut world, start).into_iter().map(|(_, what)| what).collect();
    assert_eq!(sent, ["GET p1 ping", "DELETE b1 devices/b1", "POST p1 device"]);
    assert_eq!(world.take_events(), ["unregistered", "registered"]);
    world.pass(10 * 60 * MINUTE);
    assert_eq!(without_keepalives(&mut world, start), []);
}

#[test]
fn a_line_that_cannot_go_back_is_on_the_backup_again() {
    let up = Rc::new(RefCell::new((200, reply(500))));
    let (mut world, start) = on_backup(up);
    world.pass(2 * 60 * MINUTE);
    let sent: Vec<String> = without_keepalives(&mut world, start).into_iter().map(|(_, what)| what).collect();
    assert_eq!(sent[..4], ["GET p1 ping", "DELETE b1 devices/b1", "POST p1 device", "POST b1 device"]);
    assert_eq!(world.take_events()[..3], ["unregistered", "unregistered", "registered"]);
}

#[test]
fn no_line_is_moved_during_a_call() {
    let up = Rc::new(RefCell::new((200, reply(500))));
    let (mut world, start) = on_backup(Rc::clone(&up));
    *up.borrow_mut() = (200, reply(200));
    world.call(|line, now| line.handle_call(now, CallState::InCall));
    world.pass(10 * 60 * MINUTE);
    assert_eq!(without_keepalives(&mut world, start), []);
    world.call(|line, now| line.handle_call(now, CallState::None));
    world.pass(2 * 60 * MINUTE);
    assert_eq!(world.take_events(), ["unregistered", "registered"]);
}

#[test]
fn a_primary_that_is_too_busy_to_take_it_back_is_asked_soon_again_five_times() {
    let up = Rc::new(RefCell::new((200, reply(429))));
    let (mut world, start) = on_backup(up);
    world.pass(150 * MINUTE);
    let pings: Vec<u64> =
        without_keepalives(&mut world, start).into_iter().filter(|(_, what)| what.starts_with("GET")).map(|(at, _)| at).collect();
    let waits: Vec<u64> = pings.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (n, wait) in waits.iter().take(5).enumerate() {
        let k = n as u32 + 1;
        assert!((31 + 2_u64.pow(k)..=41 + 2_u64.pow(k)).contains(wait), "{waits:?}");
    }
    assert!(waits.get(5).is_none_or(|wait| *wait >= 3600), "{waits:?}");
}

// --- the network ------------------------------------------------------------------------------------------------------------------------

#[test]
fn offline_nothing_is_sent_and_online_a_line_is_asked_for_at_once() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.pass(10 * SECOND);
    world.call(|line, _| line.handle_offline());
    world.call(|line, _| line.handle_offline());
    assert!(matches!(world.events[..], [(_, Event::Reconnecting { missed: 0, .. }, Status::Active)]));
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start), world.line.poll_timeout()), (vec![], None));
    world.call(Line::handle_online);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(3610, "POST p1 devices/d1/status".to_owned())]);
    assert_eq!(world.take_events(), ["reconnecting", "reconnected"]);
}

#[test]
fn a_registration_that_the_network_interrupts_goes_on_when_it_is_back() {
    let mut world =
        World::new(settings(), 1, |sent| Some((SECOND, if sent.at < 1_700_000_100_000 { reply(0) } else { device(&sent.url, "d") })));
    world.call(Line::register);
    world.call(|line, _| line.handle_offline());
    world.pass(2 * MINUTE);
    assert_eq!((world.sent.len(), world.take_events()), (1, vec!["connecting"]));
    world.call(Line::handle_online);
    world.pass(5 * SECOND);
    assert_eq!(world.take_events(), ["registered"]);
}

#[test]
fn going_on_and_off_line_does_not_make_more_requests_than_one_a_second() {
    for registers in [true, false] {
        let mut world = World::new(settings(), 1, move |sent| {
            Some((
                0,
                if registers && sent.url.ends_with("/device") { device(&sent.url, "d") } else { reply(if registers { 200 } else { 500 }) },
            ))
        });
        world.call(Line::register);
        for _ in 0..1000 {
            world.call(|line, _| line.handle_offline());
            world.call(Line::handle_online);
            world.pass(10);
        }
        // Ten seconds: two registrars each time.
        assert!(world.sent.len() <= 24, "{}", world.sent.len());
    }
}

#[test]
fn a_tab_that_slept_asks_once_and_counts_no_misses() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.now += 8 * 60 * MINUTE;
    world.call(Line::handle_timeout);
    world.pass(SECOND);
    assert_eq!((world.take_sent(start).len(), world.take_events()), (1, vec![]));
}
