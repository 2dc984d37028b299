//! The template as minijinja parsed it: checked, and rewritten where our rules differ from minijinja's.
//!
//! - `a ~ b` becomes a filter of ours, because minijinja joins `true` as `True` and null as `None`.
//! - Where `set`, `macro` or `call` capture text, whatever is done to a value but printing it goes through a filter
//!   that refuses captured text: it holds holes, not values.
//! - What is bound to a name goes through a filter that bounds its nesting.
//! - Unknown filters, tests and functions are found here, wherever they stand, not when a line is reached.
//!
//! It must not know values.

mod expression;

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{self, Expr, Spanned, Stmt};
use minijinja::machinery::{self, Span};

use super::hole;
use super::read::{self, Captures};

/// What is wrong with a template, by bytes of its source.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) rule: &'static str,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Whether a rendering notes where its text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origins {
    /// Renders what is parsed as YAML.
    Silent,
    /// Puts a note before every piece of text and every expression.
    Noted,
}

/// Walks a parsed template and makes the one that runs.
pub(super) struct Weaver<'a> {
    captures: Captures,
    origins: Origins,
    macros: BTreeSet<&'a str>,
    /// Names bound by `set`, `for` and parameters, innermost scope last.
    scopes: Vec<BTreeSet<&'a str>>,
    /// Dotted paths of what is read from outside.
    pub(super) reads: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
    depth: usize,
}

/// Parses `source` and rewrites it.
///
/// # Errors
/// Returns everything that is wrong, in the order of the source.
pub(super) fn weave(
    source: &str,
    captures: Captures,
    origins: Origins,
) -> Result<(Stmt<'_>, BTreeSet<String>), Vec<Problem>> {
    let parsed = machinery::parse(source, "template", read::syntax()).map_err(|error| {
        let range = error.range().unwrap_or(0..0);
        let detail = error.detail().unwrap_or("this cannot be read");
        let (rule, message) = if detail.contains("recursion") {
            ("template-limit", "the expression nests deeper than the limit of 150".to_owned())
        } else {
            ("template-syntax", detail.to_owned())
        };
        vec![Problem { rule, range, message, hint: None }]
    })?;
    let mut weaver = Weaver {
        captures,
        origins,
        macros: BTreeSet::new(),
        scopes: vec![BTreeSet::new()],
        reads: BTreeSet::new(),
        problems: Vec::new(),
        depth: 0,
    };
    collect_macros(std::slice::from_ref(&parsed), &mut weaver.macros);
    let mut woven = weaver.statements(std::slice::from_ref(&parsed));
    match woven.pop() {
        Some(statement) if weaver.problems.is_empty() => Ok((statement, weaver.reads)),
        _ => Err(weaver.problems),
    }
}

fn collect_macros<'a>(statements: &[Stmt<'a>], names: &mut BTreeSet<&'a str>) {
    for statement in statements {
        match statement {
            Stmt::Template(template) => collect_macros(&template.children, names),
            Stmt::ForLoop(node) => {
                collect_macros(&node.body, names);
                collect_macros(&node.else_body, names);
            }
            Stmt::IfCond(node) => {
                collect_macros(&node.true_body, names);
                collect_macros(&node.false_body, names);
            }
            Stmt::WithBlock(node) => collect_macros(&node.body, names),
            Stmt::SetBlock(node) => collect_macros(&node.body, names),
            Stmt::Macro(node) => {
                names.insert(node.name);
                collect_macros(&node.body, names);
            }
            Stmt::CallBlock(node) => collect_macros(&node.macro_decl.body, names),
            Stmt::EmitExpr(_)
            | Stmt::EmitRaw(_)
            | Stmt::Set(_)
            | Stmt::AutoEscape(_)
            | Stmt::FilterBlock(_)
            | Stmt::Do(_) => {}
        }
    }
}

impl<'a> Weaver<'a> {
    fn statements(&mut self, statements: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        let mut woven = Vec::with_capacity(statements.len());
        for statement in statements {
            self.note_origin(statement, &mut woven);
            if let Some(statement) = self.statement(statement) {
                woven.push(statement);
            }
        }
        woven
    }

    /// Rewrites the statements of a block that sees names of its own.
    fn scope(&mut self, statements: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        self.scopes.push(BTreeSet::new());
        let woven = self.statements(statements);
        self.scopes.pop();
        woven
    }

