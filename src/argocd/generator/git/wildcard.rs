//! Wildcards as git matches them, byte by byte.
//!
//! Follows `wildmatch.c` of git 2.x. A pattern becomes a list of steps, which are taken all at once, so that no pattern
//! takes more than its length times that of the name.

/// What a pattern's letters may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `WM_PATHNAME`: only `**` crosses a `/`. Without it, as everywhere but after `:(glob)`, every `*` does.
    pub stops_at_slashes: bool,
    /// `WM_CASEFOLD`: upper and lower case are alike.
    pub ignores_case: bool,
}

/// A pattern that was read.
#[derive(Clone, Debug)]
pub struct Wildcard {
    steps: Vec<Step>,
    rules: Rules,
}

#[derive(Clone, Debug)]
enum Step {
    Byte(u8),
    /// Any one byte.
    One,
    /// One of a set of bytes.
    Class(Box<[bool; 256]>),
    /// Any number of bytes.
    Many {
        crosses_slashes: bool,
    },
    /// `**/`: nothing, or folders.
    Folders,
    /// What is malformed matches nothing.
    Never,
}

impl Wildcard {
    /// Reads a pattern.
    pub fn new(pattern: &[u8], rules: Rules) -> Self {
        let mut reading = Reading { pattern, at: 0, rules };
        let mut steps = Vec::new();
        while let Some(step) = reading.step() {
            steps.push(step);
        }
        Self { steps, rules }
    }

    /// Tells whether the whole name matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        let mut standing = vec![false; self.steps.len() + 1];
        self.stand_before(0, &mut standing);
        for byte in name {
            let byte = if self.rules.ignores_case { byte.to_ascii_lowercase() } else { *byte };
            let mut next = vec![false; self.steps.len() + 1];
            for (at, step) in self.steps.iter().enumerate().filter(|(at, _)| standing[*at]) {
                match step {
                    Step::Many { crosses_slashes } if *crosses_slashes || byte != b'/' => {
                        self.stand_before(at, &mut next);
                    }
                    Step::Folders => {
                        next[at] = true;
                        if byte == b'/' {
                            self.stand_before(at + 1, &mut next);
                        }
                    }
                    step if self.takes(step, byte) => self.stand_before(at + 1, &mut next),
                    _ => {}
                }
            }
            standing = next;
        }
        standing[self.steps.len()]
    }

    /// Stands before a step, and before those behind it as long as they may match nothing.
    fn stand_before(&self, mut at: usize, standing: &mut [bool]) {
        loop {
            standing[at] = true;
            match self.steps.get(at) {
                Some(Step::Many { .. } | Step::Folders) => at += 1,
                _ => return,
            }
        }
    }

    fn takes(&self, step: &Step, byte: u8) -> bool {
        let stops = self.rules.stops_at_slashes && byte == b'/';
        match step {
            Step::Byte(wanted) => *wanted == byte,
            Step::One => !stops,
            Step::Class(members) => !stops && members[usize::from(byte)],
            Step::Many { .. } | Step::Folders | Step::Never => false,
        }
    }
}

struct Reading<'p> {
    pattern: &'p [u8],
    at: usize,
    rules: Rules,
}

