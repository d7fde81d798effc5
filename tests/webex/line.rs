//! Webex's line in virtual time: each row of the reference's state machine, and its tokens.

use std::cell::RefCell;
use std::rc::Rc;

use crate::world::{
    MINUTE, SECOND, SOON, World, answering, base, device, one_primary, refusal, registered, reply, settings, soon, working,
};
use authframe::session::Millis;
use authframe::webex::{
    CallState, Connection, ErrorType, Event, Indicator, Line, LineError, Lost, Renewal, Reply, Saved, Settings, Status,
};

// --- the state machine: 4.3 of the reference ------------------------------------------------------------------------------------------

#[test]
fn register_emits_connecting_before_anything_is_sent_and_registered_when_the_device_is_there() {
    let mut world = working(settings(), |_| soon(reply(200)));
    assert_eq!(world.line.status().as_str(), "IDLE");
    world.call(Line::register);
    assert_eq!(world.events, [(world.now, Event::Connecting, Status::Idle)]);
    assert_eq!(world.line.status().as_str(), "inactive");
    world.pass(SOON);
    assert_eq!(world.events[1..], [(world.now, Event::Registered, Status::Active)]);
    let device = world.line.device().unwrap();
    assert_eq!(
        (device.device_id.as_str(), device.addresses.as_slice(), device.keepalive_interval),
        ("d1", ["sip:u-17@a.example".to_owned()].as_slice(), 30.0)
    );
    assert_eq!((device.voice_portal_number, device.voice_portal_extension), (Some(5_550_100.0), Some(100.0)));
    assert!(matches!(world.saved, Some(Saved::Active { connection: Connection::Connected, .. })));
}

#[test]
fn register_when_registered_sends_nothing_and_emits_it_again() {
    let (mut world, start) = registered(settings(), |_| soon(reply(200)));
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!((world.take_events(), world.take_sent(start)), (vec!["registered"], vec![]));
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
    assert_eq!(world.take_events().iter().filter(|name| **name == "connecting").count(), 101);
}

#[test]
fn a_primary_that_fails_is_followed_by_the_next_one_and_each_failure_is_emitted() {
    let mut world = answering(settings(), 1, vec![reply(500), reply(200)]);
    let start = world.now;
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(0, "POST p1 device".to_owned()), (0, "POST p2 device".to_owned())]);
    assert_eq!(world.take_events(), ["connecting", "unregistered", "registered"]);
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
    assert!(world.take_events().is_empty());
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
        .events
        .iter()
        .filter_map(|(_, event, _)| if let Event::Reconnecting { missed, .. } = event { Some(*missed) } else { None })
        .collect();
    assert_eq!(missed, [1, 2, 3, 4]);
    let reasons = world.events.iter().filter_map(|(_, event, _)| if let Event::Reconnecting { error, .. } = event { *error } else { None });
    assert!(reasons.map(|error| error.error_type).eq([ErrorType::ServiceUnavailable; 4]));
    let next: Vec<Millis> = world
        .events
        .iter()
        .filter_map(|(at, event, _)| if let Event::Reconnecting { next_at, .. } = event { Some(next_at - at) } else { None })
        .collect();
    assert!(next.iter().all(|next| *next == 30 * SECOND - SOON), "{next:?}");
    assert_eq!(world.take_events()[4..], ["unregistered", "registered"]);
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
    assert_eq!(world.take_events(), ["reconnecting", "reconnecting", "reconnecting", "unregistered", "registered"]);
}

#[test]
fn a_good_keepalive_after_misses_is_emitted_once_and_the_count_begins_anew() {
    let mut n = 0;
    let (mut world, _) = registered(settings(), move |_| {
        n += 1;
        soon(reply(if n % 5 == 0 || n == 1 { 200 } else { 500 }))
    });
    world.pass(16 * 30 * SECOND);
    let events = world.take_events();
    assert_eq!(
        events,
        [["reconnecting"; 3].as_slice(), &["reconnected"], &["reconnecting"; 4], &["reconnected"], &["reconnecting"; 4], &["reconnected"]]
            .concat()
    );
}

