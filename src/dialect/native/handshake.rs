use crate::session::{Decoder, Malformed, Millis, Refusal, hex};

/// The only version of the native protocol there is.
pub const VERSION: u32 = 1;
/// How long a nonce is good, in milliseconds (`docs/protocol.md` section 4).
pub const NONCE_LIFE: Millis = 60_000;

const NONCE_DIGITS: u32 = 32;

/// The widget's half of the native handshake (`docs/protocol.md` section 2). It has no transport: the dialect gives it words.
#[derive(Debug, Default)]
pub struct Handshake {
    // The nonce of the newest hello, and until when it is good.
    offered: Option<(String, Millis)>,
    connected: bool,
}

impl Handshake {
    /// Begins anew, with 128 bits from a cryptographic source: every earlier hello is void. Gives the nonce as 32 lower-case hex digits.
    pub fn hello(&mut self, now: Millis, nonce: [u64; 2]) -> String {
        self.connected = false;
        let nonce = hex(&nonce);
        self.offered = Some((nonce.clone(), now.saturating_add(NONCE_LIFE)));
        nonce
    }

    /// Takes a welcome. A nonce that fits is spent, whatever comes of it.
    ///
    /// # Errors
    /// [`Refusal::Replay`] if the nonce is not that of the newest hello, was used before or has expired; [`Refusal::Shape`] if a field is
    /// broken or the version is not one that we offered.
    pub fn welcome(&mut self, now: Millis, message: &impl Decoder) -> Result<(), Refusal> {
        let (nonce, version) = read(message).map_err(|_| Refusal::Shape)?;
        self.offered.take_if(|(offered, until)| *offered == nonce && now <= *until).ok_or(Refusal::Replay)?;
        if version != VERSION {
            return Err(Refusal::Shape);
        }
        self.connected = true;
        Ok(())
    }

    /// Takes a refusal; true if there was a hello to refuse, which is spent now.
    pub fn refuse(&mut self) -> bool {
        self.offered.take().is_some()
    }

    /// Ends the connection; true if there was one.
    pub fn reset(&mut self) -> bool {
        self.offered = None;
        std::mem::take(&mut self.connected)
    }

    /// Whether a version is agreed on.
    pub const fn connected(&self) -> bool {
        self.connected
    }
}

fn read(message: &impl Decoder) -> Result<(String, u32), Malformed> {
    Ok((message.required_text("nonce", NONCE_DIGITS)?, message.count("version")?))
}
