//! A line in virtual time, and the registrar that answers it.

use authframe::session::Millis;
use authframe::webex::{Event, Line, Output, Purpose, Renewal, Reply, Saved, Settings, Status};

pub(crate) const SECOND: Millis = 1000;
pub(crate) const MINUTE: Millis = 60 * SECOND;

/// A request as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) at: Millis,
    pub(crate) id: u32,
    pub(crate) purpose: Purpose,
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// What a registrar does with a request: the answer and after how long, or nothing at all.
pub(crate) type Answer = Option<(Millis, Reply)>;

pub(crate) struct World {
    pub(crate) line: Line,
    pub(crate) now: Millis,
    pub(crate) sent: Vec<Sent>,
    pub(crate) events: Vec<(Millis, Event, Status)>,
    pub(crate) saved: Option<Saved>,
    pub(crate) renewals: Vec<Renewal>,
    pub(crate) renewed: u32,
    pub(crate) under_way: Vec<(Millis, u32, Reply)>,
    renewing: Vec<(Millis, u32, Renewal)>,
    registrar: Box<dyn FnMut(&Sent) -> Answer>,
    open: Vec<u32>,
    pub(crate) most_open: usize,
}

pub(crate) fn base(name: &str) -> String {
    format!("https://{name}.example/api/v1/calling/web/")
}

pub(crate) fn settings() -> Settings {
    Settings {
        primary: vec![base("p1"), base("p2")],
        backup: vec![base("b1")],
        user_id: "u-17".to_owned(),
        client_device_uri: "https://wdm.example/devices/1".to_owned(),
        ..Settings::default()
    }
}

pub(crate) fn reply(status: u16) -> Reply {
    Reply { status, ..Reply::default() }
}

pub(crate) fn later(status: u16, seconds: u64) -> Reply {
    Reply { status, retry_after: Some(seconds * SECOND), ..Reply::default() }
}

/// A registration at that registrar.
pub(crate) fn device(url: &str, id: &str) -> Reply {
    let base = url.strip_suffix("device").unwrap();
    let body = format!(
        r#"{{"userId":"u-17","device":{{"deviceId":"{id}","uri":"{base}devices/{id}","status":"active","lastSeen":"then","addresses":["sip:u-17@a.example"],"clientDeviceUri":"https://wdm.example/devices/1"}},"keepaliveInterval":30,"callKeepaliveInterval":10,"rehomingIntervalMin":60,"rehomingIntervalMax":120,"voicePortalNumber":5550100,"voicePortalExtension":100}}"#
    );
    Reply { status: 200, retry_after: None, body }
}

