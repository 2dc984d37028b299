//! Base32 with the padding of RFC 4648 as Go's `encoding/base32` reads and writes it, and what Go says of base64.

use crate::base64;

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
/// Says at which byte Go finds the mistake, for sprig gives its message as the result.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    base64::decode_exactly(text).map_err(|at| format!("illegal base64 data at input byte {at}"))
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
