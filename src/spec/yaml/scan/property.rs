//! What stands before a node: anchors, tags, and the directives that explain them; and aliases.

use super::{Scanner, Tag, TokenKind};
use crate::spec::yaml::refusal::Refusal;

impl<'a> Scanner<'a> {
    pub(super) fn fetch_alias(&mut self) -> Result<(), Refusal> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.offset;
        let name = self.anchor_name("an alias")?;
        self.push(TokenKind::Alias(name), start);
        Ok(())
    }

    pub(super) fn fetch_anchor(&mut self) -> Result<(), Refusal> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.offset;
        let name = self.anchor_name("an anchor")?;
        self.push(TokenKind::Anchor(name), start);
        Ok(())
    }

    fn anchor_name(&mut self, what: &str) -> Result<&'a str, Refusal> {
        let start = self.cursor.offset;
        self.cursor.offset += 1;
        let name = self.word();
        let ends = self.cursor.gap_ahead(0)
            || matches!(self.cursor.byte(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            let shown = char::from(self.cursor.text.as_bytes()[start]);
            return Err(self
                .refuse(
                    start,
                    self.cursor.offset + 1,
                    format!("{what} has a name of letters, digits, `-` and `_`"),
                )
                .hint(format!("quote a text that begins with `{shown}`"))
                .into());
        }
        Ok(name)
    }

    /// Reads letters, digits, `-` and `_`.
    fn word(&mut self) -> &'a str {
        let from = self.cursor.offset;
        while matches!(self.cursor.byte(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.cursor.offset += 1;
        }
        &self.cursor.text[from..self.cursor.offset]
    }

    pub(super) fn fetch_tag(&mut self) -> Result<(), Refusal> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.cursor.offset;
        let tag = match self.cursor.byte_ahead(1) {
            b'<' => self.verbatim_tag(start)?,
            _ => self.short_tag(start)?,
        };
        if !self.cursor.gap_ahead(0) {
            return Err(self
                .refuse(start, self.cursor.offset + 1, "a blank must stand behind a tag")
                .hint("quote a text that begins with `!`")
                .into());
        }
        self.push(TokenKind::Tag(Box::new(tag)), start);
        Ok(())
    }

    fn verbatim_tag(&mut self, start: usize) -> Result<Tag<'a>, Refusal> {
        self.cursor.offset += 2;
        let suffix = self.tag_address(String::new(), start)?;
        if suffix.is_empty() || self.cursor.byte() != b'>' {
            return Err(self
                .refuse(start, self.cursor.offset, "the `>` that ends this tag is missing")
                .into());
        }
        self.cursor.offset += 1;
        Ok(Tag { handle: "", suffix })
    }

    /// Reads `!name`, `!!name`, `!handle!name` or `!`.
    fn short_tag(&mut self, start: usize) -> Result<Tag<'a>, Refusal> {
        let handle = self.tag_handle();
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.tag_address(String::new(), start)?;
            return match suffix.is_empty() {
                true => {
                    Err(self.refuse(start, self.cursor.offset, "a name is missing behind this tag").into())
                }
                false => Ok(Tag { handle, suffix }),
            };
        }
        let suffix = self.tag_address(handle[1..].to_owned(), start)?;
        if suffix.is_empty() {
            return Ok(Tag { handle: "", suffix: "!".to_owned() });
        }
        Ok(Tag { handle: &handle[..1], suffix })
    }

    /// Reads `!`, and the rest of a handle if there is one; where no second `!` follows, it was none.
    fn tag_handle(&mut self) -> &'a str {
        let from = self.cursor.offset;
        self.cursor.offset += 1;
        self.word();
        if self.cursor.byte() == b'!' {
            self.cursor.offset += 1;
        }
        &self.cursor.text[from..self.cursor.offset]
    }

    /// Reads the characters of an address onto `address`.
    fn tag_address(&mut self, mut address: String, start: usize) -> Result<String, Refusal> {
        loop {
            let from = self.cursor.offset;
            self.word();
            while matches!(
                self.cursor.byte(),
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' | b'.' | b'!' | b'~'
            ) || matches!(self.cursor.byte(), b'*' | b'\'' | b'(' | b')' | b'[' | b']')
            {
                self.cursor.offset += 1;
            }
            address.push_str(&self.cursor.text[from..self.cursor.offset]);
            if self.cursor.byte() == b'%' {
                address.push(self.tag_escape(start)?);
            } else if self.cursor.offset == from {
                return Ok(address);
            }
        }
    }

    /// Reads one character written as `%` escapes of its UTF-8 bytes.
    fn tag_escape(&mut self, start: usize) -> Result<char, Refusal> {
        let mut bytes = [0_u8; 4];
        for count in 1..=4 {
            let digits = self.cursor.text.as_bytes().get(self.cursor.offset..self.cursor.offset + 3);
            let octet = digits.and_then(escaped_octet);
            let Some(octet) = octet else { break };
            bytes[count - 1] = octet;
            self.cursor.offset += 3;
            if let Some(character) =
                std::str::from_utf8(&bytes[..count]).ok().and_then(|text| text.chars().next())
            {
                return Ok(character);
            }
        }
        let message = "`%` in a tag is followed by the hexadecimal digits of a character's bytes";
        Err(self.refuse(start, self.cursor.offset + 1, message).into())
    }

    pub(super) fn fetch_directive(&mut self) -> Result<(), Refusal> {
        self.leave_block()?;
        let start = self.cursor.offset;
        self.cursor.offset += 1;
        let name = self.word();
        let kind = match name {
            "YAML" if self.cursor.gap_ahead(0) => self.version_directive(start)?,
            "TAG" if self.cursor.gap_ahead(0) => self.tag_directive(start)?,
            _ => {
                return Err(self
                    .refuse(start, self.cursor.offset, "only `%YAML` and `%TAG` are directives")
                    .hint("quote a text that begins with `%`")
                    .into());
            }
        };
        let end = self.cursor.offset;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if self.cursor.at_break() {
            self.cursor.skip_break();
        } else if !self.cursor.at_end() {
            return Err(self.refuse_here("a directive has nothing behind it but a comment").into());
        }
        self.push(kind, start);
        self.queue.back_mut().expect("because it was just pushed").end = end;
        Ok(())
    }

    fn version_directive(&mut self, start: usize) -> Result<TokenKind<'a>, Refusal> {
        self.cursor.skip_blanks();
        let major = self.version_number();
        let dot = self.cursor.byte() == b'.';
        self.cursor.offset += usize::from(dot);
        let minor = self.version_number();
        match (major, minor) {
            (Some(major), Some(minor)) if dot => Ok(TokenKind::VersionDirective { major, minor }),
            _ => Err(self
                .refuse(start, self.cursor.offset, "`%YAML` is followed by a version: `%YAML 1.1`")
                .into()),
        }
    }

    /// Reads one or two digits.
    fn version_number(&mut self) -> Option<u8> {
        let from = self.cursor.offset;
        while self.cursor.byte().is_ascii_digit() {
            self.cursor.offset += 1;
        }
        let digits = &self.cursor.text[from..self.cursor.offset];
        if digits.len() > 2 { None } else { digits.parse().ok() }
    }

    fn tag_directive(&mut self, start: usize) -> Result<TokenKind<'a>, Refusal> {
        self.cursor.skip_blanks();
        let handle = if self.cursor.byte() == b'!' { self.tag_handle() } else { "" };
        let handle_ends = self.cursor.at_blank() && handle.ends_with('!');
        self.cursor.skip_blanks();
        let suffix = self.tag_address(String::new(), start)?;
        if !handle_ends || suffix.is_empty() || !self.cursor.gap_ahead(0) {
            let message = "`%TAG` is followed by a handle and a prefix: `%TAG !a! tag:example.com,2026:`";
            return Err(self.refuse(start, self.cursor.offset, message).into());
        }
        Ok(TokenKind::TagDirective(Box::new(Tag { handle, suffix })))
    }
}

/// Reads `%` and two hexadecimal digits.
fn escaped_octet(escape: &[u8]) -> Option<u8> {
    let [b'%', high, low] = escape else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}