#[test]
fn a_keepalive_that_is_refused_for_good_is_emitted_as_an_error_while_it_is_active_and_then_as_lost() {
    for status in [400, 401] {
        let (mut world, start) = registered(settings(), move |_| soon(reply(status)));
        world.renewals = vec![Renewal::Refused];
        world.pass(24 * 60 * MINUTE);
        let events: Vec<(&str, Status)> = world.events.iter().map(|(_, event, status)| (event.name(), *status)).collect();
        assert_eq!(events, [("error", Status::Active), ("unregistered", Status::Inactive)], "{status}");
        assert_eq!(world.take_sent(start).len(), 1);
        assert_eq!((world.line.poll_timeout(), &world.saved), (None, &None));
    }
    let (mut world, _) = registered(settings(), |_| soon(refusal(102, "")));
    world.pass(MINUTE);
    assert_eq!(world.take_events(), ["error", "unregistered"]);
}

#[test]
fn w7_a_line_that_is_given_up_is_inactive_while_that_is_emitted_and_idle_then() {
    let given_up: [fn(&mut Line, Millis); 2] = [Line::deregister, |line, _| line.sign_out()];
    for end in given_up {
        let (mut world, _) = registered(settings(), |_| soon(reply(200)));
        world.call(end);
        let statuses: Vec<Status> = world.events.iter().map(|(.., status)| *status).collect();
        assert_eq!((statuses, world.line.status()), (vec![Status::Inactive], Status::Idle));
    }
}

#[test]
fn w1_a_session_that_the_provider_has_ended_is_an_error_before_the_line_is_lost() {
    let rows = |world: &World| world.events.iter().map(|(_, event, status)| (event.clone(), *status)).collect::<Vec<_>>();
    let token = Event::Error(LineError::of(401, None));
    let lost = (Event::Unregistered(Some(Lost::SignedOut)), Status::Inactive);
    // Registered; being registered; while the token is renewed.
    let (mut world, _) = registered(settings(), |_| soon(reply(200)));
    world.call(|line, _| line.token_ended());
    assert_eq!(rows(&world), [(token.clone(), Status::Active), lost.clone()]);
    let mut world = answering(settings(), 1, vec![reply(500)]);
    world.call(Line::register);
    world.take_events();
    world.call(|line, _| line.token_ended());
    assert_eq!(rows(&world), [(token.clone(), Status::Inactive), lost.clone()]);
    let (mut world, _) = registered(settings(), |_| soon(reply(401)));
    world.pass(30 * SECOND + SOON);
    assert_eq!(world.renewed, 1);
    world.call(|line, _| line.token_ended());
    assert_eq!(rows(&world), [(token, Status::Active), lost]);
    world.pass(24 * 60 * MINUTE);
    assert_eq!((world.events.len(), world.line.poll_timeout(), world.line.device()), (2, None, None));
    // A line that was never tried, or was given up, is no line: nothing is lost.
    for end in [Line::stop as fn(&mut Line), |_| {}] {
        let mut world = working(settings(), |_| soon(reply(200)));
        end(&mut world.line);
        world.call(|line, _| line.token_ended());
        assert!(world.events.is_empty());
    }
    // One that has stopped with an error of its own says no second one.
    let mut world = answering(settings(), 1, vec![reply(400)]);
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!(world.take_events(), ["connecting", "error"]);
    world.call(|line, _| line.token_ended());
    assert_eq!(world.take_events(), ["unregistered"]);
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
    let Event::Error(error) = world.events[0].1 else { panic!() };
    assert_eq!((error.documented_message(), error.is_fatal), ("Device not found.", false));
    assert_eq!(world.take_events(), ["error", "unregistered", "registered"]);
    world.pass(30 * SECOND);
    assert_eq!(world.take_sent(start), [(60, "POST p1 devices/d2/status".to_owned())]);
}

#[test]
fn a_line_that_was_registered_somewhere_else_stops_until_the_user_registers() {
    let (mut world, start) = registered(settings(), |_| soon(reply(409)));
    world.pass(24 * 60 * MINUTE);
    assert_eq!(world.events.iter().map(|(_, event, _)| event.clone()).collect::<Vec<_>>(), [Event::Unregistered(Some(Lost::Superseded))]);
    assert_eq!((world.take_sent(start).len(), world.line.poll_timeout(), &world.saved), (1, None, &None));
    world.take_events();
    world.call(Line::take_over);
    world.pass(SECOND);
    assert_eq!(world.take_events(), ["connecting", "registered"]);
}

