//! The two languages that the shop speaks.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// The language of an answer's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    Ja,
}

impl Lang {
    /// Japanese for those who prefer it to English, English for everyone else.
    pub(crate) fn preferred(headers: &HeaderMap) -> Self {
        let header = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Self::of(header.unwrap_or_default())
    }

    fn of(header: &str) -> Self {
        let mut best = (Self::En, 0);
        for entry in header.split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let lang = match tag.split('-').next() {
                Some("ja") => Self::Ja,
                Some("en") => Self::En,
                _ => continue,
            };
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1000, thousandths);
            // Of equals, the first.
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    /// The one of two texts that is in this language.
    pub(crate) const fn pick(self, en: &'static str, ja: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Ja => ja,
        }
    }

    /// Its tag, as Stripe's `locale` takes it.
    pub(crate) const fn tag(self) -> &'static str {
        self.pick("en", "ja")
    }
}

/// A weight of at most three decimals, `0.8`, as 800; nonsense weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if part.len() > 3 {
        return 0;
    }
    match (whole.parse::<u32>(), format!("{part:0<3}").parse::<u32>()) {
        (Ok(0), Ok(part)) => part,
        (Ok(1), Ok(0)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_heavier_of_the_two_wins_and_english_without_a_wish() {
        for (header, lang) in [
            ("", Lang::En),
            ("ja", Lang::Ja),
            ("ja-JP,en;q=0.5", Lang::Ja),
            ("en-GB,ja;q=0.9", Lang::En),
            ("en;q=0.4, JA;q=0.65", Lang::Ja),
            ("fr, de;q=0.9", Lang::En),
            ("fr, ja;q=0.1", Lang::Ja),
            ("ja;q=0", Lang::En),
            ("ja;q=x, en", Lang::En),
            ("*", Lang::En),
        ] {
            assert_eq!(Lang::of(header), lang, "{header}");
        }
    }
}
