//! Grants, as an application or a host gives them.

use authframe::session::Grant;
use serde_json::{Value, json};

use super::json::JsonDecoder;

/// A grant, or an identity, made of what the application or the host gave.
pub(crate) fn read_grant(value: Value) -> Grant {
    Grant::read(&JsonDecoder(value)).expect("a grant")
}

/// A grant without a token.
pub(crate) fn grant(subject: &str) -> Grant {
    read_grant(json!({"account": {"subject": subject}}))
}

/// A grant with a token.
pub(crate) fn grant_with(subject: &str, token: &str) -> Grant {
    read_grant(json!({"account": {"subject": subject, "name": "A name"}, "accessToken": token, "expiresAt": 1_900_000_000_000_u64}))
}
