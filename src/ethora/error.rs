use std::fmt;

/// What went wrong, with a stable [`code`](Error::code). It holds nothing of what was sent or received, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An access code is not four digits of `0` and `1`.
    AccessCodeInvalid,
    /// What should be made is there already.
    AlreadyExists,
    /// The app id is empty, too long, or has other characters than letters, digits, `-` and `_`.
    AppIdInvalid,
    /// An app token's id cannot stand in a path.
    AppTokenInvalid,
    /// The base URL is not one, or has a query, a fragment, a user or a slash at its end.
    BaseInvalid,
    /// The body is not JSON.
    BodyInvalid,
    /// A chat's id or title is empty or too long, or its number is above 9007199254740991.
    ChatInvalid,
    /// A further field has the name of one that has a place of its own.
    FieldRepeated,
    /// The server knows who asks and does not allow it.
    Forbidden,
    /// A JID is not `name@domain`.
    JidInvalid,
    /// A job id cannot stand in a path.
    JobInvalid,
    /// A token is not signed with HS256.
    JwtAlg,
    /// A token says one thing in `data` and another beside it.
    JwtAmbiguous,
    /// A token is of another app.
    JwtApp,
    /// A token has ended.
    JwtExpired,
    /// A token is no JWT with a JSON object in it.
    JwtMalformed,
    /// A token begins later.
    JwtNotYetValid,
    /// A client token names no user.
    JwtNoSubject,
    /// A token is signed with another key.
    JwtSignature,
    /// A token is neither for a client nor for a server.
    JwtType,
    /// A list has no entry.
    ListEmpty,
    /// A list has more entries than one request may.
    ListTooLong,
    /// Neither a JID nor a UUID was given, or both.
    NotExactlyOne,
    /// What is asked for is not there.
    NotFound,
    /// An update changes nothing.
    NothingToChange,
    /// The server refuses what the request says.
    Rejected,
    /// The reply is not what this request is answered with.
    ReplyInvalid,
    /// The App Secret is empty.
    SecretInvalid,
    /// The server failed.
    ServerFailed,
    /// A path or a header of the settings cannot be sent.
    SettingsInvalid,
    /// A text of an app, a bot, a broadcast or a description is empty, too long, or has control characters.
    TextInvalid,
    /// A time is no whole second before the year 10000, or a token would expire before it begins.
    TimeInvalid,
    /// The server token is empty or cannot stand in a header.
    TokenInvalid,
    /// The server does not take the token.
    Unauthorized,
    /// A user's id, e-mail, name or password, or a tenant's id, is empty or too long.
    UserInvalid,
}

