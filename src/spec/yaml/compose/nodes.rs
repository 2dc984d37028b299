//! Nodes: their properties, scalars and lists.

use std::borrow::Cow;

use super::Composer;
use super::anchors::Opened;
use crate::location::Location;
use crate::spec::yaml::input::{self, is_private_use};
use crate::spec::yaml::node::{Kind, Node, Scalar, Style};
use crate::spec::yaml::refusal::Refusal;
use crate::spec::yaml::scalar::{Typed, type_scalar};
use crate::spec::yaml::scan::{Tag, TokenKind};

/// Where a node stands, which decides what it can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In block context.
    Block,
    /// The value or key of a block map, whose list may stand at the map's own indentation.
    MapValue,
    /// In `[]` or `{}`.
    Flow,
}

/// What may stand before a node.
#[derive(Default)]
struct Properties<'a> {
    tag: Option<(String, Location)>,
    anchor: Option<(&'a str, Location)>,
    end: usize,
}

impl<'a> Composer<'a> {
    /// Reads the value of a document.
    pub(super) fn block_node(&mut self) -> Result<Node, Refusal> {
        self.node(Place::Block)
    }

    /// Reads a value.
    pub(super) fn node(&mut self, place: Place) -> Result<Node, Refusal> {
        let node = self.read(place)?.node;
        match &node.kind {
            Kind::Scalar { text, value: Scalar::Float(value), .. } if !value.is_finite() => {
                let message = format!("`{text}` is a number that JSON does not have");
                Err(self.refuse(node.location, message).hint("quote it if it is meant as text").into())
            }
            Kind::Scalar { .. } | Kind::List { .. } | Kind::Map { .. } => Ok(node),
        }
    }

    /// Reads a value or a key.
    pub(super) fn read(&mut self, place: Place) -> Result<Read, Refusal> {
        if let Some(token) = self.take_if(|kind| matches!(kind, TokenKind::Alias(_)))? {
            let location = self.location(token.start, token.end);
            let TokenKind::Alias(name) = token.kind else {
                return Err(self.refuse_token("an alias", "").into());
            };
            return self.alias(name, location).map(Read::plainly);
        }
        let properties = self.properties()?;
        let opened: Option<Opened> = match properties.anchor {
            Some((name, location)) => Some(self.open_anchor(name, location)?),
            None => None,
        };
        let read = self.content(place, properties)?;
        if let Some(opened) = opened {
            self.close_anchor(&opened, &read.node);
        }
        Ok(read)
    }

    /// Reads a tag and an anchor, in either order.
    fn properties(&mut self) -> Result<Properties<'a>, Refusal> {
        let mut properties = Properties::default();
        loop {
            let wanted = match self.peek()? {
                TokenKind::Tag(_) => properties.tag.is_none(),
                TokenKind::Anchor(_) => properties.anchor.is_none(),
                _ => false,
            };
            if !wanted {
                return Ok(properties);
            }
            let token = self.take()?;
            properties.end = token.end;
            let location = self.location(token.start, token.end);
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some((name, location)),
                TokenKind::Tag(tag) => properties.tag = Some((self.expand_tag(*tag, location)?, location)),
                _ => {}
            }
        }
    }

    fn expand_tag(&mut self, tag: Tag<'a>, location: Location) -> Result<String, Refusal> {
        let handle = tag.handle;
        self.tags.expand(tag).filter(|tag| !tag.is_empty()).ok_or_else(|| {
            let message = format!("no `%TAG` line declares the handle `{handle}`");
            self.refuse(location, message).hint("quote a text that begins with `!`").into()
        })
    }

    fn content(&mut self, place: Place, properties: Properties<'a>) -> Result<Read, Refusal> {
        let start = self.scanner.peek()?.start;
        let block = place != Place::Flow;
        let node = match self.peek()? {
            TokenKind::Scalar { .. } => return self.scalar(properties),
            TokenKind::BlockEntry if place == Place::MapValue => self.deeper(start, Self::indentless_list),
            TokenKind::FlowListStart => self.deeper(start, Self::flow_list),
            TokenKind::FlowMapStart => self.deeper(start, Self::flow_map),
            TokenKind::BlockListStart if block => self.deeper(start, Self::block_list),
            TokenKind::BlockMapStart if block => self.deeper(start, Self::block_map),
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let location = self.location(properties.end, properties.end);
                return self.typed(Cow::Borrowed(""), Style::Plain, location, properties);
            }
            _ => Err(self.refuse_token("a value", "quote a text that begins with this").into()),
        };
        node.map(Read::plainly)
    }

    fn scalar(&mut self, properties: Properties<'a>) -> Result<Read, Refusal> {
        let token = self.take()?;
        let location = self.location(token.start, token.end);
        match token.kind {
            TokenKind::Scalar { text, style } => self.typed(text, style, location, properties),
            _ => Err(self.refuse(location, "expected text").into()),
        }
    }

    fn typed(
        &mut self,
        text: Cow<'a, str>,
        style: Style,
        location: Location,
        properties: Properties<'a>,
    ) -> Result<Read, Refusal> {
        self.count(1, location)?;
        let typed = match &properties.tag {
            None => type_scalar(text, style, ""),
            Some((tag, _)) => type_scalar(text, style, tag),
        };
        let Typed { text, value, merges, decoded } = typed.map_err(|message| {
            let at = properties.tag.as_ref().map_or(location, |(_, at)| *at);
            self.refuse(at, message)
        })?;
        if decoded && text.contains(is_private_use) {
            return Err(input::private_use(location, "this base64 holds a private-use character"));
        }
        Ok(Read { node: Node { location, kind: Kind::Scalar { text: text.into(), style, value } }, merges })
    }

    /// Returns a value that was left out at `offset`.
    pub(super) fn empty_node(&mut self, offset: usize) -> Result<Node, Refusal> {
        let location = self.location(offset, offset);
        self.count(1, location)?;
        Ok(Node {
            location,
            kind: Kind::Scalar { text: "".into(), style: Style::Plain, value: Scalar::Null },
        })
    }
}

/// A node, and whether as a key it merges.
pub(super) struct Read {
    pub(super) node: Node,
    pub(super) merges: bool,
}

impl Read {
    fn plainly(node: Node) -> Self {
        Self { node, merges: false }
    }
}
