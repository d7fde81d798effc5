//! Conversations with the hosts of other systems, as `tests/vectors/transcripts/` has them, played by the core.

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

use authframe::dialect::{Any, RingCentral, Xbees};
use authframe::session::{
    Config, DialectKind, Error, Event, Id, Millis, Output, OwnOrigin, PageHide, Parent, Reason, Refusal, Session, Source, Stored,
    SubjectTag,
};
use serde_json::{Value, json};
use support::{JsonDecoder, UNDEFINED, read_grant, to_value};

/// The application's half of that dialect, `js/dialect/ringcentral/conversation.ts`, as far as the core needs it.
#[derive(Default)]
struct RingCentralHalf {
    // Of the application, of the user who is signed in.
    login: Value,
    path: Value,
    authorized: Option<bool>,
    requests: u32,
    // What was asked of a login and is not answered yet; `None`: it is answered at once.
    slow: Option<Vec<Value>>,
}

struct Player {
    session: Session<JsonDecoder, Any>,
    ringcentral: Option<RingCentralHalf>,
    host: String,
    now: Millis,
    shared_record: Value,
    said: Vec<Value>,
    received: Vec<Value>,
    rejected: [u32; Refusal::COUNT],
}

/// What the shared record says if a user is signed in.
fn record(subject: &str, epoch: u64) -> Value {
    let tag = SubjectTag::new(Id(9), subject).to_text();
    json!({
        "v": 1, "epoch": epoch, "sequence": 0, "writer": Id(9).to_text(), "status": "authorized", "reason": "sign-in", "expiresAt": null,
        "subjectTag": tag,
    })
}

impl Player {
    fn new(kind: DialectKind, transcript: &Value) -> Result<Self, Error> {
        let hosts = transcript["hosts"].as_array().unwrap();
        let mut config = Config::default();
        for host in hosts {
            config.allow(host.as_str().unwrap(), kind).unwrap();
        }
        let shared_record = transcript["stored"].as_str().map_or(Value::Null, |subject| record(subject, 1));
        let host = hosts[0].as_str().unwrap().to_owned();
        let dialect = Any::new(&config);
        let session = Session::new(config, Id(1), dialect);
        let ringcentral = (kind == RingCentral::KIND).then(|| RingCentralHalf { login: transcript["login"].clone(), ..Default::default() });
        let (said, received) = Default::default();
        let mut player = Self { session, ringcentral, host, now: 1000, shared_record, said, received, rejected: [0; Refusal::COUNT] };
        let parent = transcript["parent"].as_str().map_or(Parent::Unknown, |origin| Parent::Known(origin.to_owned()));
        player.session.handle_start(player.now, parent, OwnOrigin::Tuple)?;
        player.drain();
        // The application's half of x-bees says it at the start, and the rest of it when the application is ready.
        if let Some(logout) = transcript["steps"].as_array().unwrap().iter().find_map(|step| step["ready"]["logout"].as_str()) {
            player.send(json!({"logoutType": logout}));
            player.drain();
        }
        Ok(player)
    }