#[test]
fn during_a_call_a_lost_line_waits_until_it_is_over() {
    let (mut world, start) = registered(settings(), |_| soon(reply(503)));
    world.call(|line, now| line.handle_call(now, CallState::InCall));
    world.pass(10 * MINUTE);
    assert_eq!(world.take_events().last(), Some(&"unregistered"));
    assert_eq!(world.take_sent(start).len(), 5);
    world.call(|line, now| line.handle_call(now, CallState::None));
    world.pass(SECOND);
    assert_eq!(world.take_events(), ["registered"]);
}

#[test]
fn deregister_sends_one_request_and_emits_it_whatever_the_registrar_says() {
    for answer in [soon(reply(200)), soon(reply(500)), soon(reply(401)), None] {
        let mut world =
            World::new(settings(), 7, move |sent| if sent.method == "POST" { soon(device(&sent.url, "d1")) } else { answer.clone() });
        world.call(Line::register);
        world.pass(SECOND);
        let start = world.now;
        world.take_sent(start - SECOND);
        world.take_events();
        world.call(Line::deregister);
        assert_eq!((world.take_events(), world.line.status(), &world.saved), (vec!["unregistered"], Status::Idle, &None));
        world.call(Line::deregister);
        world.pass(60 * MINUTE);
        assert_eq!(world.take_sent(start), [(0, "DELETE p1 devices/d1".to_owned())]);
        assert_eq!((world.take_events(), world.line.poll_timeout()), (vec![], None));
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
    world.take_events();
    world.call(Line::deregister);
    world.call(Line::register);
    world.call(Line::deregister);
    world.call(Line::register);
    world.pass(10 * SECOND);
    assert_eq!(world.take_sent(start), [(0, "DELETE p1 devices/d1".to_owned()), (2, "POST p1 device".to_owned())]);
    assert_eq!(world.take_events(), ["unregistered", "connecting", "unregistered", "connecting", "registered"]);
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
        assert_eq!(world.take_events(), ["connecting", "unregistered"]);
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
                let (start, events) = (world.now, world.events.len());
                world.sent.clear();
                world.pass(24 * 60 * MINUTE);
                assert_eq!((world.take_sent(start), world.line.poll_timeout(), world.events.len()), (vec![], None, events));
                // And it can be used again.
                world.call(Line::register);
                assert_eq!(world.take_events().last(), Some(&"connecting"));
            }
        }
    }
}

#[test]
fn a_sign_out_forgets_the_device_and_says_why() {
    let (mut world, _) = registered(settings(), |_| soon(reply(200)));
    world.call(|line, _| line.sign_out());
    assert_eq!(world.events[0].1, Event::Unregistered(Some(Lost::SignedOut)));
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
        (world.take_sent(start), world.renewed, world.take_events()),
        (vec![(30, "POST p1 devices/d1/status".to_owned()); 2], 1, vec![])
    );
    // A newer token that is refused too is the end.
    let (mut world, start) = registered(settings(), |_| soon(reply(401)));
    world.pass(60 * MINUTE);
    assert_eq!((world.take_sent(start).len(), world.renewed), (2, 1));
    assert_eq!(world.take_events(), ["error", "unregistered"]);
    // One that cannot be had now is a miss.
    let (mut world, start) = registered(settings(), |_| soon(reply(401)));
    world.renewals = vec![Renewal::Failed; 9];
    world.pass(31 * SECOND);
    assert_eq!((world.take_sent(start).len(), world.take_events()), (1, vec!["reconnecting"]));
}

#[test]
fn a_registration_with_an_old_token_is_sent_once_more_too() {
    let mut world = answering(settings(), 1, vec![reply(401), reply(200)]);
    world.call(Line::register);
    world.pass(SECOND);
    assert_eq!((world.sent.len(), world.renewed, world.take_events()), (2, 1, vec!["connecting", "registered"]));
    let mut world = answering(settings(), 1, vec![reply(401)]);
    world.call(Line::register);
    world.pass(60 * MINUTE);
    let (_, Event::Error(error), _) = world.events[1].clone() else { panic!() };
    assert_eq!(
        (world.sent.len(), error.documented_type(), error.documented_message()),
        (2, "tokenError", "Token expired. Authentication/Authorization error.")
    );
}
