//! Expressions, rewritten node by node.

use minijinja::Value;
use minijinja::machinery::ast::{self, BinOpKind, CallArg, Expr, Spanned};

use super::super::limits::EXPRESSION_DEPTH;
use super::super::{filter, hole};
use super::{Captures, Weaver, constant};
use crate::diagnostic::nearest;

impl<'a> Weaver<'a> {
    /// Rewrites an expression.
    pub(super) fn expression(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        if self.depth >= EXPRESSION_DEPTH {
            let message = format!("the expression nests deeper than the limit of {EXPRESSION_DEPTH}");
            self.problem("template-limit", expr.span(), message);
            return constant(Value::from(()), expr.span());
        }
        self.depth += 1;
        let woven = self.node(expr);
        self.depth -= 1;
        woven
    }

    /// Rewrites an expression whose value is worked with, so that it must not be captured text.
    pub(super) fn operand(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        let woven = self.expression(expr);
        let guarded = self.captures == Captures::Some && self.may_be_captured(expr);
        if guarded { apply(filter::PRINTED_ONLY, woven, Vec::new()) } else { woven }
    }

    /// Rewrites an expression whose value gets a name.
    pub(super) fn bound(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        let woven = self.expression(expr);
        match expr {
            Expr::Const(_) | Expr::Compare(_) | Expr::Test(_) => woven,
            _ => apply(filter::BOUNDED, woven, Vec::new()),
        }
    }

    fn node(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        match expr {
            Expr::Var(node) => self.variable(node),
            Expr::Const(node) => self.literal(node),
            Expr::Slice(node) => self.slice(node),
            Expr::UnaryOp(node) => {
                let negates = matches!(node.op, ast::UnaryOpKind::Neg);
                let op = if negates { ast::UnaryOpKind::Neg } else { ast::UnaryOpKind::Not };
                let expr = self.operand(&node.expr);
                Expr::UnaryOp(Spanned::new(ast::UnaryOp { op, expr }, node.span()))
            }
            Expr::BinOp(node) => self.binary(node),
            Expr::Compare(node) => self.comparison(node),
            Expr::IfExpr(node) => {
                let (test_expr, true_expr) =
                    (self.operand(&node.test_expr), self.expression(&node.true_expr));
                let false_expr = node.false_expr.as_ref().map(|expr| self.expression(expr));
                Expr::IfExpr(Spanned::new(ast::IfExpr { test_expr, true_expr, false_expr }, node.span()))
            }
            Expr::Filter(node) => self.filter(node),
            Expr::Test(node) => self.test(node),
            Expr::GetAttr(node) => self.attribute(node),
            Expr::GetItem(node) => {
                let (expr, subscript_expr) = (self.operand(&node.expr), self.operand(&node.subscript_expr));
                Expr::GetItem(Spanned::new(ast::GetItem { expr, subscript_expr }, node.span()))
            }
            Expr::Call(node) => self.call(node),
            Expr::List(node) => {
                let items = node.items.iter().map(|item| self.expression(item)).collect();
                Expr::List(Spanned::new(ast::List { items }, node.span()))
            }
            Expr::Tuple(node) => {
                let items = node.items.iter().map(|item| self.expression(item)).collect();
                Expr::Tuple(Spanned::new(ast::Tuple { items }, node.span()))
            }
            Expr::Map(node) => {
                let keys = node.keys.iter().map(|key| self.operand(key)).collect();
                let values = node.values.iter().map(|value| self.expression(value)).collect();
                Expr::Map(Spanned::new(ast::Map { keys, values }, node.span()))
            }
        }
    }

