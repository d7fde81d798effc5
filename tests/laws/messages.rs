//! C24, D63: messages that cannot be read, and the limit that both halves share.

use authframe::session::{Refusal, TokenBucket};
use serde_json::Value;

use crate::support::{Tab, config};

#[test]
fn c24_a_message_that_the_browser_could_not_read_is_counted() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, _| session.handle_unreadable());
    assert_eq!(tab.rejected(Refusal::Shape), 1);
}

#[test]
fn d63_both_halves_have_one_rule() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/rate-limit.json")).unwrap();
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    for limit in vectors["limits"].as_array().unwrap() {
        let mut bucket = TokenBucket::new(number(&limit["perSecond"]), number(&limit["seconds"]));
        for step in limit["steps"].as_array().unwrap() {
            let now = step["now"].as_u64().unwrap();
            let passed = (0..number(&step["ask"])).filter(|_| bucket.take(now)).count();
            assert_eq!(passed as u64, step["pass"].as_u64().unwrap(), "{step}");
        }
    }
}
