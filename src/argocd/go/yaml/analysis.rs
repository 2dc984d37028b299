//! In which styles a scalar may stand, and in which it does (go-yaml v2.4.3, `yaml_emitter_analyze_scalar`).

use crate::spec::yaml::is_text;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A key with its value on the same line.
    SimpleKey,
    /// A key behind `?`, or a value.
    Node,
}

/// Returns whether a key may have its value on the same line.
pub(super) fn is_simple_key(key: &str) -> bool {
    key.len() <= 128 && !key.contains(is_break)
}

/// Returns how a text is written.
pub(super) fn style(text: &str, role: Role) -> Style {
    let allowed = Allowed::of(text);
    let mut style = match (text.contains('\n'), is_text(text) && !is_base_60(text)) {
        (true, _) => Style::Literal,
        (false, true) => Style::Plain,
        (false, false) => Style::Double,
    };
    if style == Style::Plain && !allowed.plain {
        style = Style::Single;
    }
    if style == Style::Single && !allowed.single {
        style = Style::Double;
    }
    if style == Style::Literal && (!allowed.literal || role == Role::SimpleKey) {
        style = Style::Double;
    }
    style
}

/// The styles that keep a text.
struct Allowed {
    plain: bool,
    single: bool,
    literal: bool,
}

impl Allowed {
    fn of(text: &str) -> Self {
        let is_marked = text.starts_with("---") || text.starts_with("...");
        let has_edge = |edge: fn(char) -> bool| text.starts_with(edge) || text.ends_with(edge);
        let is_special = text.contains(|char| !is_printable(char));
        let pairs = || text.chars().zip(text.chars().skip(1));
        let space_break = pairs().any(|(one, next)| one == ' ' && is_break(next));
        let break_space = pairs().any(|(one, next)| is_break(one) && next == ' ');
        let unsafe_breaks = space_break || is_special;
        Self {
            plain: !(is_marked
                || has_indicators(text)
                || has_edge(|char| char == ' ')
                || is_special
                || text.contains(is_break)),
            single: !(break_space || unsafe_breaks),
            literal: !(text.is_empty() || text.ends_with(' ') || unsafe_breaks),
        }
    }
}

/// Returns whether a text is a number to readers that know base 60: `12:30:45`.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let of_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let Some((first, rest)) = whole.split_once(':') else { return false };
    let is_place = |place: &str| matches!(place.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    first.starts_with(|char: char| char.is_ascii_digit())
        && of_digits(first)
        && rest.split(':').all(is_place)
        && of_digits(fraction)
}

/// Returns whether a text holds what means something in a block.
fn has_indicators(text: &str) -> bool {
    let mut after_blank = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let before_blank = chars.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t'));
        let indicates = match char {
            '#' if at == 0 => true,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                at == 0
            }
            '?' | '-' => at == 0 && before_blank,
            ':' => before_blank,
            '#' => after_blank,
            _ => false,
        };
        if indicates {
            return true;
        }
        after_blank = matches!(char, ' ' | '\t' | '\0') || is_break(char);
    }
    false
}

pub(super) fn is_break(char: char) -> bool {
    matches!(char, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether a character is written as it is; none beyond the first 65,536 is.
pub(super) fn is_printable(char: char) -> bool {
    matches!(char, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}
