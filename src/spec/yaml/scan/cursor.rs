//! A place in the text: bytes ahead, line breaks, columns.

/// Moves through a text that holds no NUL, so that 0 can stand for its end.
pub(super) struct Cursor<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// The byte that is next.
    pub(super) offset: usize,
    /// How many line breaks were passed.
    pub(super) line: usize,
    /// The offset up to which `column` is counted; never past `offset`.
    counted: usize,
    column: usize,
}

/// What a line break becomes in folded text: YAML 1.1 keeps U+2028 and U+2029, all others are line feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    LineFeed,
    LineSeparator,
    ParagraphSeparator,
}

impl Break {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::LineFeed => "\n",
            Self::LineSeparator => "\u{2028}",
            Self::ParagraphSeparator => "\u{2029}",
        }
    }
}

impl<'a> Cursor<'a> {
    /// Starts at `offset`, which counts as the beginning of a line.
    pub(super) fn new(text: &'a str, offset: usize) -> Self {
        Self { text, offset, line: 0, counted: offset, column: 0 }
    }

    /// Returns the next byte, 0 at the end.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.byte_ahead(0)
    }

    /// Returns the byte `ahead` of the next one, 0 past the end.
    #[inline]
    pub(super) fn byte_ahead(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.offset + ahead).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn at_end(&self) -> bool {
        self.byte() == 0
    }

    #[inline]
    pub(super) fn at_blank(&self) -> bool {
        matches!(self.byte(), b' ' | b'\t')
    }

    #[inline]
    pub(super) fn at_break(&self) -> bool {
        self.break_length(0) > 0
    }

    #[inline]
    pub(super) fn at_break_or_end(&self) -> bool {
        self.at_end() || self.at_break()
    }

    /// Returns whether a blank, a line break or the end stands `ahead` of the next byte.
    #[inline]
    pub(super) fn gap_ahead(&self, ahead: usize) -> bool {
        matches!(self.byte_ahead(ahead), b' ' | b'\t' | 0) || self.break_length(ahead) > 0
    }

    /// Returns how many bytes the line break has that stands `ahead`; 0 where there is none.
    #[inline]
    pub(super) fn break_length(&self, ahead: usize) -> usize {
        match self.byte_ahead(ahead) {
            b'\n' => 1,
            b'\r' if self.byte_ahead(ahead + 1) == b'\n' => 2,
            b'\r' => 1,
            0xc2 if self.byte_ahead(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte_ahead(ahead + 1) == 0x80
                && matches!(self.byte_ahead(ahead + 2), 0xa8 | 0xa9) =>
            {
                3
            }
            _ => 0,
        }
    }

    /// Returns whether `---` or `...` stands here at the beginning of a line, with a gap behind it.
    pub(super) fn at_document_indicator(&mut self) -> bool {
        let first = self.byte();
        matches!(first, b'-' | b'.')
            && self.byte_ahead(1) == first
            && self.byte_ahead(2) == first
            && self.gap_ahead(3)
            && self.column() == 0
    }

    /// Returns how many characters stand before this place in its line.
    #[inline]
    pub(super) fn column(&mut self) -> usize {
        let passed = &self.text.as_bytes()[self.counted..self.offset];
        self.column += passed.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        self.counted = self.offset;
        self.column
    }

    /// Moves past the line break that stands here and says what it was.
    pub(super) fn skip_break(&mut self) -> Break {
        let found = match (self.byte(), self.byte_ahead(2)) {
            (0xe2, 0xa8) => Break::LineSeparator,
            (0xe2, _) => Break::ParagraphSeparator,
            _ => Break::LineFeed,
        };
        self.offset += self.break_length(0);
        self.start_line();
        found
    }

    /// Makes this place the beginning of a new line.
    pub(super) fn start_line(&mut self) {
        self.line += 1;
        self.column = 0;
        self.counted = self.offset;
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.at_blank() {
            self.offset += 1;
        }
    }

    /// Moves to the end of the line if a comment stands here.
    pub(super) fn skip_comment(&mut self) {
        if self.byte() == b'#' {
            while !self.at_break_or_end() {
                self.offset += 1;
            }
        }
    }
}
