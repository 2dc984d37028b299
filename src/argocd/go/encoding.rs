//! Base64 and base32 as Go's `encoding/base64` and `encoding/base32` read and write them, with the padding of RFC 4648.
//!
//! `emit/base64.rs` is for Secrets; here it counts where Go finds a mistake, for sprig gives its message as the result.

const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes base32.
pub fn encode_base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(bits);
        let digits = (chunk.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = (bits >> (35 - 5 * place)) & 31;
            text.push(if place < digits { char::from(BASE_32[digit as usize]) } else { '=' });
        }
    }
    text
}

/// Reads base64; line breaks do not count.
///
/// # Errors
/// Says at which byte Go finds the mistake.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    let wrong = |at: usize| Err(format!("illegal base64 data at input byte {at}"));
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
            _ => return wrong(at - 1),
        }
        if digits == 2 {
            at = behind_breaks(at);
            match bytes.get(at) {
                None => return wrong(bytes.len()),
                Some(b'=') => at += 1,
                Some(_) => return wrong(at - 1),
            }
        }
        at = behind_breaks(at);
        if at < bytes.len() {
            return wrong(at);
        }
        let padded = bits << (6 * (4 - digits));
        decoded.extend_from_slice(&padded.to_be_bytes()[1..digits]);
        return Ok(decoded);
    }
    if digits == 0 { Ok(decoded) } else { wrong(bytes.len() - digits) }
}

fn sextet(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Reads base32; line breaks do not count, and mistakes are counted without them.
///
/// # Errors
/// As [`decode_base64`].
pub fn decode_base32(text: &str) -> Result<Vec<u8>, String> {
    let wrong = |at: usize| Err(format!("illegal base32 data at input byte {at}"));
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let mut decoded = Vec::with_capacity(bytes.len() / 8 * 5);
    let mut at = 0;
    while at < bytes.len() {
        let mut bits = 0_u64;
        for digits in 0..8 {
            let Some(byte) = bytes.get(at) else { return wrong(at - digits) };
            at += 1;
            let rest = &bytes[at..];
            if *byte == b'=' && digits >= 2 && rest.len() < 8 {
                return match padding(&bytes, at, digits) {
                    Err(at) => wrong(at),
                    Ok(()) => {
                        let padded = bits << (5 * (8 - digits));
                        decoded.extend_from_slice(&padded.to_be_bytes()[3..3 + digits * 5 / 8]);
                        Ok(decoded)
                    }
                };
            }
            let Some(digit) = BASE_32.iter().position(|known| known == byte) else { return wrong(at - 1) };
            bits = bits << 5 | digit as u64;
        }
        decoded.extend_from_slice(&bits.to_be_bytes()[3..]);
    }
    Ok(decoded)
}

/// Checks the padding behind so many digits, the first sign of which has been read.
fn padding(bytes: &[u8], at: usize, digits: usize) -> Result<(), usize> {
    let rest = &bytes[at..];
    if rest.len() + digits < 7 {
        return Err(bytes.len());
    }
    if let Some(wrong) = rest.iter().take(7 - digits).position(|byte| *byte != b'=') {
        return Err(at + wrong - 1);
    }
    if matches!(digits, 3 | 6) { Err(at - 1) } else { Ok(()) }
}
