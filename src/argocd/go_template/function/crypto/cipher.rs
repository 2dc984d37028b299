//! `decryptAES`: AES-256 in CBC mode, the first block the initial vector, the padding of PKCS #7.

use aes::Aes256;
use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};

use super::{as_text, text};
use crate::argocd::Fault;
use crate::argocd::go::encoding::decode_base64;
use crate::argocd::go::value::Value;

const BLOCK: usize = 16;

/// Decrypts; the password is cut, or filled up with zeros, to the length of a key.
///
/// # Errors
/// Says what is wrong with the text; sprig panics at lengths that no cipher text has.
pub(super) fn decrypt(arguments: &[Value]) -> Result<Value, Fault> {
    let (password, cipher_text) = (text(arguments, 0), text(arguments, 1));
    if cipher_text.is_empty() {
        return Ok(Value::text(""));
    }
    let bytes = decode_base64(cipher_text).map_err(Fault::Wrong)?;
    if bytes.len() < 2 * BLOCK || !bytes.len().is_multiple_of(BLOCK) {
        return Err(Fault::wrong("crypto/cipher: input not full blocks"));
    }
    let mut key = [0; 32];
    key.iter_mut().zip(password.bytes()).for_each(|(place, byte)| *place = byte);
    let cipher = Aes256::new(&key.into());
    let mut plain = Vec::with_capacity(bytes.len() - BLOCK);
    for (previous, block) in bytes.chunks(BLOCK).zip(bytes.chunks(BLOCK).skip(1)) {
        let mut deciphered = Block::<Aes256>::default();
        deciphered.copy_from_slice(block);
        cipher.decrypt_block(&mut deciphered);
        plain.extend(deciphered.iter().zip(previous).map(|(byte, other)| byte ^ other));
    }
    let padding = usize::from(plain.last().copied().unwrap_or_default());
    let Some(length) = plain.len().checked_sub(padding) else {
        return Err(Fault::wrong("runtime error: slice bounds out of range"));
    };
    plain.truncate(length);
    as_text("decryptAES", plain)
}
