//! Documents and the directives before them.

use std::collections::BTreeMap;

use super::Composer;
use crate::location::Location;
use crate::spec::yaml::node::Node;
use crate::spec::yaml::parse::Document;
use crate::spec::yaml::refusal::Refusal;
use crate::spec::yaml::scan::{Tag, TokenKind};

/// The prefixes that the tag handles of a document stand for.
#[derive(Default)]
pub(super) struct Tags<'a> {
    declared: BTreeMap<&'a str, String>,
}

impl<'a> Tags<'a> {
    /// Returns a tag in full; `None` where nothing declares its handle.
    pub(super) fn expand(&self, tag: Tag<'a>) -> Option<String> {
        let prefix = match (self.declared.get(tag.handle), tag.handle) {
            (Some(prefix), _) => prefix,
            (None, "") => "",
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, _) => return None,
        };
        Some(format!("{prefix}{}", tag.suffix))
    }
}

impl<'a> Composer<'a> {
    pub(super) fn documents(&mut self, documents: &mut Vec<Document>) -> Result<(), Refusal> {
        let mut first = true;
        loop {
            while !first && self.take_if(|kind| matches!(kind, TokenKind::DocumentEnd))?.is_some() {}
            if matches!(self.peek()?, TokenKind::StreamEnd) {
                return Ok(());
            }
            let root = self.document(first)?;
            first = false;
            self.anchors.clear();
            self.tags = Tags::default();
            let duplicates = std::mem::take(&mut self.duplicates);
            if let Some(root) = root.filter(|root| !root.is_null()) {
                documents.push(Document { root, duplicates });
            }
            self.take_if(|kind| matches!(kind, TokenKind::DocumentEnd))?;
        }
    }

    /// Reads the first document, and the token behind it, as go-yaml does to see that it ends there.
    pub(super) fn first_document(&mut self) -> Result<Option<Document>, Refusal> {
        if matches!(self.peek()?, TokenKind::StreamEnd) {
            return Ok(None);
        }
        let root = self.document(true)?;
        self.peek()?;
        let duplicates = std::mem::take(&mut self.duplicates);
        Ok(root.filter(|root| !root.is_null()).map(|root| Document { root, duplicates }))
    }

    /// Reads one document; only the first of a file may begin without `---`.
    fn document(&mut self, first: bool) -> Result<Option<Node>, Refusal> {
        let explicit = matches!(
            self.peek()?,
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective(_) | TokenKind::DocumentStart
        );
        if !explicit && first {
            return self.block_node().map(Some);
        }
        self.directives()?;
        if self.take_if(|kind| matches!(kind, TokenKind::DocumentStart))?.is_none() {
            return Err(self.no_document_start());
        }
        let empty = matches!(
            self.peek()?,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective(_)
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        if empty { Ok(None) } else { self.block_node().map(Some) }
    }

    fn no_document_start(&mut self) -> Refusal {
        let hint =
            "a document is one map, list or text; check the indentation, or quote the text before this";
        self.refuse_token("the end of the document or `---`", hint).into()
    }

    fn directives(&mut self) -> Result<(), Refusal> {
        let mut versions = 0;
        while let Some(token) = self
            .take_if(|kind| matches!(kind, TokenKind::VersionDirective { .. } | TokenKind::TagDirective(_)))?
        {
            let location = self.location(token.start, token.end);
            match token.kind {
                TokenKind::TagDirective(tag) => self.declare_tag(*tag, location)?,
                TokenKind::VersionDirective { major: 1, minor: 1 } if versions == 0 => versions += 1,
                TokenKind::VersionDirective { .. } if versions > 0 => {
                    return Err(self.refuse(location, "`%YAML` stands twice before one document").into());
                }
                _ => {
                    let message = "Kubernetes reads YAML 1.1 only";
                    return Err(self.refuse(location, message).hint("remove the `%YAML` line").into());
                }
            }
        }
        Ok(())
    }

    fn declare_tag(&mut self, tag: Tag<'a>, location: Location) -> Result<(), Refusal> {
        self.count_anchor(location)?;
        match self.tags.declared.insert(tag.handle, tag.suffix) {
            None => Ok(()),
            Some(_) => {
                let message = format!("`%TAG {}` stands twice before one document", tag.handle);
                Err(self.refuse(location, message).into())
            }
        }
    }
}
