//! Webex's line in virtual time: each row of the reference's state machine, its errors, its waits, its requests.

#![cfg(all(feature = "webex", not(target_arch = "wasm32")))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

#[path = "support/webex.rs"]
mod webex;

use std::cell::RefCell;
use std::rc::Rc;

use authframe::Secret;
use authframe::session::Millis;
use authframe::webex::{
    DeviceLimit, ErrorType, Event, Indicator, Line, LineError, Lost, Renewal, Reply, Saved, Settings, SettingsError, Status, TokenEndpoint,
    TokenError, Tokens,
};
use serde_json::{Value, json};
use webex::{Answer, MINUTE, SECOND, Sent, World, base, device, later, refusal, reply, settings};

const SOON: Millis = 100;

fn soon(reply: Reply) -> Answer {
    Some((SOON, reply))
}

/// Registers whoever comes; keepalives are answered by `keepalive`, which may be changed.
fn working(settings: Settings, keepalive: impl FnMut(&Sent) -> Answer + 'static) -> World {
    let mut keepalive = keepalive;
    let mut made = 0;
    World::new(settings, 7, move |sent| match sent.method {
        "POST" if sent.url.ends_with("/device") => {
            made += 1;
            soon(device(&sent.url, &format!("d{made}")))
        }
        "POST" => keepalive(sent),
        _ => soon(reply(200)),
    })
}

/// It is registered, and what happened until then is forgotten.
fn registered(settings: Settings, keepalive: impl FnMut(&Sent) -> Answer + 'static) -> (World, Millis) {
    let mut world = working(settings, keepalive);
    world.call(Line::register);
    world.pass(SOON);
    assert_eq!(world.line.status(), Status::Active);
    assert_eq!(world.take_told(), ["connecting", "registered"]);
    let start = world.now;
    world.take_sent(start - SOON);
    (world, start)
}

/// Answers each registration with the next of these, and the last one for ever.
fn answering(settings: Settings, seed: u64, replies: Vec<Reply>) -> World {
    let mut at = 0;
    World::new(settings, seed, move |sent| {
        if sent.method == "POST" && sent.url.ends_with("/device") {
            let reply = replies[at.min(replies.len() - 1)].clone();
            at += 1;
            Some((0, if reply.status == 200 && reply.body.is_empty() { device(&sent.url, "d") } else { reply }))
        } else {
            Some((0, reply(200)))
        }
    })
}

fn one_primary() -> Settings {
    Settings { primary: vec![base("p1")], ..settings() }
}

// --- requests ---------------------------------------------------------------------------------------------------------------------

#[test]
fn requests_are_byte_for_byte_those_of_the_reference() {
    let expected: Value = serde_json::from_str(include_str!("vectors/webex/requests.json")).unwrap();
    let settings =
        Settings { domain: "a.example".to_owned(), jwe: Some("j.w.e".to_owned()), indicator: Indicator::GuestCalling, ..settings() };
    let primary = base("p1");
    // Registered on the backup, so that it pings before it goes back.
    let mut world =
        World::new(Settings { primary: vec![primary.clone()], ..settings }, 7, move |sent| match (sent.method, sent.url.as_str()) {
            ("POST", url) if url == format!("{primary}device") && sent.at < 1_700_000_200_000 => soon(reply(500)),
            ("POST", url) if url.ends_with("/device") => soon(device(url, "d1")),
            _ => soon(reply(200)),
        });
    world.call(Line::register);
    world.pass(3 * 60 * MINUTE);
    world.call(Line::deregister);
    world.pass(SOON);
    let mut shown: Vec<Value> = Vec::new();
    for sent in &world.sent {
        let headers: Vec<(String, String)> = sent.headers.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect();
        let one = json!({"purpose": format!("{:?}", sent.purpose), "method": sent.method, "url": sent.url, "headers": headers, "body": sent.body});
        if !shown.contains(&one) {
            shown.push(one);
        }
    }
    assert_eq!(Value::Array(shown), expected);
    let ids: Vec<&String> =
        world.sent.iter().flat_map(|sent| &sent.headers).filter(|(name, _)| name == "trackingid").map(|(_, id)| id).collect();
    assert!(ids.len() > 100 && (1..ids.len()).all(|at| !ids[..at].contains(&ids[at])), "no tracking id comes twice");
}

/// The random part of a tracking id, if it is a UUID of version 4.
fn masked(name: &str, value: &str) -> String {
    let Some((kind, id)) = value.rsplit_once('_').filter(|_| name == "trackingid") else { return value.to_owned() };
    let parts: Vec<&str> = id.split('-').collect();
    let digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let fits = parts.iter().map(|part| part.len()).collect::<Vec<_>>() == [8, 4, 4, 4, 12];
    assert!(digits && fits && parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
    format!("{kind}_$uuid")
}

// --- the state machine: 4.3 of the reference ------------------------------------------------------------------------------------------

#[test]
fn register_tells_connecting_before_anything_is_sent_and_registered_when_the_device_is_there() {
    let mut world = working(settings(), |_| soon(reply(200)));
    assert_eq!(world.line.status().as_str(), "IDLE");
    world.call(Line::register);
    assert_eq!(world.told, [(world.now, Event::Connecting, Status::Idle)]);
    assert_eq!(world.line.status().as_str(), "inactive");
    world.pass(SOON);
    assert_eq!(world.told[1..], [(world.now, Event::Registered, Status::Active)]);
    let device = world.line.device().unwrap();
    assert_eq!(
        (device.device_id.as_str(), device.addresses.as_slice(), device.keepalive_interval),
        ("d1", ["sip:u-17@a.example".to_owned()].as_slice(), 30.0)
    );
    assert_eq!((device.voice_portal_number, device.voice_portal_extension), (Some(5_550_100.0), Some(100.0)));
    assert!(matches!(world.saved, Some(Saved::Active { reconnecting: false, .. })));
}

#[test]
fn register_when_registered_sends_nothing_and_tells_it_again() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!((world.take_told(), world.take_sent(start)), (vec!["registered"], vec![]));
}

