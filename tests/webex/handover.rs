//! Webex's line in virtual time: what another tab goes on with, and the place of another device.

use crate::world::{MINUTE, SECOND, answering, one_primary, refusal, registered, reply, settings, soon, working};
use authframe::webex::{Connection, DeviceLimit, Line, Saved, Settings, Status};

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
    assert!(other.events.is_empty());
}

#[test]
fn what_the_other_tab_finds_is_emitted_as_always() {
    for (status, expected) in [(404, vec!["error", "unregistered", "registered"]), (409, vec!["unregistered"]), (500, vec!["reconnecting"])]
    {
        let (world, _) = registered(settings(), |_| soon(reply(200)));
        let saved = world.saved.clone().unwrap();
        let mut other = working(settings(), move |_| soon(reply(status)));
        other.call(|line, now| line.resume(now, saved));
        other.pass(2 * SECOND);
        assert_eq!(other.take_events(), expected);
    }
    // What was being emitted goes on too.
    let (mut world, _) = registered(settings(), |_| soon(reply(500)));
    world.pass(31 * SECOND);
    let saved = world.saved.clone().unwrap();
    let mut other = working(settings(), |_| soon(reply(200)));
    other.call(|line, now| line.resume(now, saved));
    other.pass(SECOND);
    assert_eq!(other.take_events(), ["reconnected"]);
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
    assert!(other.events.is_empty());
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
    assert_eq!((other.take_sent(start), other.take_events()), (vec![(18_000, "POST p1 device".to_owned())], vec!["registered"]));
}

#[test]
fn a_saved_device_at_a_strange_address_gets_no_token() {
    let (world, _) = registered(settings(), |_| soon(reply(200)));
    let Some(Saved::Active { mut device, .. }) = world.saved else { panic!() };
    device.uri = "https://evil.example/devices/d1".to_owned();
    let mut other = working(settings(), |_| soon(reply(200)));
    other.call(|line, now| line.resume(now, Saved::Active { device, connection: Connection::Connected }));
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
        other.call(|line, now| line.resume(now, Saved::Active { device, connection: Connection::Connected }));
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
    assert_eq!((world.take_events(), world.take_sent(start).len(), world.line.poll_timeout()), (vec!["connecting", "error"], 1, None));
    let start = world.now;
    world.call(Line::take_over);
    world.pass(SECOND);
    assert_eq!(world.take_sent(start), [(0, "DELETE p2 devices/old".to_owned()), (0, "POST p2 device".to_owned())]);
    assert_eq!(world.take_events(), ["connecting", "unregistered", "registered"]);
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
    assert_eq!(world.take_events(), ["connecting", "unregistered", "registered"]);
    for devices in [older("p1"), String::new(), older("evil")] {
        let mut world = answering(replacing.clone(), 1, vec![refusal(101, &devices)]);
        world.call(Line::register);
        world.pass(30 * SECOND);
        let deletions = world.sent.iter().filter(|sent| sent.method == "DELETE").count();
        assert_eq!(deletions, usize::from(devices == older("p1")), "{devices}");
        assert!(world.sent.iter().all(|sent| !sent.url.contains("evil")));
        assert_eq!(world.take_events().last(), Some(&"unregistered"));
        assert!(world.line.poll_timeout().is_some());
    }
}

#[test]
fn w5_the_place_of_another_device_is_asked_for_in_its_own_name() {
    let other = r#"{"deviceId":"old","uri":"https://p1.example/api/v1/calling/web/devices/old","clientDeviceUri":"https://wdm.example/devices/other"}"#;
    let device_url = |sent: &crate::world::Sent| sent.headers.iter().find(|(name, _)| name == "cisco-device-url").unwrap().1.clone();
    for limit in [DeviceLimit::Replace, DeviceLimit::Report] {
        let mut world = answering(Settings { device_limit: limit, ..settings() }, 1, vec![refusal(101, other), reply(200)]);
        world.call(Line::register);
        world.pass(SECOND);
        if limit == DeviceLimit::Report {
            world.call(Line::take_over);
            world.pass(SECOND);
        }
        let sent: Vec<_> = world.sent.iter().map(|sent| (sent.method, device_url(sent))).collect();
        let own = || "https://wdm.example/devices/1".to_owned();
        assert_eq!(sent, [("POST", own()), ("DELETE", "https://wdm.example/devices/other".to_owned()), ("POST", own())]);
        // Our own device goes in our own name.
        world.call(Line::deregister);
        assert_eq!(device_url(world.sent.last().unwrap()), own());
    }
    // Where the registrar does not say whose it is, and where it says what cannot stand in a header: our own.
    for uri in ["", r#","clientDeviceUri":"a\r\nb""#, r#","clientDeviceUri":7"#] {
        let other = format!(r#"{{"deviceId":"old","uri":"https://p1.example/api/v1/calling/web/devices/old"{uri}}}"#);
        let mut world = answering(Settings { device_limit: DeviceLimit::Replace, ..settings() }, 1, vec![refusal(101, &other), reply(200)]);
        world.call(Line::register);
        world.pass(SECOND);
        assert_eq!(device_url(&world.sent[1]), "https://wdm.example/devices/1", "{uri}");
    }
}
