//! What a tab leaves for the next one.

use super::super::Device;
use crate::session::Millis;

/// What another tab, or this one after a reload, needs to go on with a line. There is no token in it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "webex", derive(serde::Serialize, serde::Deserialize), serde(tag = "state", rename_all = "camelCase"))]
pub enum Saved {
    /// It is registered.
    Active {
        /// The device.
        device: Device,
        /// What the last keepalive came to.
        connection: Connection,
    },
    /// It is being registered.
    Retrying {
        /// When it failed first.
        since: Option<Millis>,
        /// How often it waited.
        tries: u32,
        /// 0: at the primary registrars; 1 and 2: the first and the second time at the backups.
        round: u8,
        /// When it goes on.
        until: Millis,
    },
}

/// Whether the registrar answers a registered line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "webex", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
pub enum Connection {
    /// The last keepalive succeeded.
    #[default]
    Connected,
    /// It did not: listeners have received `reconnecting`, and no `reconnected` since.
    Reconnecting,
}

impl Connection {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
        }
    }
}