#[test]
fn register_while_it_is_being_registered_sends_nothing_twice() {
    let mut world = answering(one_primary(), 1, vec![reply(500)]);
    world.call(Line::register);
    for _ in 0..100 {
        world.call(Line::register);
    }
    world.pass(30 * SECOND);
    assert_eq!(world.sent.len(), 1);
    assert_eq!(world.take_told().iter().filter(|name| **name == "connecting").count(), 101);
}

#[test]
fn a_primary_that_fails_is_followed_by_the_next_one_and_each_failure_is_told() {
    let mut world = answering(settings(), 1, vec![reply(500), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(0, "POST p1 device".to_owned()), (0, "POST p2 device".to_owned())]);
    assert_eq!(world.take_told(), ["connecting", "unregistered", "registered"]);
}

#[test]
fn keepalives_go_out_at_the_interval_of_the_reply_for_ever() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.pass(10 * MINUTE);
    let sent = world.take_sent(start);
    assert_eq!(sent.len(), 20);
    for (n, (at, what)) in sent.iter().enumerate() {
        assert_eq!((*at, what.as_str()), (30 * (n as u64 + 1), "POST p1 devices/d1/status"));
    }
    assert!(world.take_told().is_empty());
}

#[test]
fn an_interval_that_is_missing_or_out_of_reach_is_thirty_seconds_or_the_nearest_that_is_not() {
    for (given, expected) in [
        ("", 30),
        (r#","keepaliveInterval":0"#, 30),
        (r#","keepaliveInterval":-5"#, 30),
        (r#","keepaliveInterval":0.01"#, 1),
        (r#","keepaliveInterval":1e9"#, 3600),
        (r#","keepaliveInterval":"45""#, 45),
        (r#","keepaliveInterval":null"#, 30),
    ] {
        let body = format!(r#"{{"device":{{"deviceId":"d1"}}{given}}}"#);
        let mut world = World::new(settings(), 7, move |_| Some((0, Reply { status: 200, retry_after: None, body: body.clone() })));
        world.call(Line::register);
        world.pass(0);
        assert_eq!(world.line.poll_timeout(), Some(world.now + expected * SECOND), "{given}");
    }
}

#[test]
fn five_missed_keepalives_lose_the_line_and_it_is_registered_again_where_it_was() {
    let (mut world, start) = registered(settings(), |_| soon(reply(503)));
    world.pass(151 * SECOND);
    let expected: Vec<(u64, String)> = [30, 60, 90, 120, 150].map(|at| (at, "POST p1 devices/d1/status".to_owned())).into();
    let sent = world.take_sent(start);
    assert_eq!(sent[..5], expected);
    assert_eq!(sent[5..], [(150, "POST p1 device".to_owned())]);
    let missed: Vec<u32> = world
        .told
        .iter()
        .filter_map(|(_, event, _)| if let Event::Reconnecting { missed, .. } = event { Some(*missed) } else { None })
        .collect();
    assert_eq!(missed, [1, 2, 3, 4]);
    let reasons = world.told.iter().filter_map(|(_, event, _)| if let Event::Reconnecting { error, .. } = event { *error } else { None });
    assert!(reasons.map(|error| error.error_type).eq([ErrorType::ServiceUnavailable; 4]));
    let next: Vec<Millis> = world
        .told
        .iter()
        .filter_map(|(at, event, _)| if let Event::Reconnecting { next_at, .. } = event { Some(next_at - at) } else { None })
        .collect();
    assert!(next.iter().all(|next| *next == 30 * SECOND - SOON), "{next:?}");
    assert_eq!(world.take_told()[4..], ["unregistered", "registered"]);
}

#[test]
fn a_lost_line_is_tried_where_it_was_and_then_at_the_other_primaries_not_twice_at_the_same() {
    let failing = Rc::new(RefCell::new(false));
    let down = Rc::clone(&failing);
    let mut world =
        World::new(
            settings(),
            7,
            move |sent| {
                if *down.borrow() || sent.url.contains("p1") { soon(reply(500)) } else { soon(device(&sent.url, "d")) }
            },
        );
    world.call(Line::register);
    world.pass(SECOND);
    let start = world.now;
    world.take_sent(start - SECOND);
    *failing.borrow_mut() = true;
    world.pass(151 * SECOND);
    let tried: Vec<String> = world.take_sent(start).into_iter().map(|(_, what)| what).filter(|what| what.ends_with("device")).collect();
    assert_eq!(tried, ["POST p2 device", "POST p1 device"]);
}

#[test]
fn a_contact_center_loses_it_after_four_and_goes_straight_to_the_backup() {
    let center = Settings { indicator: Indicator::ContactCenter, domain: "a.example".to_owned(), ..settings() };
    let (mut world, start) = registered(center, |_| soon(reply(503)));
    world.pass(121 * SECOND);
    let sent = world.take_sent(start);
    assert_eq!(sent.iter().filter(|(_, what)| what.ends_with("status")).count(), 4);
    assert_eq!(sent.last().unwrap(), &(120, "POST b1 device".to_owned()));
    assert_eq!(world.take_told(), ["reconnecting", "reconnecting", "reconnecting", "unregistered", "registered"]);
}

#[test]
fn a_good_keepalive_after_misses_is_told_once_and_the_count_begins_anew() {
    let mut n = 0;
    let (mut world, _) = registered(settings(), move |_| {
        n += 1;
        soon(reply(if n % 5 == 0 || n == 1 { 200 } else { 500 }))
    });
    world.pass(16 * 30 * SECOND);
    let told = world.take_told();
    assert_eq!(
        told,
        [["reconnecting"; 3].as_slice(), &["reconnected"], &["reconnecting"; 4], &["reconnected"], &["reconnecting"; 4], &["reconnected"]]
            .concat()
    );
}

#[test]
fn a_keepalive_that_is_refused_for_good_is_told_as_an_error_while_it_is_active_and_then_as_lost() {
    for status in [400, 401] {
        let (mut world, start) = registered(settings(), move |_| soon(reply(status)));
        world.renewals = vec![Renewal::Refused];
        world.pass(24 * 60 * MINUTE);
        let told: Vec<(&str, Status)> = world.told.iter().map(|(_, event, status)| (event.name(), *status)).collect();
        assert_eq!(told, [("error", Status::Active), ("unregistered", Status::Inactive)], "{status}");
        assert_eq!(world.take_sent(start).len(), 1);
        assert_eq!((world.line.poll_timeout(), &world.saved), (None, &None));
    }
    let (mut world, _) = registered(settings(), |_| soon(refusal(102, "")));
    world.pass(MINUTE);
    assert_eq!(world.take_told(), ["error", "unregistered"]);
}

#[test]
fn a_device_that_the_registrar_does_not_know_is_registered_anew_at_once() {
    let mut gone = 0;
    let (mut world, start) = registered(settings(), move |_| {
        gone += 1;
        soon(reply(if gone == 1 { 404 } else { 200 }))
    });
    world.pass(31 * SECOND);
    assert_eq!(world.take_sent(start), [(30, "POST p1 devices/d1/status".to_owned()), (30, "POST p1 device".to_owned())]);
    let Event::Error(error) = world.told[0].1 else { panic!() };
    assert_eq!((error.documented_message(), error.is_fatal), ("Device not found.", false));
    assert_eq!(world.take_told(), ["error", "unregistered", "registered"]);
    world.pass(30 * SECOND);
    assert_eq!(world.take_sent(start), [(60, "POST p1 devices/d2/status".to_owned())]);
}

#[test]
fn a_line_that_was_registered_somewhere_else_stops_until_somebody_registers() {
    let (mut world, start) = registered(settings(), |_| soon(reply(409)));
    world.pass(24 * 60 * MINUTE);
    assert_eq!(world.told.iter().map(|(_, event, _)| event.clone()).collect::<Vec<_>>(), [Event::Unregistered(Some(Lost::Superseded))]);
    assert_eq!((world.take_sent(start).len(), world.line.poll_timeout(), &world.saved), (1, None, &None));
    world.take_told();
    world.call(Line::take_over);
    world.pass(SECOND);
    assert_eq!(world.take_told(), ["connecting", "registered"]);
}

#[test]
fn during_a_call_a_lost_line_waits_until_it_is_over() {
    let (mut world, start) = registered(settings(), |_| soon(reply(503)));
    world.call(|line, now| line.handle_call(now, true));
    world.pass(10 * MINUTE);
    assert_eq!(world.take_told().last(), Some(&"unregistered"));
    assert_eq!(world.take_sent(start).len(), 5);
    world.call(|line, now| line.handle_call(now, false));
    world.pass(SECOND);
    assert_eq!(world.take_told(), ["registered"]);
}

#[test]
fn deregister_sends_one_request_and_tells_it_whatever_the_registrar_says() {
    for answer in [soon(reply(200)), soon(reply(500)), soon(reply(401)), None] {
        let mut world =
            World::new(settings(), 7, move |sent| if sent.method == "POST" { soon(device(&sent.url, "d1")) } else { answer.clone() });
        world.call(Line::register);
        world.pass(SECOND);
        let start = world.now;
        world.take_sent(start - SECOND);
        world.take_told();
        world.call(Line::deregister);
        assert_eq!((world.take_told(), world.line.status(), &world.saved), (vec!["unregistered"], Status::Idle, &None));
        world.call(Line::deregister);
        world.pass(60 * MINUTE);
        assert_eq!(world.take_sent(start), [(0, "DELETE p1 devices/d1".to_owned())]);
        assert_eq!((world.take_told(), world.line.poll_timeout()), (vec![], None));
        // What the line was is still known.
        assert_eq!(world.line.device().unwrap().device_id, "d1");
    }
}

#[test]
fn register_right_after_deregister_waits_for_its_answer() {
    let mut world =
        World::new(
            settings(),
            7,
            |sent| if sent.method == "POST" { soon(device(&sent.url, "d1")) } else { Some((2 * SECOND, reply(200))) },
        );
    world.call(Line::register);
    world.pass(SECOND);
    let start = world.now;
    world.take_sent(start - SECOND);
    world.take_told();
    world.call(Line::deregister);
    world.call(Line::register);
    world.call(Line::deregister);
    world.call(Line::register);
    world.pass(10 * SECOND);
    assert_eq!(world.take_sent(start), [(0, "DELETE p1 devices/d1".to_owned()), (2, "POST p1 device".to_owned())]);
    assert_eq!(world.take_told(), ["unregistered", "connecting", "unregistered", "connecting", "registered"]);
}

#[test]
fn deregister_before_success_sends_nothing_and_a_device_that_is_made_all_the_same_is_removed() {
    // While it waits.
    let mut world = answering(settings(), 1, vec![reply(500)]);
    world.call(Line::register);
    world.pass(SECOND);
    let start = world.now;
    world.take_sent(start - SECOND);
    world.call(Line::deregister);
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start), world.line.poll_timeout(), world.line.status()), (vec![], None, Status::Idle));
    // While a request is under way.
    for (answer, expected) in
        [(device(&(base("p1") + "device"), "late"), vec![(1, "DELETE p1 devices/late".to_owned())]), (reply(500), vec![])]
    {
        let mut world =
            World::new(
                settings(),
                7,
                move |sent| if sent.method == "POST" { Some((2 * SECOND, answer.clone())) } else { soon(reply(200)) },
            );
        world.call(Line::register);
        world.pass(SECOND);
        let start = world.now;
        world.take_sent(start - SECOND);
        world.call(Line::deregister);
        world.pass(60 * MINUTE);
        assert_eq!((world.take_sent(start), world.line.poll_timeout(), world.line.status()), (expected, None, Status::Idle));
        assert_eq!(world.take_told(), ["connecting", "unregistered"]);
    }
}

#[test]
fn deregister_while_the_token_is_renewed_sends_no_registration() {
    let mut world = answering(settings(), 1, vec![reply(401), reply(200)]);
    world.call(Line::register);
    world.pass(0);
    let start = world.now;
    world.take_sent(start);
    world.call(Line::deregister);
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start), world.line.poll_timeout()), (vec![], None));
}

#[test]
fn after_stop_and_after_a_sign_out_nothing_is_sent_from_any_state() {
    let states: Vec<fn(&mut World)> = vec![
        |_| {},
        |world| world.call(Line::register),
        |world| {
            world.call(Line::register);
            world.pass(MINUTE);
        },
        |world| {
            world.call(Line::register);
            world.pass(MINUTE);
            world.call(Line::deregister);
        },
        |world| {
            world.call(Line::register);
            world.pass(MINUTE);
            world.call(Line::deregister);
            world.call(Line::register);
        },
    ];
    for replies in [vec![reply(200)], vec![reply(500)], vec![reply(401), reply(200)], vec![refusal(101, "")], vec![reply(400)]] {
        for prepare in &states {
            for stop in [|line: &mut Line, _| line.stop(), |line: &mut Line, _| line.sign_out()] {
                let mut world = answering(settings(), 3, replies.clone());
                prepare(&mut world);
                world.call(stop);
                let (start, told) = (world.now, world.told.len());
                world.sent.clear();
                world.pass(24 * 60 * MINUTE);
                assert_eq!((world.take_sent(start), world.line.poll_timeout(), world.told.len()), (vec![], None, told));
                // And it can be used again.
                world.call(Line::register);
                assert_eq!(world.take_told().last(), Some(&"connecting"));
            }
        }
    }
}

#[test]
fn a_sign_out_forgets_the_device_and_says_why() {
    let (mut world, _) = registered(settings(), |_| soon(reply(200)));
    world.call(|line, _| line.sign_out());
    assert_eq!(world.told[0].1, Event::Unregistered(Some(Lost::SignedOut)));
    assert_eq!((&world.saved, world.line.device()), (&None, None));
}

// --- tokens ------------------------------------------------------------------------------------------------------------------------

#[test]
fn a_token_that_is_refused_is_renewed_once_and_the_request_sent_once_more() {
    let mut n = 0;
    let (mut world, start) = registered(settings(), move |_| {
        n += 1;
        soon(reply(if n == 1 { 401 } else { 200 }))
    });
    world.pass(59 * SECOND);
    assert_eq!(
        (world.take_sent(start), world.renewed, world.take_told()),
        (vec![(30, "POST p1 devices/d1/status".to_owned()); 2], 1, vec![])
    );
    // A newer token that is refused too is the end.
    let (mut world, start) = registered(settings(), |_| soon(reply(401)));
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start).len(), world.renewed), (2, 1));
    assert_eq!(world.take_told(), ["error", "unregistered"]);
    // One that cannot be had now is a miss.
    let (mut world, start) = registered(settings(), |_| soon(reply(401)));
    world.renewals = vec![Renewal::Failed; 9];
    world.pass(31 * SECOND);
    assert_eq!((world.take_sent(start).len(), world.take_told()), (1, vec!["reconnecting"]));
}