    fn drain(&mut self) {
        loop {
            let outputs = self.session.take_outputs();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                match output {
                    Output::Ask(message) => self.said.push(to_value(&message)),
                    Output::Read => {
                        let stored = if self.shared_record.is_null() {
                            Stored::Empty
                        } else {
                            Stored::read(&JsonDecoder(self.shared_record.clone()))
                        };
                        self.session.handle_stored(self.now, stored);
                    }
                    Output::Pause(_) => {}
                    Output::Write => self.shared_record = to_value(self.session.snapshot()),
                    Output::Carry(JsonDecoder(message)) => self.said.push(message),
                    Output::Report(news) if self.ringcentral.is_some() => self.pass_on(&to_value(&news)),
                    // The application's half of x-bees posts it as it is.
                    Output::Report(news) => self.said.push(to_value(&news)),
                    Output::Emit(Event::Message(JsonDecoder(message))) if self.ringcentral.is_some() => self.read(&message),
                    Output::Emit(Event::Message(JsonDecoder(message))) => self.received.push(message),
                    Output::Emit(_) => {}
                    other => panic!("{other:?} has no place here"),
                }
            }
        }
    }

    fn send(&mut self, said: Value) {
        self.session.notify_dialect(self.now, JsonDecoder(said)).unwrap();
    }

    fn start_ringcentral(&mut self) {
        let position = json!({"translateX": null, "translateY": null, "minTranslateX": null, "minTranslateY": null});
        self.send(json!({"tab": Id(1).to_text(), "readyTimeoutMs": 3000}));
        self.send(json!({"post": {
            "type": "rc-adapter-pushAdapterState", "size": {"width": 300, "height": 500}, "minimized": false, "closed": false,
            "position": position, "telephonyStatus": null, "userStatus": null, "dndStatus": null,
        }}));
        self.send(json!({"post": {"type": "rc-adapter-pushLocale", "locale": "en-US", "strings": "$english"}}));
        self.drain();
    }

    /// What the core's half says, to the application's half.
    fn pass_on(&mut self, news: &Value) {
        let half = self.ringcentral.as_mut().unwrap();
        if !news["update"].is_null() {
            return;
        }
        if news["login"].is_null() {
            half.authorized = Some(news["authorized"].as_bool().unwrap());
            return;
        }
        let view = self.session.view();
        let logged_in = news["login"] != 0;
        let said = if logged_in { half.login.clone() } else { Value::Null };
        let or = |key: &str, other: Value| said.get(key).cloned().unwrap_or(other);
        let fresh = logged_in.then_some(matches!(view.reason, Reason::SignIn | Reason::Host | Reason::AccountSwitch));
        let post = json!({
            "type": "rc-login-status-notify", "loggedIn": logged_in, "loginNumber": or("loginNumber", json!(UNDEFINED)),
            "contractedCountryCode": or("contractedCountryCode", json!(UNDEFINED)), "admin": or("admin", json!(false)),
            "features": or("features", json!({})), "isFreshLogin": fresh,
        });
        let answer = if logged_in { json!({"post": post, "login": news["login"]}) } else { json!({"post": post}) };
        match &mut half.slow {
            Some(waiting) if logged_in => waiting.push(answer),
            _ => self.send(answer),
        }
    }

    /// A message of the host, to the application's half.
    fn read(&mut self, message: &Value) {
        let half = self.ringcentral.as_mut().unwrap();
        self.received.push(message["type"].clone());
        match message["type"].as_str() {
            Some("rc-adapter-register-third-party-service") => half.path = message["service"]["authorizationPath"].clone(),
            Some("rc-adapter-message-request") if message["path"].is_string() => {
                let response = json!({"data": "no matched path"});
                let post = json!({"type": "rc-adapter-message-response", "responseId": message["requestId"], "response": response});
                self.send(json!({"post": post}));
            }
            _ => {}
        }
    }

    fn press(&mut self) {
        let half = self.ringcentral.as_mut().unwrap();
        half.requests += 1;
        let (id, body) = (format!("${}", half.requests), json!({"authorized": half.authorized.unwrap()}));
        let post = json!({"type": "rc-post-message-request", "requestId": id, "path": half.path, "body": body});
        self.send(json!({"post": post}));
    }

    fn play(&mut self, step: &Value) {
        let (kind, value) = step.as_object().unwrap().iter().next_back().unwrap();
        match kind.as_str() {
            "starts" => self.start_ringcentral(),
            "slow" => self.ringcentral.as_mut().unwrap().slow = Some(Vec::new()),
            "answers" => {
                for answer in self.ringcentral.as_mut().unwrap().slow.replace(Vec::new()).unwrap() {
                    self.send(answer);
                }
            }
            "hides" => {
                let hide = if value["persisted"].as_bool().unwrap() { PageHide::MayReturn } else { PageHide::Final };
                self.session.handle_hide(self.now, hide);
            }
            "shows" => {
                self.shared_record = record(value["stored"].as_str().unwrap(), value["epoch"].as_u64().unwrap());
                self.session.handle_show(self.now);
            }
            "press" => self.press(),
            "notify" => self.send(json!({"post": value})),
            "service" => assert_eq!(json!(self.ringcentral.as_ref().unwrap().authorized), *value),
            "ready" => self.send(value.clone()),
            "told" => {
                self.send(json!({"own": value["told"]}));
                self.drain();
                // The application knows what it has said.
                let own = if value["told"] == 1 { "xBeesAuthorized" } else { "xBeesNotAuthorized" };
                assert_eq!(self.said.pop().unwrap()["type"], own);
            }
            "own" | "refused" | "answered" | "readyRefused" => self.send(json!({kind.as_str(): value})),
            "host" => {
                let own = self.host.clone();
                let (source, origin) = match step["from"].as_str() {
                    None => (Source::Parent, own.as_str()),
                    Some("sibling") => (Source::Other, own.as_str()),
                    Some("stranger") => (Source::Parent, "https://evil.example"),
                    Some(other) => panic!("{other}"),
                };
                self.session.handle_window(self.now, source, origin, JsonDecoder(value.clone()));
            }
            "does" => match value.as_object().unwrap().iter().next().unwrap() {
                (deed, subject) if deed == "authorize" => self.session.authorize(read_grant(json!({"account": subject}))).unwrap(),
                (deed, reason) if deed == "unauthorized" => {
                    self.session.sign_out(Reason::from_word(reason.as_str().unwrap()).unwrap()).unwrap();
                }
                (deed, _) if deed == "authorizing" => self.session.begin_sign_in(self.now).unwrap(),
                other => panic!("{other:?}"),
            },
            "advance" => {
                let end = self.now + value.as_u64().unwrap();
                while let Some(due) = self.session.poll_timeout().filter(|due| *due <= end) {
                    self.now = due;
                    self.session.handle_timeout(due);
                    self.drain();
                }
                self.now = end;
            }
            // As text: the order of properties counts.
            "says" if value == "$start" => {
                self.said.clear();
            }
            "says" => assert_eq!(json!(std::mem::take(&mut self.said)).to_string(), value.to_string()),
            "hears" => assert_eq!(json!(std::mem::take(&mut self.received)), *value),
            "status" => {
                let view = self.session.view();
                assert_eq!(json!([view.status.as_str(), view.reason.as_str()]), *value);
            }
            "rejected" => {
                let before = std::mem::replace(&mut self.rejected, *self.session.rejected());
                for (place, refusal) in Refusal::ALL.into_iter().enumerate() {
                    let expected = value.get(refusal.name()).and_then(Value::as_u64).unwrap_or(0);
                    assert_eq!(u64::from(self.rejected[place] - before[place]), expected, "{}", refusal.name());
                }
            }
            other => panic!("there is no step {other}"),
        }
        self.drain();
    }
}