    fn statement(&mut self, statement: &Stmt<'a>) -> Option<Stmt<'a>> {
        Some(match statement {
            Stmt::Template(node) => {
                let children = self.statements(&node.children);
                Stmt::Template(Spanned::new(ast::Template { children }, node.span()))
            }
            Stmt::EmitRaw(node) => Stmt::EmitRaw(Spanned::new(ast::EmitRaw { raw: node.raw }, node.span())),
            Stmt::EmitExpr(node) => {
                let expr = self.expression(&node.expr);
                Stmt::EmitExpr(Spanned::new(ast::EmitExpr { expr }, node.span()))
            }
            Stmt::ForLoop(node) => self.for_loop(node),
            Stmt::IfCond(node) => {
                let expr = self.operand(&node.expr);
                let (true_body, false_body) = (self.scope(&node.true_body), self.scope(&node.false_body));
                Stmt::IfCond(Spanned::new(ast::IfCond { expr, true_body, false_body }, node.span()))
            }
            Stmt::WithBlock(node) => {
                let body = self.scope(&node.body);
                Stmt::WithBlock(Spanned::new(ast::WithBlock { assignments: Vec::new(), body }, node.span()))
            }
            Stmt::Set(node) => {
                let expr = self.bound(&node.expr);
                let target = self.target(&node.target)?;
                Stmt::Set(Spanned::new(ast::Set { target, expr }, node.span()))
            }
            Stmt::SetBlock(node) => self.set_block(node)?,
            Stmt::Macro(node) => Stmt::Macro(self.macro_declaration(node)),
            Stmt::CallBlock(node) => self.call_block(node)?,
            Stmt::AutoEscape(_) | Stmt::FilterBlock(_) | Stmt::Do(_) => return None,
        })
    }

    fn for_loop(&mut self, node: &Spanned<ast::ForLoop<'a>>) -> Stmt<'a> {
        let iter = self.operand(&node.iter);
        self.scopes.push(BTreeSet::from(["loop"]));
        let target = self.target(&node.target);
        let filter_expr = node.filter_expr.as_ref().map(|filter| self.operand(filter));
        let body = self.statements(&node.body);
        self.scopes.pop();
        let else_body = self.scope(&node.else_body);
        let target = target.unwrap_or_else(|| constant(Value::from(()), node.span()));
        let recursive = node.recursive;
        Stmt::ForLoop(Spanned::new(
            ast::ForLoop { target, iter, filter_expr, recursive, body, else_body },
            node.span(),
        ))
    }

    fn set_block(&mut self, node: &Spanned<ast::SetBlock<'a>>) -> Option<Stmt<'a>> {
        if let Some(filter) = &node.filter {
            self.problem(
                "template-captured",
                filter.span(),
                "captured text may be printed only, not filtered",
            );
        }
        let body = self.scope(&node.body);
        let target = self.target(&node.target)?;
        Some(Stmt::SetBlock(Spanned::new(ast::SetBlock { target, filter: None, body }, node.span())))
    }

    fn macro_declaration(&mut self, node: &Spanned<ast::Macro<'a>>) -> Spanned<ast::Macro<'a>> {
        let defaults = node.defaults.iter().map(|default| self.bound(default)).collect();
        self.scopes.push(BTreeSet::from(["caller"]));
        let args = node.args.iter().filter_map(|argument| self.target(argument)).collect();
        let body = self.statements(&node.body);
        self.scopes.pop();
        Spanned::new(ast::Macro { name: node.name, args, defaults, body }, node.span())
    }

    fn call_block(&mut self, node: &Spanned<ast::CallBlock<'a>>) -> Option<Stmt<'a>> {
        let Expr::Call(call) = self.call(&node.call) else { return None };
        let macro_decl = self.macro_declaration(&node.macro_decl);
        let block = ast::CallBlock { call, call_expr_span: node.call_expr_span, macro_decl };
        Some(Stmt::CallBlock(Spanned::new(block, node.span())))
    }

    /// Rewrites what is assigned to, and remembers its names.
    fn target(&mut self, target: &Expr<'a>) -> Option<Expr<'a>> {
        match target {
            Expr::Var(node) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(node.id);
                }
                Some(Expr::Var(Spanned::new(ast::Var { id: node.id }, node.span())))
            }
            Expr::List(node) => {
                let items = node.items.iter().filter_map(|item| self.target(item)).collect();
                Some(Expr::List(Spanned::new(ast::List { items }, node.span())))
            }
            Expr::Tuple(node) => {
                let items = node.items.iter().filter_map(|item| self.target(item)).collect();
                Some(Expr::Tuple(Spanned::new(ast::Tuple { items }, node.span())))
            }
            other => {
                self.problem("template-syntax", other.span(), "only a variable can be set, not part of one");
                None
            }
        }
    }

    fn note_origin(&self, statement: &Stmt<'a>, woven: &mut Vec<Stmt<'a>>) {
        let span = match statement {
            Stmt::EmitRaw(node) => node.span(),
            Stmt::EmitExpr(node) => node.span(),
            _ => return,
        };
        if self.origins == Origins::Noted {
            let note = format!("{0}{1},{2}{0}", hole::ORIGIN, span.start_offset, span.end_offset);
            let expr = constant(Value::from_safe_string(note), span);
            woven.push(Stmt::EmitExpr(Spanned::new(ast::EmitExpr { expr }, span)));
        }
    }

    fn problem(&mut self, rule: &'static str, span: Span, message: impl Into<String>) {
        self.hinted(rule, span, message, None);
    }

    fn hinted(&mut self, rule: &'static str, span: Span, message: impl Into<String>, hint: Option<String>) {
        let range = span.start_offset as usize..span.end_offset as usize;
        self.problems.push(Problem { rule, range, message: message.into(), hint });
    }
}

fn constant<'a>(value: Value, span: Span) -> Expr<'a> {
    Expr::Const(Spanned::new(ast::Const { value }, span))
}
