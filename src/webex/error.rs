use std::fmt;

/// What the vendor's SDK calls an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// `bad_request`: 400.
    BadRequest,
    /// `token_error`: 401.
    TokenError,
    /// `forbidden`: 403.
    Forbidden,
    /// `not_found`: 404.
    NotFound,
    /// `too_many_requests`: 429.
    TooManyRequests,
    /// `server_error`: 500.
    ServerError,
    /// `service_unavailable`: 503, and if no registrar is left.
    ServiceUnavailable,
    /// `default_error`: any other status, or no answer.
    DefaultError,
}

impl ErrorType {
    /// The SDK's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::TokenError => "token_error",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::TooManyRequests => "too_many_requests",
            Self::ServerError => "server_error",
            Self::ServiceUnavailable => "service_unavailable",
            Self::DefaultError => "default_error",
        }
    }
}

/// A failed registration or keepalive: in the SDK's words, and in those of the vendor's guide. It holds nothing of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineError {
    /// The SDK's type.
    pub error_type: ErrorType,
    /// The SDK's text.
    pub message: &'static str,
    /// The status of HTTP, 0 if there was no answer or all registrars have failed.
    pub status: u16,
    /// The registrar's own code of a 403: 101 (device limit), 102, 103.
    pub error_code: Option<u16>,
    /// Whether nothing more is tried by itself.
    pub is_fatal: bool,
}

const NO_TEXT: &str = "An unknown error occurred. Wait a moment and try again. Please contact the administrator if the problem persists.";

impl LineError {
    /// What a status says (0: there was no answer), and with 403 the code of its body.
    pub const fn of(status: u16, error_code: Option<u16>) -> Self {
        use ErrorType as Type;
        let (error_type, is_fatal, message) = match (status, error_code) {
            (400, _) => (
                Type::BadRequest,
                true,
                "Invalid input. Please verify the required parameters, sign out and then sign back in with the valid data",
            ),
            (401, _) => (Type::TokenError, true, "User is unauthorized due to an expired token. Sign out, then sign back in."),
            (403, None) => (
                Type::Forbidden,
                false,
                "An unauthorized action has been received. This action has been blocked. Please contact the administrator if this persists.",
            ),
            (403, Some(101)) => (Type::Forbidden, true, DEVICE_LIMIT),
            (403, Some(102)) => (
                Type::Forbidden,
                true,
                "User is not configured for WebRTC calling. Please contact the administrator to resolve this issue.",
            ),
            (403, Some(103)) => {
                (Type::Forbidden, false, "An unknown error occurred while provisioning the device. Wait a moment and try again.")
            }
            (403, _) => (Type::Forbidden, false, NO_TEXT),
            (404, _) => (Type::NotFound, true, "Webex Calling is unable to find your device. Sign out, then sign back in"),
            (429, _) => (Type::TooManyRequests, false, "Server is handling too many request at the time. Wait a moment and try again"),
            (500, _) => (Type::ServerError, false, "An unknown error occurred while placing the request. Wait a moment and try again."),
            (503, _) => (
                Type::ServiceUnavailable,
                false,
                "An error occurred on the server while processing the request. Wait a moment and try again.",
            ),
            _ => (Type::DefaultError, false, "Unknown error"),
        };
        let error_code = if status == 403 { error_code } else { None };
        Self { error_type, message, status, error_code, is_fatal }
    }

    /// No registrar is left.
    pub(super) const EXHAUSTED: Self =
        Self { error_type: ErrorType::ServiceUnavailable, message: NO_TEXT, status: 0, error_code: None, is_fatal: true };

    /// The type in the vendor's guide: `tokenError` or `registrationError`.
    pub const fn documented_type(&self) -> &'static str {
        if matches!(self.error_type, ErrorType::TokenError) { "tokenError" } else { "registrationError" }
    }

    /// The text in the vendor's guide, else the SDK's.
    pub const fn documented_message(&self) -> &'static str {
        match (self.status, self.error_code) {
            (401, _) => "Token expired. Authentication/Authorization error.",
            (403, Some(101)) => DEVICE_LIMIT,
            (404, _) => "Device not found.",
            _ => self.message,
        }
    }
}

const DEVICE_LIMIT: &str = "Device limit exceeded. The user already logged in to a different device.";

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for LineError {}
