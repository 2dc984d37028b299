//! Random files as fleets have them, and what people do to them.

use super::chance::Chance;

const KEYS: [&str; 12] = [
    "name",
    "version",
    "image",
    "replicas",
    "enabled",
    "namespace",
    "values",
    "labels",
    "tag",
    "cpu",
    "memory",
    "path",
];
const VALUES: [&str; 9] = ["1", "2", "true", "false", "1.16.0", "1.16.1", "kube-system", "''", "default"];

/// Makes a file: mostly YAML of blocks, now and then something else.
pub fn random(chance: &mut Chance) -> Vec<u8> {
    match chance.below(20) {
        0 => Vec::new(),
        1 => {
            let bytes = chance.several(3, 60, |chance| chance.below(256));
            let mut bytes: Vec<u8> = bytes.into_iter().map(|byte| u8::try_from(byte).unwrap_or(0)).collect();
            bytes.push(0);
            bytes
        }
        2 => b"apiVersion: v1\nkind: Kustomization\nresources: []\n".to_vec(),
        3 => "same\n".repeat(1 + chance.below(120)).into_bytes(),
        4 if chance.once_in(2) => few_words(chance),
        _ => yaml(chance).into_bytes(),
    }
}

/// Makes a long file of few different lines, in which hardly any has one partner alone.
fn few_words(chance: &mut Chance) -> Vec<u8> {
    let words = 2 + chance.below(12);
    let lines = 150 + chance.below(900);
    let line = |chance: &mut Chance| match chance.once_in(40) {
        true => format!("  rare: {}\n", chance.below(1000)),
        false => format!("  key: {}\n", chance.below(words)),
    };
    (0..lines).map(|_| line(chance)).collect::<String>().into_bytes()
}

fn yaml(chance: &mut Chance) -> String {
    let mut text = String::new();
    let blocks = 1 + chance.below(7);
    for _ in 0..blocks {
        text += &block(chance);
    }
    match chance.below(12) {
        0 => text.replace('\n', "\r\n"),
        1 => text.trim_end_matches('\n').to_owned(),
        _ => text,
    }
}

/// Makes a block of lines: a key with what is under it.
fn block(chance: &mut Chance) -> String {
    let mut text = String::new();
    if chance.once_in(5) {
        text += "---\n";
    }
    if chance.once_in(6) {
        text += "# a comment\n";
    }
    text += &format!("{}:\n", chance.pick(&KEYS));
    let lines = 1 + chance.below(6);
    for _ in 0..lines {
        text += &line(chance);
    }
    if chance.once_in(4) {
        text.push('\n');
    }
    text
}

fn line(chance: &mut Chance) -> String {
    let indent = "  ".repeat(1 + chance.below(3));
    let dash = if chance.once_in(5) { "- " } else { "" };
    format!("{indent}{dash}{}: {}\n", chance.pick(&KEYS), chance.pick(&VALUES))
}

/// Changes a file as people do.
pub fn edit(chance: &mut Chance, bytes: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    // Long files are changed all over, as a generator does it.
    let most = if lines.len() > 150 { 120 } else { 3 };
    let edits = 1 + chance.below(most);
    for _ in 0..edits {
        edit_once(chance, &mut lines);
    }
    lines.concat()
}

fn edit_once(chance: &mut Chance, lines: &mut Vec<Vec<u8>>) {
    let place = chance.below(lines.len() + 1);
    let length = 1 + chance.below(4);
    let end = (place + length).min(lines.len());
    match chance.below(11) {
        0..=2 if place < lines.len() => lines[place] = line(chance).into_bytes(),
        3 | 4 => lines.insert(place, line(chance).into_bytes()),
        5 => drop(lines.drain(place..end)),
        6 => {
            let moved: Vec<Vec<u8>> = lines.drain(place..end).collect();
            let to = chance.below(lines.len() + 1);
            lines.splice(to..to, moved);
        }
        7 => {
            let copied = lines[place..end].to_vec();
            let to = chance.below(lines.len() + 1);
            lines.splice(to..to, copied);
        }
        8 => {
            for line in &mut lines[place..end] {
                line.splice(0..0, *b"  ");
            }
        }
        9 => {
            let block = block(chance).into_bytes();
            lines.splice(place..place, block.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        }
        _ => ends(chance, lines),
    }
}

/// Changes how lines end.
fn ends(chance: &mut Chance, lines: &mut [Vec<u8>]) {
    if chance.once_in(2) {
        if let Some(last) = lines.last_mut() {
            match last.ends_with(b"\n") {
                true => drop(last.pop()),
                false => last.push(b'\n'),
            }
        }
        return;
    }
    for line in lines.iter_mut() {
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            line.push(b'\n');
        } else if line.ends_with(b"\n") {
            line.pop();
            line.extend_from_slice(b"\r\n");
        }
    }
}
