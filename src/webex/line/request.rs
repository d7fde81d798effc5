//! The registrar's requests, for callers in Rust. `js/webex/registrar.ts` makes the same: `tests/vectors/webex/requests.json` holds both.

use serde::Serialize;

use super::super::Settings;
use super::super::retry::Dice;
use super::output::{Purpose, Send};
use crate::http::{Method, Request};

/// All but the token.
pub(super) fn request(settings: &Settings, dice: &mut Dice, send: &Send) -> Request {
    let Send { purpose, url, device_url, .. } = send;
    let (method, tracking) = match purpose {
        Purpose::Register => (Method::Post, "webex-web-client_"),
        Purpose::Keepalive => (Method::Post, "web_worker_"),
        Purpose::Deregister => (Method::Delete, "webex-web-client_"),
        // Without a token nothing else goes along either.
        Purpose::Ping => return Request { method: Method::Get, url: url.clone(), headers: Vec::new(), body: None },
    };
    let device_url = device_url.as_ref().unwrap_or(&settings.client_device_uri);
    let mut headers = vec![
        ("cisco-device-url".to_owned(), device_url.clone()),
        ("spark-user-agent".to_owned(), "webex-calling/beta".to_owned()),
        ("trackingid".to_owned(), [tracking, &uuid(dice)].concat()),
    ];
    let mut body = None;
    if *purpose == Purpose::Register {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        body = Some(register_body(settings));
    }
    Request { method, url: url.clone(), headers, body }
}

fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.roll(), dice.roll());
    let digits = crate::session::hex(&[(high & !0xf000) | 0x4000, (low & (u64::MAX >> 2)) | (1 << 63)]);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Register<'a> {
    user_id: &'a str,
    client_device_uri: &'a str,
    service_data: ServiceData<'a>,
}

#[derive(Serialize)]
struct ServiceData<'a> {
    indicator: &'static str,
    domain: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwe: Option<&'a str>,
}

fn register_body(settings: &Settings) -> String {
    let Settings { user_id, client_device_uri, indicator, domain, jwe, .. } = settings;
    let service_data = ServiceData { indicator: indicator.as_str(), domain, jwe: jwe.as_deref() };
    // Text and no map with other keys: this cannot fail.
    serde_json::to_string(&Register { user_id, client_device_uri, service_data }).unwrap_or_default()
}
