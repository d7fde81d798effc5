/// 64 bits that name a tab or an account, written as 16 lower-case hex digits. Zero names none and is written as nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub u64);

impl Id {
    /// The digits, or nothing for zero.
    pub fn to_text(self) -> String {
        if self.0 == 0 { String::new() } else { hex(&[self.0]) }
    }

    /// Reads exactly 16 hex digits, or nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        let fold = |id: u64, byte: u8| Some(id << 4 | u64::from(char::from(byte).to_digit(16)?));
        if matches!(text.len(), 0 | 16) { text.bytes().try_fold(0, fold).map(Self) } else { None }
    }
}

/// 16 lower-case hex digits for each number.
pub(crate) fn hex(numbers: &[u64]) -> String {
    let mut text = String::new();
    for number in numbers {
        let mut rest = *number;
        for _ in 0..16 {
            rest = rest.rotate_left(4);
            let digit = (rest & 15) as u8;
            let ascii = if digit < 10 { b'0' | digit } else { (b'a' - 10).wrapping_add(digit) };
            // So the compiler knows that it is one byte.
            text.push(char::from(ascii & 0x7f));
        }
    }
    text
}