    fn literal(&mut self, node: &Spanned<ast::Const>) -> Expr<'a> {
        if node.value.as_str().is_some_and(|text| text.chars().any(hole::is_private)) {
            let message = "a private-use character cannot stand in a template";
            self.problem("template-character", node.span(), message);
        }
        constant(node.value.clone(), node.span())
    }

    fn slice(&mut self, node: &Spanned<ast::Slice<'a>>) -> Expr<'a> {
        let mut bound = |part: &Option<Expr<'a>>| part.as_ref().map(|part| self.operand(part));
        let (start, stop, step) = (bound(&node.start), bound(&node.stop), bound(&node.step));
        let expr = self.operand(&node.expr);
        Expr::Slice(Spanned::new(ast::Slice { expr, start, stop, step }, node.span()))
    }

    fn comparison(&mut self, node: &Spanned<ast::Compare<'a>>) -> Expr<'a> {
        let expr = self.operand(&node.expr);
        let compared = |compared: &ast::CompareOp<'a>| ast::CompareOp {
            op: compared.op,
            expr: self.operand(&compared.expr),
        };
        let ops = node.ops.iter().map(compared).collect();
        Expr::Compare(Spanned::new(ast::Compare { expr, ops }, node.span()))
    }

    fn variable(&mut self, node: &Spanned<ast::Var<'a>>) -> Expr<'a> {
        let name = node.id;
        if !self.is_bound(name) {
            if self.macros.contains(name) {
                let hint = Some(format!("call it: `{name}(…)`"));
                self.hinted(
                    "template-syntax",
                    node.span(),
                    format!("`{name}` is a macro, not a value"),
                    hint,
                );
            } else if filter::FUNCTIONS.contains(&name) {
                let hint = Some(format!("call it: `{name}(…)`"));
                self.hinted(
                    "template-syntax",
                    node.span(),
                    format!("`{name}` is a function, not a value"),
                    hint,
                );
            } else {
                self.reads.insert(name.to_owned());
            }
        } else if matches!(name, "loop" | "caller") {
            self.problem("template-syntax", node.span(), format!("`{name}` is no value by itself"));
        }
        variable(node)
    }

    fn binary(&mut self, node: &Spanned<ast::BinOp<'a>>) -> Expr<'a> {
        let (left, right) = (self.operand(&node.left), self.operand(&node.right));
        if matches!(node.op, BinOpKind::Concat) {
            let filter =
                ast::Filter { name: filter::CONCAT, expr: Some(left), args: vec![CallArg::Pos(right)] };
            return Expr::Filter(Spanned::new(filter, node.span()));
        }
        Expr::BinOp(Spanned::new(ast::BinOp { op: node.op, left, right }, node.span()))
    }

    fn filter(&mut self, node: &Spanned<ast::Filter<'a>>) -> Expr<'a> {
        self.known("filter", node.name, &filter::FILTERS, node.span());
        let expr = node.expr.as_ref().map(|expr| self.operand(expr));
        let args = node.args.iter().map(|argument| self.argument(argument, Self::operand)).collect();
        Expr::Filter(Spanned::new(ast::Filter { name: node.name, expr, args }, node.span()))
    }

    fn test(&mut self, node: &Spanned<ast::Test<'a>>) -> Expr<'a> {
        self.known("test", node.name, &filter::TESTS, node.span());
        let expr = match &node.expr {
            // `caller is defined` is how a macro learns whether `call` used it.
            Expr::Var(name) if name.id == "caller" && self.is_bound("caller") => variable(name),
            expr => self.operand(expr),
        };
        let args = node.args.iter().map(|argument| self.argument(argument, Self::operand)).collect();
        Expr::Test(Spanned::new(ast::Test { name: node.name, expr, args }, node.span()))
    }

    fn attribute(&mut self, node: &Spanned<ast::GetAttr<'a>>) -> Expr<'a> {
        let expr = match (&node.expr, path(&node.expr)) {
            (Expr::Var(base), _) if base.id == "loop" && self.is_bound("loop") => variable(base),
            (base, Some(base_path)) if !self.is_bound(base_path.split('.').next().unwrap_or_default()) => {
                self.reads.insert(format!("{base_path}.{}", node.name));
                chain(base)
            }
            (base, _) => self.operand(base),
        };
        Expr::GetAttr(Spanned::new(ast::GetAttr { expr, name: node.name }, node.span()))
    }

    /// Rewrites a call: of a macro, of a function of ours, or of what loops have.
    pub(super) fn call(&mut self, node: &Spanned<ast::Call<'a>>) -> Expr<'a> {
        let expr = match &node.expr {
            Expr::Var(name) if self.is_callable(name.id) => variable(name),
            Expr::GetAttr(method) if matches!(&method.expr, Expr::Var(base) if base.id == "loop") => {
                self.attribute(method)
            }
            Expr::GetAttr(method) => {
                let hint =
                    filter::FILTERS.contains(&method.name).then(|| format!("write `| {}`", method.name));
                let message = format!("values have no methods, so `.{}()` cannot be called", method.name);
                self.hinted("template-syntax", method.span(), message, hint);
                constant(Value::from(()), node.span())
            }
            other => {
                let names = self.macros.iter().copied().chain(filter::FUNCTIONS);
                let (typed, near) = match other {
                    Expr::Var(name) => (name.id, nearest(name.id, names)),
                    _ => ("this", None),
                };
                let message = format!("`{typed}` is no macro and no function");
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                self.hinted("template-syntax", other.span(), message, hint);
                constant(Value::from(()), node.span())
            }
        };
        let args = node.args.iter().map(|argument| self.argument(argument, Self::bound)).collect();
        Expr::Call(Spanned::new(ast::Call { expr, args }, node.span()))
    }

    fn argument(
        &mut self,
        argument: &CallArg<'a>,
        rewrite: fn(&mut Self, &Expr<'a>) -> Expr<'a>,
    ) -> CallArg<'a> {
        match argument {
            CallArg::Pos(expr) => CallArg::Pos(rewrite(self, expr)),
            CallArg::Kwarg(name, expr) => CallArg::Kwarg(name, rewrite(self, expr)),
            CallArg::PosSplat(expr) => CallArg::PosSplat(rewrite(self, expr)),
            CallArg::KwargSplat(expr) => CallArg::KwargSplat(rewrite(self, expr)),
        }
    }

    fn known(&mut self, what: &str, name: &str, known: &[&str], span: minijinja::machinery::Span) {
        if !known.contains(&name) {
            let hint = nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            self.hinted("template-syntax", span, format!("no {what} is called `{name}`"), hint);
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    fn is_callable(&self, name: &str) -> bool {
        let of_its_own = matches!(name, "loop" | "caller") && self.is_bound(name);
        of_its_own
            || self.macros.contains(name)
            || (filter::FUNCTIONS.contains(&name) && !self.is_bound(name))
    }

    fn may_be_captured(&self, expr: &Expr<'a>) -> bool {
        match expr {
            Expr::Const(_) | Expr::Compare(_) | Expr::Test(_) | Expr::UnaryOp(_) => false,
            Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => false,
            Expr::Var(name) => self.is_bound(name.id),
            Expr::GetAttr(_) | Expr::GetItem(_) => {
                path(expr).is_none_or(|path| self.is_bound(path.split('.').next().unwrap_or_default()))
            }
            Expr::BinOp(node) => matches!(node.op, BinOpKind::ScAnd | BinOpKind::ScOr),
            Expr::Slice(_) | Expr::IfExpr(_) | Expr::Filter(_) | Expr::Call(_) => true,
        }
    }
}

/// Returns `a.b.c` for an expression that is nothing but a variable and attributes, and not overly long.
fn path(expr: &Expr<'_>) -> Option<String> {
    let mut names = Vec::new();
    let mut rest = expr;
    while let Expr::GetAttr(node) = rest {
        names.push(node.name);
        rest = &node.expr;
        if names.len() > EXPRESSION_DEPTH / 2 {
            return None;
        }
    }
    let Expr::Var(node) = rest else { return None };
    names.push(node.id);
    names.reverse();
    Some(names.join("."))
}

/// Copies an expression that has a [`path`].
fn chain<'a>(expr: &Expr<'a>) -> Expr<'a> {
    match expr {
        Expr::Var(node) => variable(node),
        Expr::GetAttr(node) => {
            let attribute = ast::GetAttr { expr: chain(&node.expr), name: node.name };
            Expr::GetAttr(Spanned::new(attribute, node.span()))
        }
        other => constant(Value::from(()), other.span()),
    }
}

fn variable<'a>(node: &Spanned<ast::Var<'a>>) -> Expr<'a> {
    Expr::Var(Spanned::new(ast::Var { id: node.id }, node.span()))
}

fn apply<'a>(name: &'static str, expr: Expr<'a>, args: Vec<CallArg<'a>>) -> Expr<'a> {
    let span = expr.span();
    Expr::Filter(Spanned::new(ast::Filter { name, expr: Some(expr), args }, span))
}
