//! What a template's text is made of.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Text that is no template; the last token, `Tokens::fault` says why.
    Fault,
    /// The end; always there where there is no fault.
    End,
    Text,
    LeftDelimiter,
    RightDelimiter,
    Space,
    Bool,
    /// A character constant: `'a'`.
    Rune,
    /// A number with an imaginary part: `1+2i`.
    Complex,
    Number,
    Quoted,
    RawQuoted,
    /// `.name`
    Field,
    /// `$` or `$name`
    Variable,
    /// A name without dot or dollar that is no keyword.
    Identifier,
    /// `.`
    Dot,
    Nil,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Block,
    Break,
    Continue,
    Define,
    Else,
    EndWord,
    If,
    Range,
    Template,
    With,
    /// Any other character that can be printed; only the comma has a meaning.
    Other,
}

/// A token: what, from which byte to which, and on which line it begins.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub line: usize,
}

/// What a text consists of.
#[derive(Debug)]
pub(in super::super) struct Tokens {
    /// Ends in [`Kind::End`] or [`Kind::Fault`], which occur nowhere else.
    pub list: Vec<Token>,
    /// Go's words for what is wrong, where the last token is a fault.
    pub fault: String,
}