impl Error {
    /// All of them, in their order.
    pub const ALL: [Self; 35] = [
        Self::AccessCodeInvalid,
        Self::AlreadyExists,
        Self::AppIdInvalid,
        Self::AppTokenInvalid,
        Self::BaseInvalid,
        Self::BodyInvalid,
        Self::ChatInvalid,
        Self::FieldRepeated,
        Self::Forbidden,
        Self::JidInvalid,
        Self::JobInvalid,
        Self::JwtAlg,
        Self::JwtAmbiguous,
        Self::JwtApp,
        Self::JwtExpired,
        Self::JwtMalformed,
        Self::JwtNotYetValid,
        Self::JwtNoSubject,
        Self::JwtSignature,
        Self::JwtType,
        Self::ListEmpty,
        Self::ListTooLong,
        Self::NotExactlyOne,
        Self::NotFound,
        Self::NothingToChange,
        Self::Rejected,
        Self::ReplyInvalid,
        Self::SecretInvalid,
        Self::ServerFailed,
        Self::SettingsInvalid,
        Self::TextInvalid,
        Self::TimeInvalid,
        Self::TokenInvalid,
        Self::Unauthorized,
        Self::UserInvalid,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessCodeInvalid => "ACCESS_CODE_INVALID",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::AppIdInvalid => "APP_ID_INVALID",
            Self::AppTokenInvalid => "APP_TOKEN_INVALID",
            Self::BaseInvalid => "BASE_INVALID",
            Self::BodyInvalid => "BODY_INVALID",
            Self::ChatInvalid => "CHAT_INVALID",
            Self::FieldRepeated => "FIELD_REPEATED",
            Self::Forbidden => "FORBIDDEN",
            Self::JidInvalid => "JID_INVALID",
            Self::JobInvalid => "JOB_INVALID",
            Self::JwtAlg => "JWT_ALG",
            Self::JwtAmbiguous => "JWT_AMBIGUOUS",
            Self::JwtApp => "JWT_APP",
            Self::JwtExpired => "JWT_EXPIRED",
            Self::JwtMalformed => "JWT_MALFORMED",
            Self::JwtNotYetValid => "JWT_NOT_YET_VALID",
            Self::JwtNoSubject => "JWT_NO_SUBJECT",
            Self::JwtSignature => "JWT_SIGNATURE",
            Self::JwtType => "JWT_TYPE",
            Self::ListEmpty => "LIST_EMPTY",
            Self::ListTooLong => "LIST_TOO_LONG",
            Self::NotExactlyOne => "NOT_EXACTLY_ONE",
            Self::NotFound => "NOT_FOUND",
            Self::NothingToChange => "NOTHING_TO_CHANGE",
            Self::Rejected => "REJECTED",
            Self::ReplyInvalid => "REPLY_INVALID",
            Self::SecretInvalid => "SECRET_INVALID",
            Self::ServerFailed => "SERVER_FAILED",
            Self::SettingsInvalid => "SETTINGS_INVALID",
            Self::TextInvalid => "TEXT_INVALID",
            Self::TimeInvalid => "TIME_INVALID",
            Self::TokenInvalid => "TOKEN_INVALID",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::UserInvalid => "USER_INVALID",
        }
    }

    /// Who can fix it: `app` (the code that calls us), or `peer` (Ethora's server).
    pub const fn responsible(self) -> &'static str {
        match self {
            Self::ReplyInvalid | Self::ServerFailed => "peer",
            _ => "app",
        }
    }

    /// What is wrong and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::AccessCodeInvalid => "an access code is four digits of 0 and 1",
            Self::AlreadyExists => "it exists already",
            Self::AppIdInvalid => "an app id has 1 to 128 letters, digits, - and _",
            Self::AppTokenInvalid => "an app token's id has 1 to 128 letters, digits, - and _",
            Self::BaseInvalid => {
                "a base URL is http(s)://host[:port][/path] without a slash at its end, and for all but the original API without a version such as /v1: each call adds its own"
            }
            Self::BodyInvalid => "the body is not JSON",
            Self::ChatInvalid => "a chat's id has 1 to 256 characters, its title 1 to 1024, its number is at most 9007199254740991",
            Self::FieldRepeated => "a further field has the name of one that has a place of its own",
            Self::Forbidden => "the server does not allow it (403)",
            Self::JidInvalid => "a JID is name@domain",
            Self::JobInvalid => "a job id has 1 to 128 letters, digits, - and _",
            Self::JwtAlg => "tokens are signed with HS256",
            Self::JwtAmbiguous => "the token says one thing in `data` and another beside it",
            Self::JwtApp => "the token is for another appId",
            Self::JwtExpired => "the token has expired: sign a new one",
            Self::JwtMalformed => "this is no JWT with a JSON object in it: give what clientToken() or serverToken() has returned",
            Self::JwtNotYetValid => "the token is not valid yet: compare the clocks",
            Self::JwtNoSubject => "the token names no user: set data.userId, or email",
            Self::JwtSignature => "the token was signed with another secret, or was changed",
            Self::JwtType => "the type of the token is neither client nor server",
            Self::ListEmpty => "give at least one entry",
            Self::ListTooLong => "one update takes at most 100 users: send several",
            Self::NotExactlyOne => "give a JID or a UUID, not both",
            Self::NotFound => "it is not there",
            Self::NothingToChange => "give at least one field to change",
            Self::Rejected => "the server refuses the request: its reply says why",
            Self::ReplyInvalid => "the reply is not what this request is answered with: the call that reads it says what it expects",
            Self::SecretInvalid => "the App Secret is empty",
            Self::ServerFailed => "the server failed: try again later",
            Self::SettingsInvalid => "a path begins with / and has no query, a header has a name and visible characters",
            Self::TextInvalid => "a text has 1 to 65536 characters, and no control characters but tabs and the ends of lines",
            Self::TimeInvalid => "times are whole seconds since 1970, and exp is after iat",
            Self::TokenInvalid => "the server token is not a JWT",
            Self::Unauthorized => "the server does not take the token (401): check app id, secret and clock",
            Self::UserInvalid => "what is said of a user has 1 to 1024 characters, an id 1 to 256",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for Error {}
