//! Values made by dice of what our own messages are made of, and of what attackers like.

use serde_json::{Map, Value, json};

/// Marsaglia's xorshift64*: the same values every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    pub(crate) fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

// What our own messages are made of, and what attackers like.
const KEYS: [&str; 24] = [
    "type",
    "type",
    "type",
    "id",
    "id",
    "channel",
    "nonce",
    "version",
    "min",
    "max",
    "code",
    "identity",
    "account",
    "subject",
    "name",
    "accessToken",
    "expiresAt",
    "session",
    "capabilities",
    "data",
    "__proto__",
    "constructor",
    "prototype",
    "",
];

pub(crate) const RECORD_KEYS: [&str; 10] =
    ["v", "v", "epoch", "sequence", "writer", "status", "reason", "expiresAt", "subjectTag", "__proto__"];

pub(crate) const WORDS: [&str; 30] = [
    "authframe:knock",
    "authframe:hello",
    "welcome",
    "refuse",
    "open",
    "session",
    "identity",
    "identity",
    "sign-out",
    "sign-in",
    "request",
    "reply",
    "error",
    "message",
    "bye",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "",
    "ada",
    "bob",
    "authorized",
    "unauthorized",
    "sign-in",
    "user",
    "0101010101010101",
    "01010101010101010101010101010101",
    "\u{0}\u{ffff}\u{1f600}",
    "VERSION_MISMATCH",
];

pub(crate) fn value(random: &mut Random, keys: &[&str], depth: usize) -> Value {
    match random.below(if depth == 0 { 8 } else { 14 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(4)),
        3 => json!([-1.0, 0.5, 1e300, -0.0, 4_294_967_295.0, 4_294_967_296.0, 2_147_483_648.0, 5e-324][random.below(8)]),
        4..=6 => json!(random.of(&WORDS)),
        7 => match random.below(50) {
            0 => json!("x".repeat(random.below(20_000))),
            _ => json!("\u{1f600}".repeat(random.below(140))),
        },
        8 => (0..random.below(4)).map(|_| value(random, keys, depth - 1)).collect(),
        _ => object(random, keys, depth),
    }
}

pub(crate) fn object(random: &mut Random, keys: &[&str], depth: usize) -> Value {
    let mut fields = Map::new();
    for _ in 0..random.below(6) {
        let key = random.of(keys).to_owned();
        fields.insert(key, value(random, keys, depth - 1));
    }
    Value::Object(fields)
}

/// A message: half of them look like ours at the first glance.
pub(crate) fn message(random: &mut Random) -> Value {
    let mut message = value(random, &KEYS, 3);
    if let (Value::Object(fields), 0) = (&mut message, random.below(2)) {
        fields.insert("type".to_owned(), json!(random.of(&WORDS[..15])));
        if random.below(2) == 0 {
            fields.insert("id".to_owned(), json!(random.below(9)));
        }
        if random.below(4) == 0 {
            let subject = json!(random.of(&WORDS));
            let account = if random.below(2) == 0 { subject } else { json!({"subject": subject, "name": value(random, &KEYS, 0)}) };
            fields.insert("identity".to_owned(), json!({"account": account, "accessToken": value(random, &KEYS, 0)}));
        }
    }
    message
}
