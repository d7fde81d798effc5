use super::id::{Id, hex};

/// A mark by which two tabs know that they mean the same account, without the account's name standing in storage: a hash of the
/// subject under a salt, which is the id of the tab that signed in first.
///
/// It hides the subject from a glance and from a copy of another partition's storage. It does not withstand an attacker
/// who can read this storage and guesses subjects: they are inside the origin already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectTag {
    /// What makes the same subject look different in another partition.
    pub salt: Id,
    /// The hash.
    pub hash: Id,
}

impl SubjectTag {
    /// The tag of a subject.
    pub fn new(salt: Id, subject: &str) -> Self {
        Self { salt, hash: Id(sip_hash_2_4([salt.0, !salt.0], subject.as_bytes())) }
    }

    /// The digits of the salt and of the hash, or nothing for no user. Every tag has one text and every text one tag: else two tabs
    /// could go on correcting each other.
    pub fn to_text(self) -> String {
        if self == Self::default() {
            return String::new();
        }
        hex(&[self.salt.0, self.hash.0])
    }

    /// Reads exactly 32 hex digits, or nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (salt, hash) = text.split_at_checked(16).filter(|(_, hash)| !hash.is_empty())?;
        Some(Self { salt: Id::from_text(salt)?, hash: Id::from_text(hash)? })
    }
}

// Keyed hash for short inputs: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), section 2.
fn sip_hash_2_4([k0, k1]: [u64; 2], data: &[u8]) -> u64 {
    let mut v = [k0 ^ 0x736f_6d65_7073_6575, k1 ^ 0x646f_7261_6e64_6f6d, k0 ^ 0x6c79_6765_6e65_7261, k1 ^ 0x7465_6462_7974_6573];
    // Blocks of eight bytes, the last one filled with zeros and the length.
    let mut block = 0_u64;
    for place in 0..=data.len() | 7 {
        let byte = data.get(place).copied().unwrap_or(if place % 8 == 7 { data.len() as u8 } else { 0 });
        block = block >> 8 | u64::from(byte) << 56;
        if place % 8 == 7 {
            let [.., d] = &mut v;
            *d ^= block;
            rounds(&mut v, 2);
            let [a, ..] = &mut v;
            *a ^= block;
        }
    }
    let [_, _, c, _] = &mut v;
    *c ^= 0xff;
    rounds(&mut v, 4);
    let [a, b, c, d] = v;
    a ^ b ^ c ^ d
}

fn rounds([a, b, c, d]: &mut [u64; 4], count: u8) {
    for _ in 0..count {
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_test_vectors_of_the_siphash_paper() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let data: Vec<u8> = (0..16).collect();
        assert_eq!(sip_hash_2_4(key, &data[..15]), 0xa129_ca61_49be_45e5);
        assert_eq!(sip_hash_2_4(key, &[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(sip_hash_2_4(key, &data[..8]), 0x93f5_f579_9a93_2462);
    }

    #[test]
    fn the_same_subject_under_another_salt_has_another_hash() {
        assert_ne!(SubjectTag::new(Id(1), "ada").hash, SubjectTag::new(Id(2), "ada").hash);
    }
}
