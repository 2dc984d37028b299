//! Plain look-ups, as valyala/fasttemplate has them: `{{tag}}` gives way to a parameter, everything else stays.
//!
//! Follows `Render.Replace` of Argo CD 3.5.1 (`applicationset/utils/utils.go`) with `goTemplate` off.

use std::borrow::Cow;

use super::Fault;

/// A text with tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What stands before each tag, and the tag as written, blanks included.
    tags: Vec<(String, String)>,
    /// What stands behind the last tag.
    rest: String,
}

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    /// Says what Argo CD says of a text in which one tag is whole and another has no end.
    pub fn compile(text: &str) -> Result<Self, Fault> {
        let mut tags = Vec::new();
        let mut rest = text;
        if !is_templated(text) {
            return Ok(Self { tags, rest: rest.to_owned() });
        }
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((tag, behind)) = behind.split_once("}}") else {
                let why = format!("invalid template: Cannot find end tag=\"}}}}\" in the template={text:?}");
                return Err(Fault::Wrong(why));
            };
            tags.push((before.to_owned(), tag.to_owned()));
            rest = behind;
        }
        Ok(Self { tags, rest: rest.to_owned() })
    }

    /// Returns whether nothing can be filled in.
    pub fn is_fixed(&self) -> bool {
        self.tags.is_empty()
    }

    /// Returns the names that are looked up, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(|(_, tag)| go_trimmed(tag)).filter(|name| !name.is_empty())
    }

    /// Returns the text with every tag that `value` knows filled in; others stay as they are.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
        let mut filled = String::with_capacity(self.rest.len() + 32 * self.tags.len());
        for (before, tag) in &self.tags {
            filled.push_str(before);
            let name = go_trimmed(tag);
            match value(name).filter(|_| !name.is_empty()) {
                Some(value) => filled.push_str(&value),
                None => {
                    filled.push_str("{{");
                    filled.push_str(tag);
                    filled.push_str("}}");
                }
            }
        }
        filled.push_str(&self.rest);
        filled
    }
}

/// Returns whether a text is looked into at all: Argo CD asks the pattern `.*{{.*}}.*`, in which `.` is no line break.
fn is_templated(text: &str) -> bool {
    text.split('\n').any(|line| line.split_once("{{").is_some_and(|(_, behind)| behind.contains("}}")))
}

/// Trims as Go's `strings.TrimSpace` does; the two agree on Unicode's white space.
fn go_trimmed(tag: &str) -> &str {
    tag.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, Fault> {
        let value = |name: &str| match name {
            "name" => Some("c1"),
            "metadata.labels.ake/version" => Some("v1.20-ake.211006"),
            "metadata.labels.addons.ake/cilium" => Some("true"),
            "empty" => Some(""),
            _ => None,
        };
        Ok(Text::compile(text)?.fill(|name| value(name).map(Cow::Borrowed)))
    }

    #[test]
    fn tags_are_filled_as_argo_cd_fills_them() -> Result<(), Fault> {
        for (text, expected) in [
            ("{{ metadata.labels.ake/version }}", "v1.20-ake.211006"),
            ("{{metadata.labels.addons.ake/cilium}}-{{name}}", "true-c1"),
            ("{{ metadata.labels.nope }}-{{name}}", "{{ metadata.labels.nope }}-c1"),
            ("{{.name}}", "{{.name}}"),
            ("{{{name}}}", "{{{name}}}"),
            ("{{}}{{ }}", "{{}}{{ }}"),
            ("a{{empty}}b", "ab"),
            ("a {{name", "a {{name"),
            ("}}{{", "}}{{"),
            ("{{\nname}}", "{{\nname}}"),
            ("{{name}}\n{{\nname}}", "c1\nc1"),
        ] {
            assert_eq!(filled(text)?, expected, "{text}");
        }
        assert!(filled("{{name}} ...\n {{ open").is_err());
        Ok(())
    }
}
