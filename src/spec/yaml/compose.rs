//! From tokens to nodes: YAML's grammar, aliases, and what one file may make of itself.
//!
//! It must not know how tokens are told apart, and nothing of any key but `<<`.

mod anchors;
mod document;
mod entries;
mod list;
mod map;
mod nodes;

use self::anchors::Anchors;
use super::input;
use super::parse::{Document, Duplicate, Options};
use super::refusal::Refusal;
use super::scan::{Scanner, Token, TokenKind};
use crate::diagnostic::{Diagnostic, Report};
use crate::location::{FileId, Location};

/// Reads the documents of one file.
pub(super) struct Composer<'a> {
    options: Options,
    scanner: Scanner<'a>,
    anchors: Anchors<'a>,
    /// What `%TAG` lines said, and `!!`.
    tags: document::Tags<'a>,
    /// Where the last token ended that was written: there ends a list or map in block form.
    end: usize,
    /// Lists and maps that are open.
    depth: usize,
    /// The deepest that was reached since somebody last reset it.
    deepest: usize,
    /// Nodes of all documents so far, aliases expanded.
    nodes: usize,
    /// Bytes of text that aliases repeat.
    repeated: usize,
    duplicates: Vec<Duplicate>,
    /// Keys that stand twice, under [`Duplicates::Refuse`](super::parse::Duplicates).
    findings: Report,
}

impl<'a> Composer<'a> {
    pub(super) fn new(file: FileId, text: &'a str, start: usize, options: Options) -> Self {
        Self {
            options,
            scanner: Scanner::new(file, text, start),
            anchors: Anchors::default(),
            tags: document::Tags::default(),
            end: 0,
            depth: 0,
            deepest: 0,
            nodes: 0,
            repeated: 0,
            duplicates: Vec::new(),
            findings: Report::default(),
        }
    }

    /// Reads all documents; those that are empty or null are left out.
    pub(super) fn compose(mut self) -> Result<Vec<Document>, Report> {
        let mut documents = Vec::new();
        let ended = self.documents(&mut documents);
        if let Err(refusal) = ended {
            self.findings.extend(refusal.into());
        }
        self.findings.or(documents)
    }

    /// Reads the first document; `None` where it is empty or null.
    pub(super) fn compose_first(mut self) -> Result<Option<Document>, Report> {
        let first = self.first_document();
        let document = first.unwrap_or_else(|refusal| {
            self.findings.extend(refusal.into());
            None
        });
        self.findings.or(document)
    }

    fn peek(&mut self) -> Result<&TokenKind<'a>, Refusal> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn take(&mut self) -> Result<Token<'a>, Refusal> {
        let token = self.scanner.take()?;
        if !matches!(token.kind, TokenKind::BlockEnd) {
            self.end = self.end.max(token.end);
        }
        Ok(token)
    }

    /// Takes the next token if it is a `wanted` one.
    fn take_if(&mut self, wanted: fn(&TokenKind<'a>) -> bool) -> Result<Option<Token<'a>>, Refusal> {
        if wanted(self.peek()?) { self.take().map(Some) } else { Ok(None) }
    }

    fn location(&self, start: usize, end: usize) -> Location {
        self.scanner.location(start, end)
    }

    /// Counts `nodes` more, at `location`.
    fn count(&mut self, nodes: usize, location: Location) -> Result<(), Refusal> {
        self.nodes = self.nodes.saturating_add(nodes);
        let most = self.options.limits.nodes;
        if self.nodes <= most {
            return Ok(());
        }
        let message =
            format!("the file has more nodes than the limit of {most}, aliases counted as often as used");
        Err(input::limit(location, message))
    }

    /// Goes one list or map deeper, for as long as `inside` runs.
    fn deeper<T>(
        &mut self,
        start: usize,
        inside: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let location = self.location(start, start + 1);
        self.check_depth(self.depth, location)?;
        self.count(1, location)?;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn check_depth(&self, depth: usize, location: Location) -> Result<(), Refusal> {
        let most = self.options.limits.depth;
        if depth <= most {
            return Ok(());
        }
        Err(input::limit(location, format!("lists and maps nest deeper than the limit of {most}")))
    }

    fn refuse(&self, location: Location, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("yaml-syntax", location, message)
    }

    /// Refuses the next token: `expected` should stand here; `hint` may be empty.
    fn refuse_token(&mut self, expected: &str, hint: &str) -> Diagnostic {
        let (start, end, kind) = match self.scanner.peek() {
            Ok(token) => (token.start, token.end, &token.kind),
            Err(_) => (self.end, self.end, &TokenKind::StreamEnd),
        };
        // The scanner finds out too late that an empty `{}` or `[]` was a key.
        if matches!(kind, TokenKind::Key) && start < self.end {
            let location = self.location(start, self.end);
            return self.refuse(location, "an empty `{}` or `[]` cannot be a key").hint("quote it");
        }
        let message = format!("expected {expected}, found {}", describe(kind));
        let refusal = self.refuse(self.location(start, end.max(start)), message);
        if hint.is_empty() { refusal } else { refusal.hint(hint) }
    }
}

fn describe(kind: &TokenKind<'_>) -> &'static str {
    match kind {
        TokenKind::StreamEnd => "the end of the file",
        TokenKind::DocumentStart => "`---`",
        TokenKind::DocumentEnd => "`...`",
        TokenKind::VersionDirective { .. } => "`%YAML`",
        TokenKind::TagDirective(_) => "`%TAG`",
        TokenKind::BlockListStart => "a list in block form",
        TokenKind::BlockMapStart => "a map in block form",
        TokenKind::BlockEnd => "a line that is indented less",
        TokenKind::FlowListStart => "`[`",
        TokenKind::FlowListEnd => "`]`",
        TokenKind::FlowMapStart => "`{`",
        TokenKind::FlowMapEnd => "`}`",
        TokenKind::BlockEntry => "`-`",
        TokenKind::FlowEntry => "`,`",
        TokenKind::Key => "a key",
        TokenKind::Value => "`:`",
        TokenKind::Alias(_) => "an alias",
        TokenKind::Anchor(_) => "an anchor",
        TokenKind::Tag(_) => "a tag",
        TokenKind::Scalar { .. } => "text",
    }
}