fn play_all(dialect: DialectKind, file: &str) {
    let all: Value = serde_json::from_str(file).unwrap();
    for transcript in all["transcripts"].as_array().unwrap() {
        println!("{}", transcript["name"]);
        let steps = transcript["steps"].as_array().unwrap();
        match Player::new(dialect, transcript) {
            Ok(mut player) => steps.iter().enumerate().for_each(|(place, step)| {
                println!("step {place}: {step}");
                player.play(step);
            }),
            Err(error) => assert_eq!(json!([{"error": error.code()}]), transcript["steps"]),
        }
    }
}

#[test]
fn the_widget_speaks_xbees_as_the_transcripts_have_it() {
    play_all(Xbees::KIND, include_str!("vectors/transcripts/xbees/who-is-signed-in.json"));
}

#[test]
fn the_widget_speaks_ringcentral_as_the_transcripts_have_it() {
    play_all(RingCentral::KIND, include_str!("vectors/transcripts/ringcentral/login-and-service.json"));
}

#[test]
fn d17_a_host_that_speaks_another_dialect_cannot_knock_and_another_host_cannot_take_its_place() {
    let mut config = Config::default();
    config.allow("https://app.x-bees.com", Xbees::KIND).unwrap();
    config.allow("https://crm.example.com", DialectKind::NATIVE).unwrap();
    let knock = || JsonDecoder(json!({"type": "authframe:knock", "channel": ""}));
    let opens = |session: &mut Session<JsonDecoder, Any>| session.take_outputs().iter().any(|output| matches!(output, Output::OpenPort));

    // The browser does not say who embeds us: a native host may knock, x-bees may not.
    let mut session = Session::new(config.clone(), Id(1), Any::new(&config));
    session.handle_start(0, Parent::Unknown, OwnOrigin::Tuple).unwrap();
    session.handle_window(0, Source::Parent, "https://app.x-bees.com", knock());
    assert!(!opens(&mut session));
    assert_eq!((session.rejected()[Refusal::Origin as usize], session.host()), (1, None));
    session.handle_window(0, Source::Parent, "https://crm.example.com", knock());
    assert!(opens(&mut session));
    assert_eq!(session.host(), Some("https://crm.example.com"));

    // The referrer hints at x-bees: what a native host says is not taken for x-bees'.
    let mut hinted = Session::new(config.clone(), Id(1), Any::new(&config));
    hinted.handle_start(0, Parent::Hint("https://app.x-bees.com".to_owned()), OwnOrigin::Tuple).unwrap();
    let ready = json!({"version": "1.1.3", "iframeId": null, "status": 1, "readyTimeoutMs": 3000, "logout": "xBeesLogout"});
    hinted.notify_dialect(0, JsonDecoder(ready)).unwrap();
    hinted.take_outputs();
    hinted.handle_window(0, Source::Parent, "https://crm.example.com", JsonDecoder(json!({"type": "xBeesPbxToken", "payload": "forged"})));
    assert_eq!(hinted.rejected()[Refusal::Origin as usize], 1);
    assert!(hinted.take_outputs().is_empty());
}

