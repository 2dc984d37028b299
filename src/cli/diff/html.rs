//! A comparison as one page that needs nothing else: no network, no other file.
//!
//! The page shows the data that stands in it; what is shown and filtered is decided by its script.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use yoshino::impact::{Class, Difference, Matrix};

use super::super::words;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page.
pub fn html(difference: &Difference) -> String {
    let mut data = difference.to_json();
    mask(&mut data);
    data["matrix"] = matrix(&difference.matrix);
    // A `<` would end the script that holds the data; JSON can say it otherwise.
    let data = data.to_string().replace('<', "\\u003c");
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    for (mark, text) in [("{{style}}", STYLE), ("{{data}}", &data), ("{{script}}", SCRIPT)] {
        let (before, behind) = rest.split_once(mark).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(text);
        rest = behind;
    }
    page.push_str(rest);
    page
}

/// Masks what looks like a credential among the fields.
fn mask(data: &mut Value) {
    let changes = data["changes"].as_array_mut().into_iter().flatten();
    let fields = changes.filter_map(|change| change.get_mut("fields")?.as_array_mut()).flatten();
    for field in fields {
        let path = field["path"].as_str().unwrap_or_default().to_owned();
        for side in ["from", "to"] {
            if let Some(value) = field.get_mut(side) {
                *value = words::value(&path, value).into();
            }
        }
    }
}

/// Returns the fleet as a table in few bytes: versions by number, and of each cell the versions before and after and
/// the class; `0` where nothing is installed, a version's number alone where nothing changes.
fn matrix(matrix: &Matrix) -> Value {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let cells = || matrix.rows.iter().flat_map(|row| &row.cells);
    for version in cells().flat_map(|cell| [&cell.before, &cell.after]).flatten() {
        let next = numbers.len() + 1;
        numbers.entry(version).or_insert(next);
    }
    let number = |version: &Option<String>| version.as_deref().map_or(0, |version| numbers[version]);
    let rows = matrix.rows.iter().map(|row| {
        let cells: Vec<Value> = row
            .cells
            .iter()
            .map(|cell| match cell.class {
                None => number(&cell.after).into(),
                Some(class) => {
                    let class = Class::ALL.iter().position(|known| *known == class);
                    json!([number(&cell.before), number(&cell.after), class])
                }
            })
            .collect();
        json!([row.management, row.cluster.project, row.cluster.name, cells])
    });
    let rows: Vec<Value> = rows.collect();
    let mut versions = vec![""; numbers.len() + 1];
    for (version, number) in &numbers {
        versions[*number] = version;
    }
    json!({"addons": matrix.addons, "versions": versions, "rows": rows})
}

#[cfg(test)]
mod tests {
    use yoshino::impact::{Cell, ClusterId, Row};

    use super::*;

    #[test]
    fn the_page_holds_its_data_and_asks_for_nothing_else() {
        let cell = |before: Option<&str>, after: Option<&str>, class| Cell {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            class,
        };
        let row = Row {
            management: "tokyo".into(),
            cluster: ClusterId { project: "payments".into(), name: "</script><b>".into() },
            cells: vec![
                cell(Some("1"), Some("2"), Some(Class::Upgrades)),
                cell(Some("1"), Some("1"), None),
                cell(None, None, None),
            ],
        };
        let addons = ["a", "b", "c"].map(str::to_owned).to_vec();
        let difference = Difference {
            base: "{{script}}".into(),
            matrix: Matrix { addons, rows: vec![row] },
            ..Difference::default()
        };

        let page = html(&difference);

        let data =
            page.split_once("type=\"application/json\">").and_then(|(_, rest)| rest.split_once("</script>"));
        let data: Value = serde_json::from_str(data.map_or("", |(data, _)| data)).unwrap_or_default();
        assert_eq!(data["base"], "{{script}}");
        assert_eq!(
            data["matrix"],
            json!({"addons": ["a", "b", "c"], "versions": ["", "1", "2"], "rows": [["tokyo", "payments", "</script><b>", [[1, 2, 4], 1, 0]]]})
        );
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
