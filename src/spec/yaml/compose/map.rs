//! Maps, in block and in flow form.

use super::Composer;
use super::entries::{Entries, Key, Value};
use super::nodes::{Place, Read};
use crate::location::Location;
use crate::spec::yaml::node::{Kind, Node, Scalar};
use crate::spec::yaml::refusal::Refusal;
use crate::spec::yaml::scalar::key_text;
use crate::spec::yaml::scan::TokenKind;

const HINT: &str = "close the map with `}`, or quote a text that holds one of `, : ? [ ] { }`";

impl Composer<'_> {
    pub(super) fn block_map(&mut self) -> Result<Node, Refusal> {
        let start = self.take()?.start;
        let ends =
            |kind: &TokenKind<'_>| matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd);
        let mut entries = Entries::default();
        while self.take_if(|kind| matches!(kind, TokenKind::BlockEnd))?.is_none() {
            let Some(token) = self.take_if(|kind| matches!(kind, TokenKind::Key))? else {
                return Err(self.no_key(start));
            };
            if ends(self.peek()?) {
                return Err(self.missing_key(self.location(token.start, token.end)));
            }
            let key = self.key(Place::MapValue)?;
            let value = self.value(&key, Place::MapValue, ends)?;
            self.add(&mut entries, key, value)?;
        }
        Ok(self.map(start, self.end, entries, false))
    }

    pub(super) fn flow_map(&mut self) -> Result<Node, Refusal> {
        let start = self.take()?.start;
        let ends = |kind: &TokenKind<'_>| matches!(kind, TokenKind::FlowEntry | TokenKind::FlowMapEnd);
        let mut entries = Entries::default();
        let mut first = true;
        loop {
            if let Some(end) = self.take_if(|kind| matches!(kind, TokenKind::FlowMapEnd))? {
                return Ok(self.map(start, end.end, entries, true));
            }
            if !first && self.take_if(|kind| matches!(kind, TokenKind::FlowEntry))?.is_none() {
                let open = self.location(start, start + 1);
                return Err(self
                    .refuse_token("`,` or `}`", HINT)
                    .related(open, "the map begins here")
                    .into());
            }
            first = false;
            if matches!(self.peek()?, TokenKind::FlowMapEnd) {
                continue;
            }
            if let Some(token) = self.take_if(|kind| matches!(kind, TokenKind::Key))? {
                if ends(self.peek()?) || matches!(self.peek()?, TokenKind::Value) {
                    return Err(self.missing_key(self.location(token.start, token.end)));
                }
                let key = self.key(Place::Flow)?;
                let value = self.value(&key, Place::Flow, ends)?;
                self.add(&mut entries, key, value)?;
            } else {
                let key = self.key(Place::Flow)?;
                let value = Value { node: self.empty_node(key.location.end as usize)?, alias: false };
                self.add(&mut entries, key, value)?;
            }
        }
    }

    /// Reads the `a: b` of `[a: b]`, which is a map.
    pub(super) fn flow_pair(&mut self) -> Result<Node, Refusal> {
        let token = self.take()?;
        let ends = |kind: &TokenKind<'_>| matches!(kind, TokenKind::FlowEntry | TokenKind::FlowListEnd);
        if ends(self.peek()?) || matches!(self.peek()?, TokenKind::Value) {
            return Err(self.missing_key(self.location(token.start, token.end)));
        }
        let mut entries = Entries::default();
        let key = self.key(Place::Flow)?;
        let value = self.value(&key, Place::Flow, ends)?;
        self.add(&mut entries, key, value)?;
        Ok(self.map(token.start, self.end, entries, true))
    }

    fn map(&self, start: usize, end: usize, entries: Entries, flow: bool) -> Node {
        Node { location: self.location(start, end), kind: Kind::Map { entries: entries.finish(), flow } }
    }

    fn key(&mut self, place: Place) -> Result<Key, Refusal> {
        let start = self.scanner.peek()?.start;
        let Read { node, merges } = self.read(place)?;
        let text = match &node.kind {
            Kind::Scalar { text, value, .. } => key_text(text, *value),
            Kind::List { .. } | Kind::Map { .. } => None,
        };
        match text {
            Some(text) => Ok(Key { text, location: node.location, merges }),
            None if node.scalar() == Some(Scalar::Null) => {
                Err(self.missing_key(self.location(start, start + 1)))
            }
            None => {
                let what = match node.scalar() {
                    Some(_) => "a number above 9223372036854775807",
                    None => node.description(),
                };
                Err(self.refuse(node.location, format!("{what} cannot be a key")).hint("quote it").into())
            }
        }
    }

    /// Reads the value of `key`, or what stands for it where `ends` says that there is none.
    fn value(&mut self, key: &Key, place: Place, ends: fn(&TokenKind<'_>) -> bool) -> Result<Value, Refusal> {
        let Some(token) = self.take_if(|kind| matches!(kind, TokenKind::Value))? else {
            return Ok(Value { node: self.empty_node(key.location.end as usize)?, alias: false });
        };
        if ends(self.peek()?) {
            return Ok(Value { node: self.empty_node(token.end)?, alias: false });
        }
        let alias = matches!(self.peek()?, TokenKind::Alias(_));
        Ok(Value { node: self.node(place)?, alias })
    }

    fn missing_key(&self, location: Location) -> Refusal {
        self.refuse(location, "the key is missing, or null").hint("quote it if it is meant as text").into()
    }

    fn no_key(&mut self, start: usize) -> Refusal {
        let open = self.location(start, start + 1);
        let hint = "keys of one map begin at the same column; quote a text that holds quotes or `: `";
        self.refuse_token("a key, or the end of the map", hint).related(open, "the map begins here").into()
    }
}