#[test]
fn the_web_view_of_an_app_is_a_host_only_where_the_configuration_says_so() {
    let mut config = Config::default();
    config.allow("https://app.x-bees.com", Xbees::KIND).unwrap();
    let start = |config: &Config| {
        let mut session = Session::new(config.clone(), Id(1), Any::new(config));
        session.handle_start(0, Parent::Webview, OwnOrigin::Tuple).unwrap();
        session.handle_stored(0, Stored::Empty);
        let ready = json!({"version": "1.1.3", "iframeId": null, "status": 1, "readyTimeoutMs": 3000, "logout": "xBeesLogout"});
        session.notify_dialect(0, JsonDecoder(ready)).unwrap();
        let asks = session.take_outputs().iter().filter(|output| matches!(output, Output::Ask(_) | Output::Report(_))).count();
        (session.host().map(ToOwned::to_owned), asks)
    };
    assert_eq!(start(&config), (None, 0));
    config.allow_webview(Xbees::KIND).unwrap();
    assert_eq!(config.clone().allow_webview(RingCentral::KIND), Err(Error::ConfigInvalid), "RingCentral has no such app");
    assert_eq!(start(&config), (Some("webview".to_owned()), 2));
    // No page has this for an origin.
    let mut session = Session::new(config.clone(), Id(1), Any::new(&config));
    session.handle_start(0, Parent::Known("https://app.x-bees.com".to_owned()), OwnOrigin::Tuple).unwrap();
    session.handle_window(0, Source::Parent, "webview", JsonDecoder(json!({"type": "xBeesLogout"})));
    assert_eq!(session.rejected()[Refusal::Origin as usize], 1);
}