#[test]
fn a_registration_with_an_old_token_is_sent_once_more_too() {
    let mut world = answering(settings(), 1, vec![reply(401), reply(200)]);
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!((world.sent.len(), world.renewed, world.take_told()), (2, 1, vec!["connecting", "registered"]));
    let mut world = answering(settings(), 1, vec![reply(401)]);
    world.call(Line::register);
    world.pass(60 * MINUTE);
    let (_, Event::Error(error), _) = world.told[1].clone() else { panic!() };
    assert_eq!(
        (world.sent.len(), error.documented_type(), error.documented_message()),
        (2, "tokenError", "Token expired. Authentication/Authorization error.")
    );
}

// --- errors: 4.4 -------------------------------------------------------------------------------------------------------------------

#[test]
fn every_row_of_the_error_table() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("vectors/webex/errors.json")).unwrap();
    for row in rows {
        let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
        let body = row["errorCode"].as_u64().map_or_else(String::new, |code| json!({"errorCode": code, "devices": []}).to_string());
        let bad = Reply { status, retry_after: None, body };
        let alone = Settings { primary: vec![base("p1")], backup: vec![], ..settings() };
        let mut world = answering(alone, 1, vec![bad]);
        world.renewals = vec![Renewal::Refused];
        world.call(Line::register);
        world.pass(SECOND);
        let told: Vec<&str> = world.told[1..].iter().map(|(_, event, _)| event.name()).collect();
        assert_eq!(json!(told), row["told"], "{row}");
        let code = row["errorCode"].as_u64().map(|code| u16::try_from(code).unwrap());
        let of = LineError::of(status, code);
        assert_eq!(
            (json!(of.error_type.as_str()), json!(of.message), json!(of.is_fatal)),
            (row["type"].clone(), row["message"].clone(), row["fatal"].clone()),
            "{row}"
        );
        if let Some(documented) = row.get("documented") {
            let Event::Error(error) = world.told[1].1 else { panic!("{row}") };
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
    (world.take_sent(start), world.take_told())
}

#[test]
fn the_primaries_are_tried_within_the_window_by_the_formula_and_then_the_backups_twice() {
    let mut typical = 0;
    for seed in 0..500 {
        let (sent, told) = failing(one_primary(), seed, reply(500));
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
        assert_eq!(told.last(), Some(&"error"));
        if primaries == [0, 37, 76, 114] {
            typical += 1;
        }
    }
    assert!(typical > 0, "the reference's typical run is among them");
}

#[test]
fn without_backups_the_end_of_the_window_is_the_end() {
    let alone = Settings { backup: vec![], ..one_primary() };
    let (sent, told) = failing(alone.clone(), 3, reply(500));
    assert!(sent.last().unwrap().0 <= 114);
    assert_eq!(told.last(), Some(&"error"));
    let mut world = answering(alone, 3, vec![reply(500)]);
    world.call(Line::register);
    world.pass(5 * MINUTE);
    let Some((_, Event::Error(error), Status::Inactive)) = world.told.last().cloned() else { panic!() };
    assert_eq!((error.error_type, error.status, error.is_fatal), (ErrorType::ServiceUnavailable, 0, true));
    assert_eq!(world.saved, None);
}

#[test]
fn it_begins_anew_by_itself_only_if_it_was_told_to() {
    let slowly = Settings { retry_slowly: true, ..one_primary() };
    let mut world = answering(slowly, 3, vec![reply(500)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(24 * 60 * MINUTE);
    let errors: Vec<LineError> =
        world.told.iter().filter_map(|(_, event, _)| if let Event::Error(error) = event { Some(*error) } else { None }).collect();
    assert!(errors.len() > 50 && errors.iter().all(|error| !error.is_fatal));
    let at: Vec<u64> = world.told.iter().filter(|(_, event, _)| matches!(event, Event::Error(_))).map(|(at, ..)| *at).collect();
    let sent = world.take_sent(start);
    for end in at.iter().take(50) {
        let next = sent.iter().find(|(second, _)| second * SECOND > end - start).unwrap();
        assert!((300..=901).contains(&(next.0 - (end - start) / SECOND)), "{next:?}");
    }
}

#[test]
fn too_many_requests_are_told_nobody_and_waited_for() {
    // Longer than our own wait, and within the window.
    let mut world = answering(one_primary(), 1, vec![later(429, 60), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(10 * MINUTE);
    assert_eq!(world.sent[1].at - start, 60 * SECOND);
    assert_eq!(world.take_told(), ["connecting", "registered"]);
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
    // Before the second round of the backups nobody waits longer than a minute.
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
        assert_eq!(world.take_told(), ["reconnecting", "reconnecting", "reconnected"]);
    }
}

#[test]
fn an_answer_that_never_comes_is_given_up() {
    let (mut world, start) = registered(settings(), |_| None);
    world.pass(300 * SECOND);
    let sent = world.take_sent(start);
    assert_eq!(sent.iter().take(5).map(|(at, _)| *at).collect::<Vec<_>>(), [30, 90, 150, 210, 270]);
    assert_eq!(world.take_told(), ["reconnecting"; 4]);
    assert_eq!(world.most_open, 1);
    let mut world = World::new(settings(), 7, |_| None);
    world.call(Line::register);
    world.pass(31 * SECOND);
    assert_eq!((world.sent.len(), world.take_told()), (2, vec!["connecting", "unregistered"]));
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
    let at = world.told.iter().rfind(|(_, event, _)| *event == Event::Registered).unwrap().0;
    assert!(world.line.device().unwrap().base.contains("b1"));
    world.take_told();
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
    assert!(world.take_told().is_empty());
    *up.borrow_mut() = (200, reply(200));
    world.pass(2 * 60 * MINUTE);
    let sent: Vec<String> = without_keepalives(&mut world, start).into_iter().map(|(_, what)| what).collect();
    assert_eq!(sent, ["GET p1 ping", "DELETE b1 devices/b1", "POST p1 device"]);
    assert_eq!(world.take_told(), ["unregistered", "registered"]);
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
    assert_eq!(world.take_told()[..3], ["unregistered", "unregistered", "registered"]);
}

#[test]
fn nobody_is_moved_during_a_call() {
    let up = Rc::new(RefCell::new((200, reply(500))));
    let (mut world, start) = on_backup(Rc::clone(&up));
    *up.borrow_mut() = (200, reply(200));
    world.call(|line, now| line.handle_call(now, true));
    world.pass(10 * 60 * MINUTE);
    assert_eq!(without_keepalives(&mut world, start), []);
    world.call(|line, now| line.handle_call(now, false));
    world.pass(2 * 60 * MINUTE);
    assert_eq!(world.take_told(), ["unregistered", "registered"]);
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

// --- going on: 4.7, and another tab ---------------------------------------------------------------------------------------------------

#[test]
fn another_tab_goes_on_with_one_keepalive_and_without_a_word() {
    let (mut world, _) = registered(settings(), |_| soon(reply(200)));
    world.pass(MINUTE);
    let saved = world.saved.clone().unwrap();
    let text = serde_json::to_string(&saved).unwrap();
    world.call(|line, _| line.stop());
    let mut other = working(settings(), |_| soon(reply(200)));
    other.now = world.now + 5 * SECOND;
    let start = other.now;
    other.call(|line, now| line.resume(now, serde_json::from_str(&text).unwrap()));
    assert_eq!(other.line.status(), Status::Active);
    other.pass(31 * SECOND);
    assert_eq!(other.take_sent(start), [(0, "POST p1 devices/d1/status".to_owned()), (30, "POST p1 devices/d1/status".to_owned())]);
    assert!(other.told.is_empty());
}

#[test]
fn what_the_other_tab_finds_is_told_as_always() {
    for (status, expected) in [(404, vec!["error", "unregistered", "registered"]), (409, vec!["unregistered"]), (500, vec!["reconnecting"])]
    {
        let (world, _) = registered(settings(), |_| soon(reply(200)));
        let saved = world.saved.clone().unwrap();
        let mut other = working(settings(), move |_| soon(reply(status)));
        other.call(|line, now| line.resume(now, saved));
        other.pass(2 * SECOND);
        assert_eq!(other.take_told(), expected);
    }
    // What was being told goes on too.
    let (mut world, _) = registered(settings(), |_| soon(reply(500)));
    world.pass(31 * SECOND);
    let saved = world.saved.clone().unwrap();
    let mut other = working(settings(), |_| soon(reply(200)));
    other.call(|line, now| line.resume(now, saved));
    other.pass(SECOND);
    assert_eq!(other.take_told(), ["reconnected"]);
}

#[test]
fn a_registration_that_was_under_way_goes_on_and_one_that_is_old_begins_anew() {
    let mut world = answering(one_primary(), 5, vec![reply(500)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(50 * SECOND);
    let saved = world.saved.clone().unwrap();
    let Saved::Retrying { until, tries: 2, round: 0, since: Some(since) } = saved else { panic!("{saved:?}") };
    assert_eq!(since, start);
    // After a short while: at the same moment as the other would have.
    let mut other = answering(one_primary(), 6, vec![reply(500)]);
    other.now = start + 55 * SECOND;
    other.call(|line, now| line.resume(now, saved.clone()));
    assert!(other.told.is_empty());
    other.pass(24 * 60 * MINUTE);
    assert_eq!(other.sent[0].at, until);
    let sent = other.take_sent(start);
    assert!(sent.iter().filter(|(_, what)| what.contains("p1")).all(|(at, _)| *at <= 114), "{sent:?}");
    // After the window: at once the backups.
    let mut other = answering(one_primary(), 6, vec![reply(200)]);
    other.now = start + 150 * SECOND;
    other.call(|line, now| line.resume(now, saved.clone()));
    other.pass(SECOND);
    assert_eq!(other.sent[0].at, start + 150 * SECOND);
    // After hours: from the start.
    let mut other = answering(one_primary(), 6, vec![reply(200)]);
    other.now = start + 5 * 60 * MINUTE;
    other.call(|line, now| line.resume(now, saved));
    other.pass(SECOND);
    assert_eq!((other.take_sent(start), other.take_told()), (vec![(18_000, "POST p1 device".to_owned())], vec!["registered"]));
}

#[test]
fn a_saved_device_at_a_strange_address_gets_no_token() {
    let (world, _) = registered(settings(), |_| soon(reply(200)));
    let Some(Saved::Active { mut device, .. }) = world.saved else { panic!() };
    device.uri = "https://evil.example/devices/d1".to_owned();
    let mut other = working(settings(), |_| soon(reply(200)));
    other.call(|line, now| line.resume(now, Saved::Active { device, reconnecting: false }));
    other.pass(SECOND);
    assert!(other.sent.iter().all(|sent| sent.url.starts_with("https://p1.example/")), "{:?}", other.sent);
}

#[test]
fn a_saved_device_whose_id_leads_elsewhere_is_not_asked_for() {
    for id in ["", "..", "../../admin/x", "d1/status", "d1?x", "d1%2f..", "d 1"] {
        let (world, _) = registered(settings(), |_| soon(reply(200)));
        let Some(Saved::Active { mut device, .. }) = world.saved else { panic!() };
        device.device_id = id.to_owned();
        let mut other = working(settings(), |_| soon(reply(200)));
        other.call(|line, now| line.resume(now, Saved::Active { device, reconnecting: false }));
        // Not resumed: registered anew, under an id of the registrar's.
        assert_eq!(other.line.status(), Status::Inactive, "{id}");
        other.pass(SECOND);
        assert!(other.sent.iter().all(|sent| id.is_empty() || !sent.url.contains(id)), "{:?}", other.sent);
    }
}

// --- too many devices: 4.8 ------------------------------------------------------------------------------------------------------------

fn older(host: &str) -> String {
    format!(r#"{{"deviceId":"old","uri":"https://{host}.example/api/v1/calling/web/devices/old"}},{{"deviceId":"other","uri":"x"}}"#)
}

#[test]
fn the_device_limit_is_an_error_and_the_user_may_take_the_place_of_the_first() {
    let mut world = answering(settings(), 1, vec![refusal(101, &older("p2")), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(24 * 60 * MINUTE);
    assert_eq!((world.take_told(), world.take_sent(start).len(), world.line.poll_timeout()), (vec!["connecting", "error"], 1, None));
    let start = world.now;
    world.call(Line::take_over);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(0, "DELETE p2 devices/old".to_owned()), (0, "POST p2 device".to_owned())]);
    assert_eq!(world.take_told(), ["connecting", "unregistered", "registered"]);
}

#[test]
fn by_option_the_first_device_is_replaced_without_asking_but_only_once() {
    let replacing = Settings { device_limit: DeviceLimit::Replace, ..settings() };
    let mut world = answering(replacing.clone(), 1, vec![refusal(101, &older("p1")), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!(
        world.take_sent(start),
        [(0, "POST p1 device".to_owned()), (0, "DELETE p1 devices/old".to_owned()), (0, "POST p1 device".to_owned())]
    );
    assert_eq!(world.take_told(), ["connecting", "unregistered", "registered"]);
    for devices in [older("p1"), String::new(), older("evil")] {
        let mut world = answering(replacing.clone(), 1, vec![refusal(101, &devices)]);
        world.call(Line::register);
        world.pass(30 * SECOND);
        let deletions = world.sent.iter().filter(|sent| sent.method == "DELETE").count();
        assert_eq!(deletions, usize::from(devices == older("p1")), "{devices}");
        assert!(world.sent.iter().all(|sent| !sent.url.contains("evil")));
        assert_eq!(world.take_told().last(), Some(&"unregistered"));
        assert!(world.line.poll_timeout().is_some());
    }
}

// --- the network ------------------------------------------------------------------------------------------------------------------------

#[test]
fn offline_nothing_is_sent_and_online_a_line_is_asked_for_at_once() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.pass(10 * SECOND);
    world.call(|line, _| line.handle_offline());
    world.call(|line, _| line.handle_offline());
    assert!(matches!(world.told[..], [(_, Event::Reconnecting { missed: 0, .. }, Status::Active)]));
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start), world.line.poll_timeout()), (vec![], None));
    world.call(Line::handle_online);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(3610, "POST p1 devices/d1/status".to_owned())]);
    assert_eq!(world.take_told(), ["reconnecting", "reconnected"]);
}

#[test]
fn a_registration_that_the_network_interrupts_goes_on_when_it_is_back() {
    let mut world =
        World::new(settings(), 1, |sent| Some((SECOND, if sent.at < 1_700_000_100_000 { reply(0) } else { device(&sent.url, "d") })));
    world.call(Line::register);
    world.call(|line, _| line.handle_offline());
    world.pass(2 * MINUTE);
    assert_eq!((world.sent.len(), world.take_told()), (1, vec!["connecting"]));
    world.call(Line::handle_online);
    world.pass(5 * SECOND);
    assert_eq!(world.take_told(), ["registered"]);
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
    assert_eq!((world.take_sent(start).len(), world.take_told()), (1, vec![]));
}

// --- hostile replies -----------------------------------------------------------------------------------------------------------------

#[test]
fn a_reply_that_is_none_is_a_failure_and_no_token_follows_a_foreign_address() {
    let huge = format!(r#"{{"device":{{"deviceId":"d1"}},"x":"{}"}}"#, "x".repeat(70_000));
    for body in [
        " ",
        "{",
        "[]",
        "null",
        r#"{"device":{}}"#,
        r#"{"device":{"deviceId":7}}"#,
        r#"{"device":{"deviceId":".."}}"#,
        r#"{"device":{"deviceId":"a/b"}}"#,
        r#"{"device":{"deviceId":"a?b"}}"#,
        &huge,
    ] {
        let bad = Reply { status: 200, retry_after: None, body: body.to_owned() };
        let mut world = answering(settings(), 1, vec![bad]);
        world.call(Line::register);
        world.pass(SECOND);
        assert_eq!(world.take_told(), ["connecting", "unregistered", "unregistered"], "{body}");
    }
    for uri in ["https://evil.example/devices/d1", "https://p1.example.evil/x", "http://p1.example/x", "//evil", "https://p1.example/x?y#z"]
    {
        let body = json!({"device": {"deviceId": "d1", "uri": uri, "addresses": [1, "sip:a", null]}, "voicePortalNumber": {}, "rehomingIntervalMin": "x"}).to_string();
        let mut world = World::new(settings(), 1, move |_| Some((0, Reply { status: 200, retry_after: None, body: body.clone() })));
        world.call(Line::register);
        world.pass(31 * SECOND);
        assert_eq!(world.sent[1].url, "https://p1.example/api/v1/calling/web/devices/d1/status", "{uri}");
        assert_eq!(world.line.device().unwrap().addresses, ["sip:a"]);
    }
}

#[test]
fn settings_that_cannot_be_a_lines_say_what_is_wrong() {
    let of = |change: fn(&mut Settings)| {
        let mut changed = settings();
        change(&mut changed);
        Line::new(changed, 1).err()
    };
    for base in
        ["", "https://a.example", "http://a.example/", "https://a.example/?x/", "https://u@a.example/", "ftp://a.example/", "a.example/"]
    {
        assert_eq!(Line::new(Settings { primary: vec![base.to_owned()], ..settings() }, 1).err(), Some(SettingsError::Registrar), "{base}");
    }
    assert_eq!(of(|settings| settings.primary.clear()), Some(SettingsError::Registrar));
    assert_eq!(of(|settings| settings.user_id.clear()), Some(SettingsError::UserId));
    assert_eq!(of(|settings| settings.client_device_uri = "a\r\nb".to_owned()), Some(SettingsError::ClientDeviceUri));
    assert_eq!(of(|settings| settings.indicator = Indicator::ContactCenter), Some(SettingsError::Domain));
    assert_eq!(of(|settings| settings.domain = "a b".to_owned()), Some(SettingsError::Domain));
    assert_eq!(of(|settings| settings.primary = vec!["http://registrar.localhost:81/x/".to_owned()]), None);
    let codes = [SettingsError::Registrar, SettingsError::UserId, SettingsError::ClientDeviceUri, SettingsError::Domain]
        .map(|error| (error.code(), error.to_string().is_empty()));
    assert_eq!(
        codes,
        [("REGISTRAR_INVALID", false), ("USER_ID_INVALID", false), ("CLIENT_DEVICE_URI_INVALID", false), ("DOMAIN_INVALID", false)]
    );
}

// --- the backend ---------------------------------------------------------------------------------------------------------------------

#[test]
fn the_token_endpoint_gets_the_documented_fields_and_nothing_else() {
    let endpoint = TokenEndpoint::new(TokenEndpoint::URL, "C1", Secret::new("s&=ü".to_owned()));
    let request = endpoint.exchange("a_b_c", "https://a.example/cb?x=1", None);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://webexapis.com/v1/access_token"));
    assert_eq!(request.headers, [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())]);
    assert_eq!(
        request.body.as_deref(),
        Some(
            "grant_type=authorization_code&client_id=C1&client_secret=s%26%3D%C3%BC&code=a_b_c&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx%3D1"
        )
    );
    assert_eq!(
        endpoint.exchange("c", "r", Some("v")).body.as_deref(),
        Some("grant_type=authorization_code&client_id=C1&client_secret=s%26%3D%C3%BC&code=c&redirect_uri=r&code_verifier=v")
    );
    assert_eq!(
        endpoint.refresh(&Secret::new("r t".to_owned())).body.as_deref(),
        Some("grant_type=refresh_token&client_id=C1&client_secret=s%26%3D%C3%BC&refresh_token=r%20t")
    );
    assert!(!format!("{endpoint:?} {request:?}").contains("s&="));
}

#[test]
fn what_the_token_endpoint_answers() {
    let read = |status: u16, body: &str| Tokens::read(&Reply { status, retry_after: None, body: body.to_owned() });
    let tokens = read(200, r#"{"access_token":"a","expires_in":1209600,"refresh_token":"r","refresh_token_expires_in":7776000,"token_type":"Bearer","scope":"x y"}"#).unwrap();
    assert_eq!(
        (tokens.access_token.expose().as_str(), tokens.expires_in, tokens.refresh_token_expires_in, tokens.scope.as_deref()),
        ("a", Some(1_209_600), Some(7_776_000), Some("x y"))
    );
    assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
    let bare = read(200, r#"{"access_token":"Bearer b"}"#).unwrap();
    assert_eq!((bare.access_token.expose().as_str(), bare.expires_in, bare.refresh_token.is_none()), ("b", None, true));
    assert_eq!(
        read(400, r#"{"error":"invalid_grant","error_description":"x"}"#).unwrap_err(),
        TokenError::Refused("invalid_grant".to_owned())
    );
    assert_eq!(read(401, "").unwrap_err(), TokenError::Refused(String::new()));
    assert_eq!(read(503, "").unwrap_err(), TokenError::Unavailable(503));
    for body in ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#] {
        assert_eq!(read(200, body).unwrap_err(), TokenError::ReplyInvalid);
    }
    let errors = [TokenError::Refused(String::new()), TokenError::Unavailable(500), TokenError::ReplyInvalid];
    assert_eq!(errors.map(|error| error.code()), ["TOKEN_REFUSED", "TOKEN_UNAVAILABLE", "REPLY_INVALID"]);
}
