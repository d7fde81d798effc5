use std::error::Error;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::js::{AuthRejected, RetryLater};
use crate::interop::{Callback, grant_from_js, grant_to_js, property, text_of, thrown};
use crate::session::{AcquireReason, Grant};

const REFUSED: &str = "the server refused";

/// Who wants an account, and why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AcquireRequest {
    /// Why it is asked for.
    pub reason: AcquireReason,
    /// The user as the host named them; only with [`AcquireReason::SignIn`]. Check the token at your server.
    pub identity: Option<Grant>,
    /// What is to be renewed; only with [`AcquireReason::Refresh`].
    pub credential: Option<Grant>,
}

/// Why there is no account.
///
/// By `?` it is [`Failed`](Self::Failed) with what implements [`std::error::Error`], a text, a `Box<dyn Error>` or an `anyhow::Error`; with what JavaScript has thrown by `map_err(BridgeError::from)?`,
/// with a `Box<dyn Error + Send + Sync>` by `map_err(|error| error as Box<dyn Error>)?`.
/// It is no `Error` itself, as `anyhow::Error` is none: else `?` could not make it of one.
#[derive(Debug)]
#[non_exhaustive]
pub enum AcquireError {
    /// The server refused: it is not tried again.
    Refused,
    /// The server has said when to come again (`Retry-After`), at most a day; `None` if it does not say when.
    Later(Option<Duration>),
    /// It failed: it is tried again with growing pauses.
    Failed(Box<dyn Error>),
}

impl<E: Into<Box<dyn Error>>> From<E> for AcquireError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str(REFUSED),
            Self::Later(None) => f.write_str("the server has said to come again later"),
            Self::Later(Some(after)) => write!(f, "the server has said to come again in {after:?}"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl From<AcquireError> for JsValue {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::Refused => AuthRejected::new(REFUSED).into(),
            AcquireError::Later(after) => RetryLater::new(&after.map_or(Self::NULL, |after| Self::from_f64(after.as_secs_f64()))).into(),
            AcquireError::Failed(error) => thrown(error),
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
    /// A request without more, for tests of the application's own. The bridge makes those that it hands to `acquire`.
    pub const fn new(reason: AcquireReason) -> Self {
        Self { reason, identity: None, credential: None }
    }

    /// With the user as the host named them.
    #[must_use]
    pub fn with_identity(mut self, identity: Grant) -> Self {
        self.identity = Some(identity);
        self
    }

    /// With what is to be renewed.
    #[must_use]
    pub fn with_credential(mut self, credential: Grant) -> Self {
        self.credential = Some(credential);
        self
    }

    fn read(request: &JsValue) -> Self {
        Self {
            reason: text_of(request, "reason").and_then(|word| AcquireReason::from_word(&word)).unwrap_or(AcquireReason::Restore),
            identity: grant_from_js(&property(request, "identity")),
            credential: grant_from_js(&property(request, "credential")),
        }
    }
}
