//! Sets of characters: what `[…]`, `\d`, `\p{…}` and letters of any case match.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::super::unicode;

/// A set of characters, as ranges of their numbers: sorted, apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<(u32, u32)>);

/// The greatest number of a character.
pub(super) const MOST: u32 = char::MAX as u32;

/// Perl's and POSIX's classes by the name in their escape or between their colons.
const NAMED: [(&str, &[(u8, u8)]); 17] = [
    ("d", &[(b'0', b'9')]),
    ("s", &[(b'\t', b'\n'), (0x0c, b'\r'), (b' ', b' ')]),
    ("w", &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
    ("alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("alpha", &[(b'A', b'Z'), (b'a', b'z')]),
    ("ascii", &[(0, 0x7f)]),
    ("blank", &[(b'\t', b'\t'), (b' ', b' ')]),
    ("cntrl", &[(0, 0x1f), (0x7f, 0x7f)]),
    ("digit", &[(b'0', b'9')]),
    ("graph", &[(b'!', b'~')]),
    ("lower", &[(b'a', b'z')]),
    ("print", &[(b' ', b'~')]),
    ("punct", &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')]),
    ("space", &[(b'\t', b'\r'), (b' ', b' ')]),
    ("upper", &[(b'A', b'Z')]),
    ("word", &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
    ("xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
];

/// Go's names of general categories.
const CATEGORIES: [&str; 37] = [
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
    "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp",
    "Zs",
];

/// Other names of categories, as Go spells them after it has dropped underscores and most capitals.
const ALIASES: [(&str, &str); 43] = [
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Lc", "LC"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

/// Scripts that Go finds: those of one word.
const SCRIPTS: &str = "\
    Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese \
    Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari \
    Dogra Duployan Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han \
    Hangul Hanunoo Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer \
    Khojki Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean \
    Marchen Medefaidrin Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari Newa Nko Nushu Ogham \
    Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sinhala \
    Sogdian Soyombo Sundanese Syriac Tagalog Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan \
    Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Yezidi Yi";

impl Set {
    /// Makes a set of one range.
    pub(super) fn range(low: u32, high: u32) -> Self {
        Self(vec![(low, high)])
    }

    /// Returns a class by the name in its escape, `d`, or between its colons, `alpha`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (_, ranges) = NAMED.iter().find(|(known, _)| *known == name)?;
        Some(Self(ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))).collect()))
    }

    /// Returns the characters of what `\p{…}` names, of any case if `folds_case`.
    pub(super) fn unicode(name: &str, folds_case: bool) -> Option<Self> {
        let name = canonical(name);
        let category = match name.as_str() {
            "Any" => return Some(Self::range(0, MOST)),
            "Ascii" if folds_case => return Some(Self::range(0, 0x7f).folded()),
            "Ascii" => return Some(Self::range(0, 0x7f)),
            "Assigned" => return Some(Self::of(&unicode::class("Cn")).negated()),
            name => ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, category)| category),
        };
        let is_known = category == "LC"
            || CATEGORIES.contains(&category)
            || SCRIPTS.split(' ').any(|script| script == category);
        // Surrogates are no characters here, but stand where Go's are negated.
        let surrogates = if matches!(category, "C" | "Cs") { vec![(0xd800, 0xdfff)] } else { Vec::new() };
        let set = is_known.then(|| Self(surrogates).union(&Self::of(&unicode::class(category))))?;
        // Go's table for letters with case lacks the one mark that has a case too.
        Some(if folds_case && category != "LC" { set.folded() } else { set })
    }

    fn of(class: &ClassUnicode) -> Self {
        let numbers = |range: &ClassUnicodeRange| (u32::from(range.start()), u32::from(range.end()));
        Self(class.ranges().iter().map(numbers).collect())
    }

    /// Returns the set with what is in `other` too.
    pub(super) fn union(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self.0.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (low, high) in self.0 {
            match merged.last_mut() {
                Some((_, last)) if low <= last.saturating_add(1) => *last = high.max(*last),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    /// Returns everything else.
    pub(super) fn negated(&self) -> Self {
        let mut next = 0;
        let mut ranges = Vec::with_capacity(self.0.len() + 1);
        for (low, high) in &self.0 {
            if next < *low {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= MOST {
            ranges.push((next, MOST));
        }
        Self(ranges)
    }

    /// Returns the set with all characters that differ from its own in case alone.
    pub(super) fn folded(&self) -> Self {
        if self.0.iter().all(|(_, high)| *high < 0x80) {
            return self.folded_ascii();
        }
        let char = |number: u32, other: char| char::from_u32(number).unwrap_or(other);
        let range = |(low, high): &(u32, u32)| {
            ClassUnicodeRange::new(char(*low, '\u{e000}'), char(*high, '\u{d7ff}'))
        };
        let class =
            ClassUnicode::new(self.0.iter().filter(|(low, high)| *low < 0xd800 || *high > 0xdfff).map(range));
        self.clone().union(&Self::of(&unicode::folded(&class)))
    }

    /// Letters have another case; `k` and `s` have a third form beyond ASCII.
    fn folded_ascii(&self) -> Self {
        let mut others = Self::default();
        for letter in (b'a'..=b'z').filter(|letter| !matches!(self.has_letter(*letter), (false, false))) {
            let (lower, upper) = (u32::from(letter), u32::from(letter.to_ascii_uppercase()));
            others.0.extend([(lower, lower), (upper, upper)]);
            match letter {
                b'k' => others.0.push((0x212a, 0x212a)),
                b's' => others.0.push((0x17f, 0x17f)),
                _ => {}
            }
        }
        others.union(self)
    }

    fn has_letter(&self, letter: u8) -> (bool, bool) {
        (self.contains(letter.into()), self.contains(letter.to_ascii_uppercase().into()))
    }

    /// Returns whether the set has a character.
    pub(super) fn contains(&self, char: char) -> bool {
        let number = u32::from(char);
        let behind = self.0.partition_point(|(low, _)| *low <= number);
        behind > 0 && number <= self.0[behind - 1].1
    }
}

/// Returns a name as Go looks it up: without `_`, `-` and blanks, and only its first letter a capital.
fn canonical(name: &str) -> String {
    let letters = name.chars().filter(|char| !matches!(char, '_' | '-' | ' '));
    let cased = |(at, char): (usize, char)| match at {
        0 => char.to_ascii_uppercase(),
        _ => char.to_ascii_lowercase(),
    };
    letters.enumerate().map(cased).collect()
}
