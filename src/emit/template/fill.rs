//! Values into shapes.
//!
//! A copy of the prototype is walked along its plan only, so that what no value touches costs a copy and nothing
//! else. A value is put where its hole is and is never read as YAML. It must not render.

use minijinja::Value as Filling;
use serde_json::{Map, Value};

use crate::location::Location;

use super::data::{self, Budget};
use super::hole::{self, Part};
use super::refusal::Refusal;
use super::shape::{Emptied, Key, KeyedEntry, Leaf, LeafText, Plan};
use crate::spec::yaml::Style;

/// What could not be filled, by place in the rendered text.
pub(super) struct Fault {
    pub(super) at: Location,
    /// The hole at fault; `None` where it is none of them alone.
    pub(super) hole: Option<usize>,
    pub(super) refusal: Refusal,
    /// Another place that belongs to it.
    pub(super) related: Option<Location>,
}

/// Fills shapes with the values of one rendering.
pub(super) struct Filler<'a> {
    holes: &'a [Filling],
    /// The rendered texts that [`LeafText::Rendered`] names.
    texts: &'a [&'a str],
    budget: Budget,
    pub(super) faults: Vec<Fault>,
}

/// Whether a node is still there after filling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Stays,
    Gone,
}

impl<'a> Filler<'a> {
    pub(super) fn new(holes: &'a [Filling], texts: &'a [&'a str]) -> Self {
        Self { holes, texts, budget: Budget::new(), faults: Vec::new() }
    }

    /// Fills a copy of `prototype`; `None` where nothing remains. What is wrong is added to [`Filler::faults`].
    pub(super) fn fill(&mut self, prototype: &Value, plan: &Plan) -> Option<Value> {
        let mut value = prototype.clone();
        (self.node(&mut value, plan) == Outcome::Stays).then_some(value)
    }

    fn node(&mut self, value: &mut Value, plan: &Plan) -> Outcome {
        match (plan, value) {
            (Plan::Leaf(leaf), value) => match self.leaf(leaf) {
                Some(filled) => {
                    *value = filled;
                    Outcome::Stays
                }
                None => Outcome::Gone,
            },
            (Plan::Keyed(entries, emptied), value) => {
                let map = self.keyed(entries);
                let outcome = emptied.outcome(map.is_empty());
                *value = Value::Object(map);
                outcome
            }
            (Plan::Map(plans, emptied), Value::Object(map)) => {
                let gone = self.places(map.values_mut(), plans);
                retain_map(map, &gone);
                emptied.outcome(map.is_empty())
            }
            (Plan::List(plans, emptied), Value::Array(items)) => {
                let gone = self.places(items.iter_mut(), plans);
                retain_list(items, &gone);
                emptied.outcome(items.is_empty())
            }
            (Plan::Keep | Plan::Map(..) | Plan::List(..), _) => Outcome::Stays,
        }
    }

    /// Fills the places of a map or list that have a plan; returns those that are gone, ascending.
    fn places<'v>(
        &mut self,
        values: impl Iterator<Item = &'v mut Value>,
        plans: &[(usize, Plan)],
    ) -> Vec<usize> {
        let mut gone = Vec::new();
        let mut plans = plans.iter();
        let Some(mut next) = plans.next() else { return gone };
        for (place, value) in values.enumerate() {
            if place != next.0 {
                continue;
            }
            if self.node(value, &next.1) == Outcome::Gone {
                gone.push(place);
            }
            match plans.next() {
                Some(plan) => next = plan,
                None => break,
            }
        }
        gone
    }

