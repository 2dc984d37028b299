//! `derivePassword`: the first version of the Master Password algorithm.

use sha2::{Digest, Sha256};

use super::text;
use crate::argocd::Fault;
use crate::argocd::go::value::Value;

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// The templates of a kind of password, a letter for each class of characters.
const TEMPLATES: [(&str, &[&str]); 6] = [
    ("maximum", &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]),
    (
        "long",
        &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
    ),
    ("medium", &["CvcnoCvc", "CvcCvcno"]),
    ("short", &["Cvcn"]),
    ("basic", &["aaanaaan", "aannaaan", "aaannaaa"]),
    ("pin", &["nnnn"]),
];

/// Derives a password; a kind that there is none of gives a sentence.
pub(super) fn derive(arguments: &[Value]) -> Result<Value, Fault> {
    let counter = match arguments.first() {
        Some(Value::Uint64(counter)) => *counter as u32,
        _ => 0,
    };
    let [kind, password, user, site] = [1, 2, 3, 4].map(|index| text(arguments, index));
    let Some((_, templates)) = TEMPLATES.iter().find(|(known, _)| *known == kind) else {
        return Ok(Value::text(format!("cannot find password template {kind}")));
    };
    let with_length = |text: &str| [SEED, &(text.len() as u32).to_be_bytes(), text.as_bytes()].concat();
    let key = scrypt(password.as_bytes(), &with_length(user));
    let seed = hmac(&key, &[&with_length(site), &counter.to_be_bytes()]);
    let template = templates[usize::from(seed[0]) % templates.len()];
    let characters = template.bytes().zip(&seed[1..]).map(|(class, byte)| {
        let characters = characters(class).as_bytes();
        char::from(characters[usize::from(*byte) % characters.len()])
    });
    Ok(Value::text(characters.collect::<String>()))
}

fn characters(class: u8) -> &'static str {
    match class {
        b'V' => "AEIOU",
        b'C' => "BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => "aeiou",
        b'c' => "bcdfghjklmnpqrstvwxyz",
        b'a' => "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => "0123456789",
        b'o' => "@&%?,=[]_:-+*$#!'^~;()/.",
        _ => "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let keyed = |pad: u8| Sha256::new().chain_update(block.map(|byte| byte ^ pad));
    let inner = message.iter().fold(keyed(0x36), |hash, part| hash.chain_update(part)).finalize();
    keyed(0x5c).chain_update(inner).finalize().into()
}

/// PBKDF2 with one turn (RFC 8018).
fn pbkdf2(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let blocks =
        (1..=length.div_ceil(32) as u32).flat_map(|block| hmac(password, &[salt, &block.to_be_bytes()]));
    blocks.take(length).collect()
}

/// The words of a block, and how many blocks are mixed: scrypt's `r` is 8, its `N` 32,768.
const WORDS: usize = 256;
const COST: usize = 32_768;

/// scrypt (RFC 7914) with sprig's parameters, N 32,768, r 8, p 2, to a key of 64 bytes.
fn scrypt(password: &[u8], salt: &[u8]) -> Vec<u8> {
    let mut blocks = pbkdf2(password, salt, 2 * 4 * WORDS);
    for block in blocks.chunks_mut(4 * WORDS) {
        let mut words = [0_u32; WORDS];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        mix(&mut words);
        for (word, bytes) in words.iter().zip(block.as_chunks_mut::<4>().0) {
            *bytes = word.to_le_bytes();
        }
    }
    pbkdf2(password, &blocks, 64)
}

/// `scryptROMix`.
fn mix(words: &mut [u32; WORDS]) {
    let mut memory = vec![0; COST * WORDS];
    for place in memory.chunks_mut(WORDS) {
        place.copy_from_slice(words);
        mix_block(words);
    }
    for _ in 0..COST {
        let place = words[WORDS - 16] as usize % COST * WORDS;
        words.iter_mut().zip(&memory[place..place + WORDS]).for_each(|(word, other)| *word ^= other);
        mix_block(words);
    }
}

/// `scryptBlockMix`: even results first, odd ones behind.
fn mix_block(words: &mut [u32; WORDS]) {
    let mut last = [0; 16];
    last.copy_from_slice(&words[WORDS - 16..]);
    let mut mixed = [0; WORDS];
    for (index, part) in words.chunks(16).enumerate() {
        last.iter_mut().zip(part).for_each(|(word, other)| *word ^= other);
        salsa(&mut last);
        let place = index / 2 * 16 + index % 2 * (WORDS / 2);
        mixed[place..place + 16].copy_from_slice(&last);
    }
    *words = mixed;
}

/// Salsa20 with 8 rounds.
fn salsa(words: &mut [u32; 16]) {
    const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11]];
    const ROWS: [[usize; 4]; 4] = [[0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];
    let mut state = *words;
    for _ in 0..4 {
        for [a, b, c, d] in COLUMNS.into_iter().chain(ROWS) {
            state[b] ^= state[a].wrapping_add(state[d]).rotate_left(7);
            state[c] ^= state[b].wrapping_add(state[a]).rotate_left(9);
            state[d] ^= state[c].wrapping_add(state[b]).rotate_left(13);
            state[a] ^= state[d].wrapping_add(state[c]).rotate_left(18);
        }
    }
    words.iter_mut().zip(state).for_each(|(word, other)| *word = word.wrapping_add(other));
}
