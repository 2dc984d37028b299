//! What a scalar means, its tag and style included; and what text it becomes as a key.

use std::borrow::Cow;
use std::sync::Arc;

use super::node::{Scalar, Style};
use super::resolve::resolve;
use super::timestamp::is_timestamp;
use crate::base64;

/// The prefix of the tags written `!!name`.
const CORE: &str = "tag:yaml.org,2002:";

/// A scalar with its type.
pub(super) struct Typed<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) value: Scalar,
    /// Whether it merges where it stands as a key.
    pub(super) merges: bool,
    /// Whether the text comes out of base64, and was not looked at when the file was admitted.
    pub(super) decoded: bool,
}

/// Gives a scalar its type, as go-yaml v2 does.
///
/// `tag` is the tag in full, empty where there is none. A tag of this list converts what the text resolves to; any
/// other tag makes text of it, whatever it says.
///
/// # Errors
/// Says in words why the text is not what its tag claims.
pub(super) fn type_scalar<'a>(text: Cow<'a, str>, style: Style, tag: &str) -> Result<Typed<'a>, String> {
    let implicit = (tag.is_empty() && style == Style::Plain) || tag == "!";
    let short = tag.strip_prefix(CORE).unwrap_or("");
    let merges = &*text == "<<" && (implicit || short == "merge");
    let value = match short {
        "" if !tag.is_empty() || style != Style::Plain => Scalar::String,
        "" => resolve(&text),
        "bool" | "int" | "float" | "null" => convert(resolve(&text), &text, short)?,
        "timestamp" if is_timestamp(&text) => Scalar::String,
        "timestamp" => return Err(format!("`{}` is no `!!timestamp`", shorten(&text))),
        "binary" => {
            let text = Cow::Owned(decode_base64(&text)?);
            return Ok(Typed { text, value: Scalar::String, merges, decoded: true });
        }
        _ => Scalar::String,
    };
    Ok(Typed { text, value, merges, decoded: false })
}

fn convert(value: Scalar, text: &str, short: &str) -> Result<Scalar, String> {
    match (short, value) {
        ("bool", Scalar::Bool(_))
        | ("int", Scalar::Integer(_) | Scalar::Unsigned(_))
        | ("float", Scalar::Float(_))
        | ("null", Scalar::Null) => Ok(value),
        ("float", Scalar::Integer(whole)) => Ok(Scalar::Float(whole as f64)),
        _ => Err(format!("`{}` is no `!!{short}`", shorten(text))),
    }
}

/// Cuts a text so that it fits into a message.
pub(super) fn shorten(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Decodes standard base64 with its padding; line breaks do not count. Bytes that are no UTF-8 become U+FFFD each,
/// as Go's `encoding/json` writes them.
fn decode_base64(text: &str) -> Result<String, String> {
    let bytes = base64::decode(text);
    let bytes = bytes.ok_or_else(|| format!("`{}` is no base64, as `!!binary` needs", shorten(text)))?;
    Ok(text_of(&bytes))
}

fn text_of(mut bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    loop {
        match std::str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                return text;
            }
            Err(broken) => {
                let (valid, rest) = bytes.split_at(broken.valid_up_to());
                text.push_str(&String::from_utf8_lossy(valid));
                text.push('\u{fffd}');
                bytes = &rest[1..];
            }
        }
    }
}

/// Returns the text that a scalar becomes as a key: `true` for `yes`, `255` for `0xff`, Go's shortest 32-bit form
/// for a float. `None` for null and for whole numbers above `i64::MAX`, which are no keys.
pub(super) fn key_text(text: &Arc<str>, value: Scalar) -> Option<Arc<str>> {
    match value {
        Scalar::String => Some(text.clone()),
        Scalar::Bool(value) => Some(if value { "true" } else { "false" }.into()),
        Scalar::Integer(value) => Some(value.to_string().into()),
        Scalar::Float(value) => Some(float_key(value).into()),
        Scalar::Null | Scalar::Unsigned(_) => None,
    }
}

/// Writes a float as Go's `FormatFloat(value, 'g', -1, 32)` does: the fewest digits that name the 32-bit float, with
/// an exponent where that would be below -4 or above 5.
fn float_key(value: f64) -> String {
    let narrow = value as f32;
    if !narrow.is_finite() {
        let spelling = if narrow.is_nan() { ".nan" } else { ["-.inf", ".inf"][usize::from(narrow > 0.0)] };
        return spelling.to_owned();
    }
    let scientific = format!("{narrow:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{narrow}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