pub(crate) fn refusal(code: u16, devices: &str) -> Reply {
    Reply { status: 403, retry_after: None, body: format!(r#"{{"errorCode":{code},"userId":"u-17","devices":[{devices}]}}"#) }
}

pub(crate) const SOON: Millis = 100;

pub(crate) fn soon(reply: Reply) -> Answer {
    Some((SOON, reply))
}

/// Registers every line; keepalives are answered by `keepalive`, which may be changed.
pub(crate) fn working(settings: Settings, keepalive: impl FnMut(&Sent) -> Answer + 'static) -> World {
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
pub(crate) fn registered(settings: Settings, keepalive: impl FnMut(&Sent) -> Answer + 'static) -> (World, Millis) {
    let mut world = working(settings, keepalive);
    world.call(Line::register);
    world.pass(SOON);
    assert_eq!(world.line.status(), Status::Active);
    assert_eq!(world.take_events(), ["connecting", "registered"]);
    let start = world.now;
    world.take_sent(start - SOON);
    (world, start)
}

/// Answers each registration with the next of these, and the last one for ever.
pub(crate) fn answering(settings: Settings, seed: u64, replies: Vec<Reply>) -> World {
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

pub(crate) fn one_primary() -> Settings {
    Settings { primary: vec![base("p1")], ..settings() }
}

impl World {
    pub(crate) fn new(settings: Settings, seed: u64, registrar: impl FnMut(&Sent) -> Answer + 'static) -> Self {
        Self {
            line: Line::new(settings, seed).unwrap(),
            now: 1_700_000_000_000,
            sent: Vec::new(),
            events: Vec::new(),
            saved: None,
            renewals: Vec::new(),
            renewed: 0,
            under_way: Vec::new(),
            renewing: Vec::new(),
            registrar: Box::new(registrar),
            open: Vec::new(),
            most_open: 0,
        }
    }

    /// Calls it, and does what it says.
    pub(crate) fn call(&mut self, call: impl FnOnce(&mut Line, Millis)) {
        call(&mut self.line, self.now);
        for output in self.line.take_outputs() {
            match output {
                Output::Send { id, purpose, request } => {
                    let sent = Sent {
                        at: self.now,
                        id,
                        purpose,
                        method: request.method.as_str(),
                        url: request.url,
                        headers: request.headers,
                        body: request.body,
                    };
                    if let Some((delay, reply)) = (self.registrar)(&sent) {
                        self.under_way.push((self.now + delay, id, reply));
                    }
                    // What removes a device may go on beside what comes next.
                    if purpose != Purpose::Deregister {
                        self.open.push(id);
                    }
                    self.sent.push(sent);
                    self.most_open = self.most_open.max(self.open.len());
                }
                Output::Abort(id) => self.open.retain(|open| *open != id),
                Output::Renew(id) => {
                    self.renewed += 1;
                    let renewal = if self.renewals.is_empty() { Renewal::Fresh } else { self.renewals.remove(0) };
                    self.renewing.push((self.now + 50, id, renewal));
                }
                Output::Event { event, status } => self.events.push((self.now, event, status)),
                Output::Save(saved) => self.saved = saved,
            }
        }
    }

    /// Another tab's, which knows nothing of what this one waits for.
    pub(crate) fn replace(&mut self, line: Line) {
        self.line = line;
        self.under_way.clear();
        self.renewing.clear();
        self.open.clear();
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&mut self, time: Millis) {
        let end = self.now + time;
        let mut idle = 0;
        loop {
            let due = self.line.poll_timeout();
            let replies = self.under_way.iter().map(|(at, ..)| *at).min();
            let renewals = self.renewing.iter().map(|(at, ..)| *at).min();
            let Some(next) = [due, replies, renewals].into_iter().flatten().min().filter(|at| *at <= end) else { break };
            // A timeout that is due again and again at one moment would be a busy loop.
            idle = if next <= self.now { idle + 1 } else { 0 };
            assert!(idle < 50, "a busy loop at {}: {:?}", self.now, self.line);
            self.now = self.now.max(next);
            if let Some(at) = self.under_way.iter().position(|(at, ..)| *at <= self.now) {
                let (_, id, reply) = self.under_way.remove(at);
                self.open.retain(|open| *open != id);
                self.call(|line, now| line.handle_reply(now, id, &reply));
            } else if let Some(at) = self.renewing.iter().position(|(at, ..)| *at <= self.now) {
                let (_, id, renewal) = self.renewing.remove(at);
                self.open.retain(|open| *open != id);
                self.call(|line, now| line.handle_renewal(now, id, renewal));
            } else {
                self.call(|line, now| line.handle_timeout(now));
            }
        }
        self.now = end;
    }

    /// The requests since the last time, as "POST p1 device", with their seconds since then.
    pub(crate) fn take_sent(&mut self, since: Millis) -> Vec<(u64, String)> {
        let short = |sent: Sent| {
            let (host, rest) = sent.url.strip_prefix("https://").unwrap().split_once(".example").unwrap();
            let path = rest.strip_prefix("/api/v1/").unwrap();
            let path = path.strip_prefix("calling/web/").unwrap_or(path);
            (sent.at.saturating_sub(since) / SECOND, format!("{} {host} {path}", sent.method))
        };
        std::mem::take(&mut self.sent).into_iter().map(short).collect()
    }

    pub(crate) fn take_events(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.events).iter().map(|(_, event, _)| event.name()).collect()
    }
}
