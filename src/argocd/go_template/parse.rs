//! From tokens to a tree, as Go 1.26's `text/template/parse` does it: what it takes and what it refuses.
//!
//! Blocks are kept on a list of their own while they are open, so that only parentheses nest calls, and those are bounded.

mod cursor;
mod expression;
mod number;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lex::{Kind, Token, Tokens, lex};
use super::tree::{Branch, ListId, Node, Pipe, Span, Tree, Variable};
use crate::argocd::Fault;
use crate::argocd::go::quote;

/// The name of the main template, which Argo CD gives it.
pub(super) const MAIN: &str = "base";

/// What is wrong with a text, in Go's words, without the place.
type Wrong = String;

/// Parses a text.
///
/// # Errors
/// Says what Go says of what is no template, and refuses functions that are not supported, wherever they stand.
pub(super) fn parse(text: &str) -> Result<Tree, Fault> {
    let mut parser = Parser::new(text);
    if let Err(wrong) = parser.run() {
        let line = parser.tokens.list[parser.furthest].line;
        return Err(Fault::wrong(format!("template: {MAIN}:{line}: {wrong}")));
    }
    if let Some(refused) = parser.refused {
        return Err(Fault::refused(refused));
    }
    let names = parser.names.into_iter().map(Arc::from).collect();
    Ok(Tree { text: text.into(), templates: parser.templates, lists: parser.lists, names })
}

struct Parser<'t> {
    text: &'t str,
    tokens: Tokens,
    at: usize,
    furthest: usize,
    lists: Vec<Vec<Node>>,
    templates: BTreeMap<Arc<str>, ListId>,
    /// Every name of a variable there is.
    names: Vec<&'t str>,
    /// The variables that are there where the parser is.
    variables: Vec<Variable>,
    /// How many loops stand around the parser.
    loops: usize,
    /// How many parentheses do.
    depth: usize,
    open: Vec<Open>,
    /// Where the current action begins.
    action: Token,
    refused: Option<String>,
}

/// A block whose end has not come.
struct Open {
    construct: Construct,
    list: ListId,
    /// What was there before, to be there again.
    variables: Vec<Variable>,
    loops: usize,
}

enum Construct {
    Main,
    Define(Arc<str>),
    Block { at: Span, name: Arc<str>, pipe: Pipe },
    Control { control: Control, branch: Branch, shares_end: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    const fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::With => "with",
            Self::Range => "range",
        }
    }
}

