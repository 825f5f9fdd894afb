//! A quick walk over JSON text that proves its grammar and keeps slices of it.
//!
//! Proving a body to be JSON without building anything from it is most of what
//! reading an envelope costs, and Stripe's bodies are a quarter white space.
//! This walk looks at eight bytes at a time, and takes care that where it reads
//! next rarely waits for what it has just read. It may give up on anything at all
//! (`None`): the caller then asks `serde_json`, which also words the error. It
//! must never take what `serde_json` refuses; `event/tests.rs` holds it to that.

/// Deeper bodies are left to `serde_json`. One bit each, below a marker.
const DEPTH_MAX: u32 = 62;
const BYTES: usize = size_of::<u64>();
const LOW: u64 = u64::from_ne_bytes([0x01; BYTES]);
const HIGH: u64 = u64::from_ne_bytes([0x80; BYTES]);

/// A place in a text, between tokens.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Walks over the members of the object that stands here. `member` is told
    /// each name, as written and without its quotes, and has to walk over the
    /// value; with `None` it gives up.
    pub(super) fn members(
        &mut self,
        mut member: impl FnMut(&'a str, &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = self.name()?;
            member(name, self)?;
            match self.token()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A string's inside, as long as it reads as it is written.
    pub(super) fn plain_string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        self.string_rest()?;
        let inside = self.text.get(start..self.at - 1)?;
        (!inside.contains('\\')).then_some(inside)
    }

    /// One value of any kind, as written.
    pub(super) fn value(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// `Some` when only white space is left.
    pub(super) fn end(mut self) -> Option<()> {
        self.spaces();
        (self.at == self.text.len()).then_some(())
    }

    /// The first byte of the next token, which is left where it is.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let byte = self.byte()?;
        if byte > b' ' {
            return Some(byte);
        }
        if byte == b' ' {
            // After a colon: one space and no more.
            self.at += 1;
            let byte = self.byte()?;
            if byte > b' ' {
                return Some(byte);
            }
        }
        self.spaces();
        self.byte()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn word(&self) -> Option<u64> {
        let chunk = self.text.as_bytes().get(self.at..)?.first_chunk()?;
        Some(u64::from_le_bytes(*chunk))
    }

    #[inline]
    fn token(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.token()? == wanted).then_some(())
    }

    /// A line end and the indentation after it go at once.
    #[inline]
    fn spaces(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
            while let Some(word) = self.word() {
                let other = word ^ (LOW * 0x20);
                if other != 0 {
                    self.at += low_zero_bytes(other);
                    break;
                }
                self.at += BYTES;
            }
        }
    }

    /// A member's name and the colon after it.
    #[inline]
    fn name(&mut self) -> Option<&'a str> {
        let name = self.plain_string()?;
        self.expect(b':')?;
        Some(name)
    }

    /// Walks over one value, however deep, without recursion.
    fn skip(&mut self) -> Option<()> {
        // The innermost container is the lowest bit: 1 for an object.
        let mut open = 1_u64;
        loop {
            match self.token()? {
                b'"' => self.string_rest()?,
                container @ (b'{' | b'[') => {
                    if open.leading_zeros() < u64::BITS - DEPTH_MAX {
                        return None;
                    }
                    let is_object = container == b'{';
                    // `}` is two after `{`, and `]` two after `[`.
                    if self.peek()? == container + 2 {
                        self.at += 1;
                    } else {
                        open = open << 1 | u64::from(is_object);
                        if is_object {
                            self.skip_name()?;
                        }
                        continue;
                    }
                }
                b't' => self.literal(b"rue")?,
                b'f' => self.literal(b"alse")?,
                b'n' => self.literal(b"ull")?,
                first @ (b'-' | b'0'..=b'9') => self.number_rest(first)?,
                _ => return None,
            }
            loop {
                if open == 1 {
                    return Some(());
                }
                let in_object = open & 1 == 1;
                match self.token()? {
                    b',' => {
                        if in_object {
                            self.skip_name()?;
                        }
                        break;
                    }
                    b'}' if in_object => open >>= 1,
                    b']' if !in_object => open >>= 1,
                    _ => return None,
                }
            }
        }
    }

    #[inline]
    fn skip_name(&mut self) -> Option<()> {
        self.expect(b'"')?;
        self.string_rest()?;
        self.expect(b':')
    }

    #[inline]
    fn literal(&mut self, rest: &[u8]) -> Option<()> {
        let found = self.text.as_bytes().get(self.at..self.at + rest.len())?;
        self.at += rest.len();
        (found == rest).then_some(())
    }

    /// Up to and with the closing quote.
    #[inline]
    fn string_rest(&mut self) -> Option<()> {
        loop {
            while let Some(word) = self.word() {
                let zero = |x: u64| x.wrapping_sub(LOW) & !x;
                let quote = zero(word ^ (LOW * 0x22));
                let backslash = zero(word ^ (LOW * 0x5c));
                let control = word.wrapping_sub(LOW * 0x20) & !word;
                // A borrow can only mark bytes after one that is rightly marked.
                let marks = (quote | backslash | control) & HIGH;
                if marks != 0 {
                    self.at += low_zero_bytes(marks);
                    break;
                }
                self.at += BYTES;
            }
            let byte = self.byte()?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.escape_rest()?,
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn escape_rest(&mut self) -> Option<()> {
        let kind = self.byte()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    #[inline]
    fn number_rest(&mut self, mut first: u8) -> Option<()> {
        if first == b'-' {
            first = self.byte()?;
            self.at += 1;
        }
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Some(())
    }

    #[inline]
    fn digits(&mut self) {
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        let start = self.at;
        self.digits();
        (self.at > start).then_some(())
    }
}

/// How many of the low bytes are zero.
#[inline]
fn low_zero_bytes(word: u64) -> usize {
    (word.trailing_zeros() / u8::BITS) as usize
}
