//! Lists, in block and in flow form.

use super::Composer;
use super::nodes::Place;
use crate::spec::yaml::node::{Kind, Node};
use crate::spec::yaml::refusal::Refusal;
use crate::spec::yaml::scan::TokenKind;

const HINT: &str = "close the list with `]`, or quote a text that holds one of `, : ? [ ] { }`";

impl Composer<'_> {
    /// Reads a list whose items stand deeper than what it belongs to.
    pub(super) fn block_list(&mut self) -> Result<Node, Refusal> {
        let start = self.take()?.start;
        let mut items = Vec::new();
        while self.take_if(|kind| matches!(kind, TokenKind::BlockEnd))?.is_none() {
            let Some(entry) = self.take_if(|kind| matches!(kind, TokenKind::BlockEntry))? else {
                let hint = "items of one list begin at the same column";
                let found = self.refuse_token("`-`, or the end of the list", hint);
                return Err(found.related(self.location(start, start + 1), "the list begins here").into());
            };
            let empty = matches!(self.peek()?, TokenKind::BlockEntry | TokenKind::BlockEnd);
            items.push(if empty { self.empty_node(entry.end)? } else { self.node(Place::Block)? });
        }
        Ok(self.list(start, items))
    }

    /// Reads a list whose items stand at the column of the key it belongs to.
    pub(super) fn indentless_list(&mut self) -> Result<Node, Refusal> {
        let start = self.scanner.peek()?.start;
        let mut items = Vec::new();
        while let Some(entry) = self.take_if(|kind| matches!(kind, TokenKind::BlockEntry))? {
            let empty = matches!(
                self.peek()?,
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
            );
            items.push(if empty { self.empty_node(entry.end)? } else { self.node(Place::Block)? });
        }
        Ok(self.list(start, items))
    }

    fn list(&self, start: usize, items: Vec<Node>) -> Node {
        Node {
            location: self.location(start, self.end),
            kind: Kind::List { items: items.into(), flow: false },
        }
    }

    pub(super) fn flow_list(&mut self) -> Result<Node, Refusal> {
        let start = self.take()?.start;
        let mut items = Vec::new();
        loop {
            if let Some(end) = self.take_if(|kind| matches!(kind, TokenKind::FlowListEnd))? {
                let location = self.location(start, end.end);
                return Ok(Node { location, kind: Kind::List { items: items.into(), flow: true } });
            }
            if !items.is_empty() && self.take_if(|kind| matches!(kind, TokenKind::FlowEntry))?.is_none() {
                let open = self.location(start, start + 1);
                return Err(self
                    .refuse_token("`,` or `]`", HINT)
                    .related(open, "the list begins here")
                    .into());
            }
            if matches!(self.peek()?, TokenKind::Key) {
                let start = self.scanner.peek()?.start;
                items.push(self.deeper(start, Self::flow_pair)?);
            } else if !matches!(self.peek()?, TokenKind::FlowListEnd) {
                items.push(self.node(Place::Flow)?);
            }
        }
    }
}
