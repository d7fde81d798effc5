/// A mark by which two tabs know that they mean the same account, without the account's name standing in storage:
/// `<salt>.<hash>`, where the salt is the id of the tab that signed in first.
///
/// It hides the subject from a glance and from a copy of another partition's storage. It does not withstand somebody
/// who can read this storage and guesses subjects; such a one is inside the origin already.
pub fn subject_tag(salt: &str, subject: &str) -> String {
    let mut key = [0_u64; 2];
    for (place, byte) in salt.bytes().enumerate() {
        let half = usize::from(place % 16 >= 8);
        if let Some(part) = key.get_mut(half) {
            *part = part.rotate_left(8) ^ u64::from(byte);
        }
    }
    let mut tag = String::with_capacity(salt.len().saturating_add(17));
    tag.push_str(salt);
    tag.push('.');
    push_hex(&mut tag, &sip_hash_2_4(key, subject.as_bytes()).to_be_bytes());
    tag
}

const SALT_DIGITS: usize = 16;

/// The salt of a tag, or the whole of it if it has none.
pub(crate) fn salt_of(tag: &str) -> &str {
    tag.get(..SALT_DIGITS).unwrap_or(tag)
}

/// Lower-case hex digits of `bytes`.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
}

// Keyed hash for short inputs: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), section 2.
fn sip_hash_2_4(key: [u64; 2], data: &[u8]) -> u64 {
    let [k0, k1] = key;
    let mut v = [k0 ^ 0x736f_6d65_7073_6575, k1 ^ 0x646f_7261_6e64_6f6d, k0 ^ 0x6c79_6765_6e65_7261, k1 ^ 0x7465_6462_7974_6573];
    let (blocks, tail) = data.as_chunks::<8>();
    for block in blocks {
        absorb(&mut v, u64::from_le_bytes(*block));
    }
    let mut last = (data.len() as u64) << 56;
    for (place, byte) in tail.iter().enumerate() {
        last |= u64::from(*byte) << (place.wrapping_mul(8));
    }
    absorb(&mut v, last);
    v[2] ^= 0xff;
    for _ in 0..4 {
        round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn absorb(v: &mut [u64; 4], block: u64) {
    v[3] ^= block;
    round(v);
    round(v);
    v[0] ^= block;
}

fn round(v: &mut [u64; 4]) {
    let [a, b, c, d] = v;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_test_vectors_of_the_siphash_paper() {
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        let data: Vec<u8> = (0..15).collect();
        assert_eq!(sip_hash_2_4(key, &data), 0xa129_ca61_49be_45e5);
        assert_eq!(sip_hash_2_4(key, &[]), 0x726f_db47_dd0e_0e31);
    }

    #[test]
    fn the_same_subject_under_another_salt_has_another_tag() {
        assert_ne!(
            subject_tag("00112233445566aa", "ada").split('.').next_back(),
            subject_tag("00112233445566ab", "ada").split('.').next_back()
        );
    }

    #[test]
    fn the_tag_carries_its_salt_and_not_the_subject() {
        let tag = subject_tag("0011223344556677", "ada@example.com");
        assert_eq!(salt_of(&tag), "0011223344556677");
        assert!(!tag.contains("ada"));
    }
}