const UNEXPECTED_END: &str = "unexpected EOF";

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let main = Open { construct: Construct::Main, list: ListId(0), variables: Vec::new(), loops: 0 };
        Self {
            text,
            tokens: lex(text),
            at: 0,
            furthest: 0,
            lists: vec![Vec::new()],
            templates: BTreeMap::new(),
            names: vec!["$"],
            variables: vec![Variable::DATA],
            loops: 0,
            depth: 0,
            open: vec![main],
            action: Token { kind: Kind::LeftDelimiter, start: 0, end: 0, line: 0 },
            refused: None,
        }
    }

    fn run(&mut self) -> Result<(), Wrong> {
        loop {
            let token = self.next_word();
            match token.kind {
                Kind::End if self.open.len() > 1 => return Err(UNEXPECTED_END.to_owned()),
                Kind::End => return self.add(MAIN.into(), ListId(0)),
                Kind::Text => self.push(Node::Text(span(token))),
                Kind::LeftDelimiter => {
                    self.action = token;
                    self.action()?;
                }
                _ => return Err(self.unexpected(token, "input")),
            }
        }
    }

    fn action(&mut self) -> Result<(), Wrong> {
        let token = self.next_word();
        match token.kind {
            Kind::Define if self.open.len() == 1 => self.define(),
            Kind::Block => self.block(),
            Kind::Break => self.jump("{{break}}", Node::Break),
            Kind::Continue => self.jump("{{continue}}", Node::Continue),
            Kind::Else => self.otherwise(),
            Kind::EndWord => self.end(),
            Kind::If => self.control(Control::If, false),
            Kind::Range => self.control(Control::Range, false),
            Kind::With => self.control(Control::With, false),
            Kind::Template => self.template(),
            _ => {
                self.at -= 1;
                let pipe = self.pipeline("command", Kind::RightDelimiter)?;
                self.push(Node::Action(pipe));
                Ok(())
            }
        }
    }

    fn jump(&mut self, name: &str, node: Node) -> Result<(), Wrong> {
        self.expect(Kind::RightDelimiter, name)?;
        if self.loops == 0 {
            return Err(format!("{name} outside {{{{range}}}}"));
        }
        self.push(node);
        Ok(())
    }

    fn define(&mut self) -> Result<(), Wrong> {
        const CONTEXT: &str = "define clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelimiter, CONTEXT)?;
        self.open_template(Construct::Define(name));
        Ok(())
    }

    fn block(&mut self) -> Result<(), Wrong> {
        const CONTEXT: &str = "block clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelimiter)?;
        self.open_template(Construct::Block { at: span(token), name, pipe });
        Ok(())
    }

    /// Opens a template of its own, which sees no variables of the one it stands in.
    fn open_template(&mut self, construct: Construct) {
        let variables = std::mem::replace(&mut self.variables, vec![Variable::DATA]);
        let loops = std::mem::take(&mut self.loops);
        let list = self.new_list();
        self.open.push(Open { construct, list, variables, loops });
    }

    fn template(&mut self) -> Result<(), Wrong> {
        const CONTEXT: &str = "template clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = if self.next_word().kind == Kind::RightDelimiter {
            None
        } else {
            self.at -= 1;
            Some(self.pipeline(CONTEXT, Kind::RightDelimiter)?)
        };
        let end = self.tokens.list[self.at - 1].end;
        let at = Span { start: self.action.start, end, place: token.start };
        self.push(Node::Template { at, name, pipe });
        Ok(())
    }

    fn template_name(&mut self, token: Token, context: &str) -> Result<Arc<str>, Wrong> {
        match token.kind {
            Kind::Quoted | Kind::RawQuoted => self.unquoted(token),
            _ => Err(self.unexpected(token, context)),
        }
    }

    fn unquoted(&self, token: Token) -> Result<Arc<str>, Wrong> {
        quote::unquote(self.of(token)).map(Arc::from).ok_or_else(|| "invalid syntax".to_owned())
    }

    fn control(&mut self, control: Control, shares_end: bool) -> Result<(), Wrong> {
        let variables = self.variables.clone();
        let pipe = self.pipeline(control.name(), Kind::RightDelimiter)?;
        let loops = self.loops;
        self.loops += usize::from(control == Control::Range);
        let list = self.new_list();
        let branch = Branch { pipe, then: list, otherwise: None };
        let construct = Construct::Control { control, branch, shares_end };
        self.open.push(Open { construct, list, variables, loops });
        Ok(())
    }

    fn otherwise(&mut self) -> Result<(), Wrong> {
        let next = self.peek_word().kind;
        let chained = match next {
            Kind::If => Some(Control::If),
            Kind::With => Some(Control::With),
            _ => {
                self.expect(Kind::RightDelimiter, "else")?;
                None
            }
        };
        let list = self.new_list();
        let (control, loops) = match self.open.last_mut() {
            Some(Open {
                construct: Construct::Control { control, branch, .. },
                list: current,
                loops,
                ..
            }) => {
                if branch.otherwise.is_some() {
                    return Err("expected end; found {{else}}".to_owned());
                }
                branch.otherwise = Some(list);
                *current = list;
                (*control, *loops)
            }
            open => return Err(unexpected_in(open.as_deref(), "{{else}}")),
        };
        self.loops = loops;
        match chained {
            Some(next) if next == control => {
                self.next_word();
                self.control(next, true)
            }
            Some(_) => {
                let token = self.next_word();
                Err(self.unexpected(token, "input"))
            }
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Wrong> {
        self.expect(Kind::RightDelimiter, "end")?;
        loop {
            let Some(open) = self.open.pop_if(|open| !matches!(open.construct, Construct::Main)) else {
                return Err("unexpected {{end}}".to_owned());
            };
            self.variables = open.variables;
            self.loops = open.loops;
            match open.construct {
                Construct::Main => {}
                Construct::Define(name) => self.add(name, open.list)?,
                Construct::Block { at, name, pipe } => {
                    self.add(name.clone(), open.list)?;
                    self.push(Node::Template { at, name, pipe: Some(pipe) });
                }
                Construct::Control { control, branch, shares_end } => {
                    self.push(match control {
                        Control::If => Node::If(branch),
                        Control::With => Node::With(branch),
                        Control::Range => Node::Range(branch),
                    });
                    if shares_end {
                        continue;
                    }
                }
            }
            return Ok(());
        }
    }

    /// Adds a template; one that has nothing but spaces gives way to another of its name.
    fn add(&mut self, name: Arc<str>, list: ListId) -> Result<(), Wrong> {
        match self.templates.get(&name) {
            Some(known) if !self.is_empty(*known) => {
                if !self.is_empty(list) {
                    return Err(format!("template: multiple definition of template {name:?}"));
                }
            }
            _ => {
                self.templates.insert(name, list);
            }
        }
        Ok(())
    }

    fn is_empty(&self, list: ListId) -> bool {
        self.lists[list.0].iter().all(|node| match node {
            Node::Text(span) => self.text[span.start..span.end].trim().is_empty(),
            _ => false,
        })
    }

    fn new_list(&mut self) -> ListId {
        self.lists.push(Vec::new());
        ListId(self.lists.len() - 1)
    }

    fn push(&mut self, node: Node) {
        let list = self.open.last().map_or(ListId(0), |open| open.list);
        self.lists[list.0].push(node);
    }
}

fn span(token: Token) -> Span {
    Span { start: token.start, end: token.end, place: token.start }
}

/// Says that a word stands where none may.
fn unexpected_in(open: Option<&Open>, word: &str) -> Wrong {
    match open.map(|open| &open.construct) {
        Some(Construct::Define(_)) => format!("unexpected {word} in define clause"),
        Some(Construct::Block { .. }) => format!("unexpected {word} in block clause"),
        _ => format!("unexpected {word}"),
    }
}
