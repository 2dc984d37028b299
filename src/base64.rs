//! Base64 with its padding (RFC 4648, section 4): the data of Secrets, `!!binary` of YAML, sprig's functions.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes bytes, padded with `=`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for position in 0..4 {
            let index = (bits >> (18 - 6 * position)) & 63;
            text.push(if position <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    text
}

/// Decodes padded text; `None` where it is no Base64. Line breaks are passed over, as Go does it.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    decode_exactly(text).ok()
}

/// Decodes padded text; line breaks are passed over.
///
/// # Errors
/// Returns the byte at which Go's `encoding/base64` finds the mistake.
pub fn decode_exactly(text: &str) -> Result<Vec<u8>, usize> {
    let bytes = text.as_bytes();
    let behind_breaks = |mut at: usize| {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut at, mut digits, mut bits) = (0, 0, 0_u32);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if let Some(digit) = sextet(*byte) {
            bits = bits << 6 | digit;
            digits += 1;
            if digits == 4 {
                decoded.extend_from_slice(&bits.to_be_bytes()[1..]);
                (digits, bits) = (0, 0);
            }
            continue;
        }
        match (byte, digits) {
            (b'\n' | b'\r', _) => continue,
            (b'=', 2 | 3) => {}
            _ => return Err(at - 1),
        }
        if digits == 2 {
            at = behind_breaks(at);
            match bytes.get(at) {
                None => return Err(bytes.len()),
                Some(b'=') => at += 1,
                Some(_) => return Err(at - 1),
            }
        }
        at = behind_breaks(at);
        if at < bytes.len() {
            return Err(at);
        }
        let padded = bits << (6 * (4 - digits));
        decoded.extend_from_slice(&padded.to_be_bytes()[1..digits]);
        return Ok(decoded);
    }
    if digits == 0 { Ok(decoded) } else { Err(bytes.len() - digits) }
}

fn sextet(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn the_vectors_of_the_standard_hold() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(text.as_bytes()), expected);
            assert_eq!(decode(expected).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["Zg", "Zg=", "Z===", "Zm9v-", "Zm9v====", "Z=g="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