impl<'p> Reading<'p> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.pattern.get(self.at + ahead).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek(0)?;
        self.at += 1;
        Some(byte)
    }

    fn step(&mut self) -> Option<Step> {
        Some(match self.take()? {
            // What is escaped is not made lower, so that a capital then matches nothing.
            b'\\' => self.take().map_or(Step::Never, Step::Byte),
            b'?' => Step::One,
            b'*' => self.stars(),
            b'[' => self.class().map_or(Step::Never, |members| Step::Class(Box::new(members))),
            byte if self.rules.ignores_case => Step::Byte(byte.to_ascii_lowercase()),
            byte => Step::Byte(byte),
        })
    }

    /// Reads stars, the first of which is read.
    fn stars(&mut self) -> Step {
        let start = self.at - 1;
        while self.peek(0) == Some(b'*') {
            self.at += 1;
        }
        let is_one = self.at - start == 1;
        if !self.rules.stops_at_slashes {
            return Step::Many { crosses_slashes: true };
        }
        let begins_folder = start == 0 || self.pattern[start - 1] == b'/';
        let ends_folder = match self.peek(0) {
            None | Some(b'/') => true,
            Some(b'\\') => self.peek(1) == Some(b'/'),
            Some(_) => false,
        };
        if is_one || !begins_folder || !ends_folder {
            return Step::Many { crosses_slashes: false };
        }
        if self.peek(0) == Some(b'/') {
            self.at += 1;
            return Step::Folders;
        }
        Step::Many { crosses_slashes: true }
    }

    /// Reads a class, whose bracket is read; `None` where it is malformed.
    fn class(&mut self) -> Option<[bool; 256]> {
        let mut members = [false; 256];
        let is_negated = matches!(self.peek(0), Some(b'!' | b'^'));
        if is_negated {
            self.at += 1;
        }
        let (mut before, mut is_first) = (None, true);
        loop {
            before = match (self.take()?, before) {
                (b']', _) if !is_first => break,
                (b'-', Some(low)) if self.peek(0)? != b']' => {
                    let high = self.member()?;
                    self.add(&mut members, |byte| (low..=high).contains(&byte));
                    None
                }
                (b'[', _) if self.peek(0) == Some(b':') => match self.name()? {
                    Some(name) => {
                        self.at += name.len() + ":".len() + ":]".len();
                        self.add(&mut members, named(name)?);
                        None
                    }
                    None => {
                        members[usize::from(b'[')] = true;
                        Some(b'[')
                    }
                },
                (b'\\', _) => {
                    self.at -= 1;
                    let byte = self.member()?;
                    members[usize::from(byte)] = true;
                    Some(byte)
                }
                (byte, _) => {
                    members[usize::from(byte)] = true;
                    Some(byte)
                }
            };
            is_first = false;
        }
        if is_negated {
            members.iter_mut().for_each(|member| *member = !*member);
        }
        Some(members)
    }

    /// Reads a byte of a class, which may be escaped.
    fn member(&mut self) -> Option<u8> {
        match self.take()? {
            b'\\' => self.take(),
            byte => Some(byte),
        }
    }

    /// Returns the name of a named class, which begins with the `:` ahead; `Some(None)` where it is no such class, and
    /// `None` where no bracket closes anything.
    fn name(&self) -> Option<Option<&'p [u8]>> {
        let rest = &self.pattern[self.at + 1..];
        let end = rest.iter().position(|byte| *byte == b']')?;
        match rest[..end].split_last() {
            Some((b':', name)) => Some(Some(name)),
            _ => Some(None),
        }
    }

    /// Adds bytes to a class; names are in lower case where case is ignored.
    fn add(&self, members: &mut [bool; 256], is_member: impl Fn(u8) -> bool) {
        for byte in 0..=u8::MAX {
            let folded = self.rules.ignores_case && is_member(byte.to_ascii_uppercase());
            members[usize::from(byte)] |= is_member(byte) || folded;
        }
    }
}

/// Tells whether a byte is in a class.
type IsMember = fn(u8) -> bool;

/// The classes that have a name.
const NAMES: [(&str, IsMember); 12] = [
    ("alnum", |byte| byte.is_ascii_alphanumeric()),
    ("alpha", |byte| byte.is_ascii_alphabetic()),
    ("blank", |byte| matches!(byte, b' ' | b'\t')),
    ("cntrl", |byte| byte.is_ascii_control()),
    ("digit", |byte| byte.is_ascii_digit()),
    ("graph", |byte| byte.is_ascii_graphic()),
    ("lower", |byte| byte.is_ascii_lowercase()),
    ("print", |byte| byte.is_ascii_graphic() || byte == b' '),
    ("punct", |byte| byte.is_ascii_punctuation()),
    ("space", |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')),
    ("upper", |byte| byte.is_ascii_uppercase()),
    ("xdigit", |byte| byte.is_ascii_hexdigit()),
];

fn named(name: &[u8]) -> Option<IsMember> {
    NAMES.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, is_member)| *is_member)
}
