use std::future::Future;
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::js::{AuthRejected, RetryLater};
use crate::interop::{Callback, grant_from_js, grant_to_js, property, text_of};
use crate::session::{AcquireReason, Grant};

/// Who wants an account, and why.
#[derive(Clone, Debug)]
pub struct AcquireRequest {
    /// Why it is asked for.
    pub reason: AcquireReason,
    /// The user as the host named them; only with [`AcquireReason::SignIn`]. Check the token at your server.
    pub identity: Option<Grant>,
    /// What is to be renewed; only with [`AcquireReason::Refresh`].
    pub credential: Option<Grant>,
}

/// Why there is no account. What implements [`std::error::Error`] becomes [`Failed`](Self::Failed) with `?`.
#[derive(Debug)]
pub enum AcquireError {
    /// The server refused: it is not tried again.
    Refused,
    /// The server has said when to come again (`Retry-After`), at most a day; `None` if it does not say when.
    Later(Option<Duration>),
    /// It failed: it is tried again with growing pauses.
    Failed(String),
}

impl<E: std::error::Error> From<E> for AcquireError {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<AcquireError> for JsValue {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::Refused => AuthRejected::new("the server refused").into(),
            AcquireError::Later(after) => RetryLater::new(&after.map_or(Self::NULL, |after| Self::from_f64(after.as_secs_f64()))).into(),
            AcquireError::Failed(message) => js_sys::Error::new(&message).into(),
        }
    }
}

/// As TypeScript calls it.
pub(super) fn callback<A, F>(acquire: A) -> Callback
where
    A: Fn(AcquireRequest) -> F + 'static,
    F: Future<Output = Result<Option<Grant>, AcquireError>> + 'static,
{
    Callback::new(move |request| answered(acquire(AcquireRequest::read(&request))))
}

/// A grant as TypeScript awaits it.
pub(super) async fn answered(grant: impl Future<Output = Result<Option<Grant>, AcquireError>>) -> Result<JsValue, JsValue> {
    Ok(grant.await?.map_or(JsValue::NULL, |grant| grant_to_js(&grant)))
}

impl AcquireRequest {
    fn read(request: &JsValue) -> Self {
        Self {
            reason: text_of(request, "reason").and_then(|word| AcquireReason::from_word(&word)).unwrap_or(AcquireReason::Restore),
            identity: grant_from_js(&property(request, "identity")),
            credential: grant_from_js(&property(request, "credential")),
        }
    }
}
