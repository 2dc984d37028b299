//! Where the parser is among the tokens, and what it says of one that may not stand there.

use super::super::lex::{Kind, Token};
use super::{MAIN, Parser, Wrong};

impl<'t> Parser<'t> {
    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.furthest = self.furthest.max(self.at.min(self.tokens.list.len() - 1));
        self.at += 1;
        token
    }

    pub(super) fn peek(&self) -> Token {
        let last = self.tokens.list.len() - 1;
        self.tokens.list[self.at.min(last)]
    }

    /// Returns the next token that is no space.
    pub(super) fn next_word(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_word(&mut self) -> Token {
        let token = self.next_word();
        self.at -= 1;
        token
    }

    pub(super) fn expect(&mut self, kind: Kind, context: &str) -> Result<(), Wrong> {
        let token = self.next_word();
        if token.kind == kind { Ok(()) } else { Err(self.unexpected(token, context)) }
    }

    pub(super) fn of(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    pub(super) fn unexpected(&self, token: Token, context: &str) -> Wrong {
        if token.kind == Kind::Fault {
            let fault = &self.tokens.fault;
            let started = self.action.line;
            if started == 0 || started == token.line {
                return fault.clone();
            }
            let action = if fault.ends_with(" action") { "" } else { " in action" };
            return format!("{fault}{action} started at {MAIN}:{started}");
        }
        let word = self.of(token);
        match token.kind {
            Kind::End => format!("unexpected EOF in {context}"),
            Kind::Block | Kind::Break | Kind::Continue | Kind::Define | Kind::Dot | Kind::Else => {
                format!("unexpected <{word}> in {context}")
            }
            Kind::EndWord | Kind::If | Kind::Nil | Kind::Range | Kind::Template | Kind::With => {
                format!("unexpected <{word}> in {context}")
            }
            _ if word.len() > 10 => {
                let start: String = word.chars().take(10).collect();
                format!("unexpected {start:?}... in {context}")
            }
            _ => format!("unexpected {word:?} in {context}"),
        }
    }
}
