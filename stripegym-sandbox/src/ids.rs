//! Identifiers in Stripe's shapes, from a key: the same key gives the same ids in the same order.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The part of a payment intent's id that its charges and events share.
const STEM_LEN: usize = 16;

/// How an id is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdShape {
    /// `prefix` and so many alphanumerics: `cus_` + 14.
    Plain(&'static str, usize),
    /// `prefix`, `1` and 23 alphanumerics: most objects.
    Modern(&'static str),
    /// `prefix`, `3` and 23 alphanumerics: a payment intent, the head of its family.
    Family(&'static str),
}

/// A counter hashed under a key. A key instead of a generator with internal state, because the
/// counter alone has to survive a restart for a seeded sandbox to go on without repeating itself.
#[derive(Debug)]
pub(crate) struct IdSource {
    key: [u8; 32],
    drawn: u64,
}

impl IdSource {
    /// Repeats: the same seed, the same ids. Streams are independent of each other, so that a
    /// request which only reads (it draws a request id) does not shift the ids of objects.
    pub(crate) fn seeded(seed: u64, stream: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"stripegym-sandbox seed ");
        hash.update(seed.to_be_bytes());
        hash.update(stream.as_bytes());
        Self {
            key: hash.finalize().into(),
            drawn: 0,
        }
    }

    /// Never repeats: the key comes from the operating system and is stored nowhere.
    pub(crate) fn from_os() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key, drawn: 0 })
    }

    /// How many blocks were drawn; goes into the journal.
    pub(crate) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Goes on where an earlier process stopped.
    pub(crate) fn resume(&mut self, drawn: u64) {
        self.drawn = self.drawn.max(drawn);
    }

    /// `len` characters out of 62, each equally likely.
    pub(crate) fn alphanumerics(&mut self, len: usize) -> String {
        let mut text = String::with_capacity(len);
        while text.len() < len {
            for byte in self.block() {
                // 248 = 4 * 62: rejecting the rest keeps every character equally likely.
                if byte < 248 && text.len() < len {
                    text.push(char::from(ALPHABET[usize::from(byte % 62)]));
                }
            }
        }
        text
    }

    pub(crate) fn id(&mut self, shape: IdShape) -> String {
        match shape {
            IdShape::Plain(prefix, len) => format!("{prefix}{}", self.alphanumerics(len)),
            IdShape::Modern(prefix) => format!("{prefix}1{}", self.alphanumerics(23)),
            IdShape::Family(prefix) => format!("{prefix}3{}", self.alphanumerics(23)),
        }
    }

    /// The id of an object that belongs to the family of `head` (a payment intent, or another
    /// member): same stem, own tail. Outside any family, an ordinary modern id.
    pub(crate) fn member_id(&mut self, prefix: &str, head: &str) -> String {
        match stem(head) {
            Some(stem) => format!("{prefix}{stem}{}", self.alphanumerics(24 - STEM_LEN)),
            None => format!("{prefix}1{}", self.alphanumerics(23)),
        }
    }

    fn block(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(self.drawn.to_be_bytes());
        self.drawn = self.drawn.wrapping_add(1);
        hash.finalize().into()
    }
}

/// Tells two test cards apart. Made from the row of the table, so that no number leads here.
pub(crate) fn fingerprint(card: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"stripegym-sandbox card ");
    hash.update(card.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let letters = digest.iter().take(16);
    letters
        .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]))
        .collect()
}

fn stem(id: &str) -> Option<&str> {
    let (_, tail) = id.rsplit_once('_')?;
    tail.starts_with('3')
        .then(|| tail.get(..STEM_LEN))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_repeats_and_another_does_not() {
        let draw = |seed| IdSource::seeded(seed, "objects").id(IdShape::Plain("cus_", 14));
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_resumed_source_goes_on_without_repeating() {
        let mut first = IdSource::seeded(7, "objects");
        let before = first.alphanumerics(24);
        let mut second = IdSource::seeded(7, "objects");
        second.resume(first.drawn());
        assert_eq!(second.alphanumerics(24), first.alphanumerics(24));
        assert_ne!(before, IdSource::seeded(7, "objects").alphanumerics(23));
    }

    #[test]
    fn a_payment_family_shares_its_stem() {
        let mut ids = IdSource::seeded(1, "objects");
        let intent = ids.id(IdShape::Family("pi_"));
        let charge = ids.member_id("ch_", &intent);
        let event = ids.member_id("evt_", &charge);
        assert_eq!(intent.len(), "pi_".len() + 24);
        assert_eq!(&intent[3..3 + STEM_LEN], &charge[3..3 + STEM_LEN]);
        assert_eq!(&intent[3..3 + STEM_LEN], &event[4..4 + STEM_LEN]);
        assert_ne!(intent[3..], charge[3..]);
        assert!(ids.member_id("evt_", "cus_Q1").starts_with("evt_1"));
    }
}