    fn keyed(&mut self, entries: &[KeyedEntry]) -> Map<String, Value> {
        let mut map = Map::with_capacity(entries.len());
        let mut places: Vec<Location> = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(value) = self.fill(&entry.prototype, &entry.plan) else { continue };
            let Some(key) = self.key(&entry.key) else { continue };
            if let Some(first) = map.keys().position(|other| *other == key) {
                let message = "two keys of one map are equal once they are filled";
                let refusal =
                    Refusal::new("template-key", message).hint("make them differ, or leave one out");
                self.faults.push(Fault {
                    at: entry.key_at,
                    hole: None,
                    refusal,
                    related: Some(places[first]),
                });
                continue;
            }
            map.insert(key, value);
            places.push(entry.key_at);
        }
        map
    }

    fn key(&mut self, key: &Key) -> Option<String> {
        let leaf = match key {
            Key::Literal(key) => return Some(key.to_string()),
            Key::Filled(leaf) => leaf,
        };
        let faults = self.faults.len();
        let found = match self.leaf(leaf) {
            Some(Value::String(key)) => return Some(key),
            // What is at fault has been said.
            None if self.faults.len() > faults => return None,
            None | Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "a boolean",
            Some(Value::Number(_)) => "a number",
            Some(Value::Array(_)) => "a list",
            Some(Value::Object(_)) => "a map",
        };
        let refusal = Refusal::new("template-key", format!("a key must be text, and this is {found}"))
            .hint("make it text: `${{ … | string }}`, or put it in quotes");
        self.faults.push(Fault { at: leaf.at, hole: None, refusal, related: None });
        None
    }

    /// Returns what a scalar is filled with; `None` for null and for what is at fault.
    fn leaf(&mut self, leaf: &Leaf) -> Option<Value> {
        match &leaf.text {
            LeafText::Value(number) => self.value(*number, leaf),
            LeafText::Text(text) => self.text(text, leaf),
            LeafText::Rendered(number, style) => {
                let text = self.texts.get(*number).copied().unwrap_or_default();
                match hole::only(text) {
                    Some(number) if *style == Style::Plain => self.value(number, leaf),
                    _ => self.text(text, leaf),
                }
            }
        }
    }

    fn value(&mut self, number: usize, leaf: &Leaf) -> Option<Value> {
        let filled = match self.holes.get(number) {
            Some(value) => data::json(value, &mut self.budget),
            None => Err(Refusal::new("template-structure", "this text looks like a hole, and is none")),
        };
        filled.unwrap_or_else(|refusal| {
            self.faults.push(Fault { at: leaf.at, hole: Some(number), refusal, related: None });
            None
        })
    }

    fn text(&mut self, text: &str, leaf: &Leaf) -> Option<Value> {
        let mut filled = String::with_capacity(text.len());
        let mut faultless = true;
        for part in hole::parts(text) {
            let (hole, part) = match part {
                Part::Text(text) => (None, self.budget.text(text.len()).map(|()| text.into())),
                Part::Hole(number) => (Some(number), self.among_text(number)),
            };
            match part {
                Ok(part) => filled.push_str(&part),
                Err(refusal) => {
                    self.faults.push(Fault { at: leaf.at, hole, refusal, related: None });
                    faultless = false;
                }
            }
        }
        faultless.then_some(Value::String(filled))
    }

    fn among_text(&mut self, number: usize) -> Result<std::borrow::Cow<'a, str>, Refusal> {
        let holes = self.holes;
        let value = holes.get(number);
        let value = value
            .ok_or_else(|| Refusal::new("template-structure", "this text looks like a hole, and is none"))?;
        let text = data::text(value, "among text, in quotes or in a block scalar")?;
        self.budget.text(text.len())?;
        Ok(text)
    }
}

impl Emptied {
    fn outcome(self, empty: bool) -> Outcome {
        if empty && self == Self::Goes { Outcome::Gone } else { Outcome::Stays }
    }
}

fn retain_map(map: &mut Map<String, Value>, gone: &[usize]) {
    if !gone.is_empty() {
        let mut place = 0;
        map.retain(|_, _| {
            place += 1;
            gone.binary_search(&(place - 1)).is_err()
        });
    }
}

fn retain_list(items: &mut Vec<Value>, gone: &[usize]) {
    if !gone.is_empty() {
        let mut place = 0;
        items.retain(|_| {
            place += 1;
            gone.binary_search(&(place - 1)).is_err()
        });
    }
}
