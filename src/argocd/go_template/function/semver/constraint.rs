//! Constraints on versions as Masterminds/semver 3.4.0 reads and checks them: `>=1.2 <3 || ~4.1`, `1.2 - 2`.

use std::cmp::Ordering;

use super::version::{Parts, Version, compare_prereleases};

/// Groups of which one must hold.
pub(super) struct Constraints(Vec<Group>);

/// Constraints that must all hold.
struct Group {
    constraints: Vec<Constraint>,
    /// Whether prereleases may be taken: only where a constraint names one.
    takes_prereleases: bool,
}

struct Constraint {
    operator: Operator,
    version: Version,
    precision: Precision,
}

#[derive(Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// Up to where a constraint says a version; the rest is a wildcard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Precision {
    /// Nothing is said: `*`.
    Nothing,
    Major,
    Minor,
    Patch,
}

/// Operators as they are written, those first that begin with another.
const OPERATORS: [(&str, Operator); 12] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Equal),
];

/// What Go's `\s` matches.
const BLANKS: [char; 5] = ['\t', '\n', '\u{c}', '\r', ' '];

/// Reads what the library takes for a version in a constraint: numbers may be wildcards, and hold bars.
fn parts(text: &str) -> Option<Parts<'_>> {
    Parts::read(text, |byte| byte.is_ascii_digit() || matches!(byte, b'|' | b'x' | b'X' | b'*'))
}

impl Constraints {
    /// Reads constraints.
    ///
    /// # Errors
    /// Says what Go says.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = without_ranges(text);
        text.split("||").map(Group::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Tells whether a version satisfies them.
    pub(super) fn check(&self, version: &Version) -> bool {
        self.0.iter().any(|group| group.check(version))
    }
}

/// Rewrites `1.2 - 2` as `>= 1.2, <= 2`, with the first place of the same text where there are several.
fn without_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    let mut at = 0;
    while let Some((start, end, low, high)) = (at..text.len()).find_map(|start| range_at(text, start)) {
        rewritten = rewritten.replacen(&text[start..end], &format!(">= {low}, <= {high} "), 1);
        at = end;
    }
    rewritten
}

/// Returns the range that begins at a byte, and its ends; blanks around it belong to it.
fn range_at(text: &str, start: usize) -> Option<(usize, usize, &str, &str)> {
    let low = text.get(start..)?.trim_start_matches(BLANKS);
    let (low, rest) = low.split_at(parts(low)?.length);
    let high = blanks(blanks(rest)?.strip_prefix('-')?)?;
    let (high, rest) = high.split_at(parts(high)?.length);
    Some((start, text.len() - rest.trim_start_matches(BLANKS).len(), low, high))
}

/// Takes blanks, of which there must be one.
fn blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(BLANKS);
    (rest.len() < text.len()).then_some(rest)
}

impl Group {
    fn parse(text: &str) -> Result<Self, String> {
        let improper = || format!("improper constraint: {text}");
        let mut constraints = Vec::new();
        let mut rest = text.trim_start_matches(BLANKS);
        loop {
            let is_written = |(written, _): &&(&str, Operator)| rest.starts_with(written);
            let (written, operator) = OPERATORS.iter().find(is_written).ok_or_else(improper)?;
            let version = rest[written.len()..].trim_start_matches(BLANKS);
            let parts = parts(version).ok_or_else(improper)?;
            let behind = &version[parts.length..];
            constraints.push((*operator, parts, &version[..version.len() - behind.len()]));
            rest = behind.trim_start_matches(BLANKS);
            if rest.is_empty() {
                break;
            }
            match rest.strip_prefix(',') {
                Some(next) => rest = next.trim_start_matches(BLANKS),
                None if rest.len() == behind.len() => return Err(improper()),
                None => {}
            }
        }
        let read = |(operator, parts, text)| Constraint::read(operator, &parts, text);
        let constraints: Vec<Constraint> = constraints.into_iter().map(read).collect::<Result<_, _>>()?;
        let takes_prereleases = constraints.iter().any(|one| !one.version.prerelease.is_empty());
        Ok(Self { constraints, takes_prereleases })
    }

    fn check(&self, version: &Version) -> bool {
        (self.takes_prereleases || version.prerelease.is_empty())
            && self.constraints.iter().all(|constraint| constraint.check(version))
    }
}

impl Constraint {
    fn read(operator: Operator, parts: &Parts<'_>, text: &str) -> Result<Self, String> {
        let is_wildcard = |part: Option<&str>| matches!(part, None | Some("x" | "X" | "*"));
        let prerelease = parts.prerelease.map(|part| format!("-{part}")).unwrap_or_default();
        let (major, minor) = (parts.major, parts.minor.unwrap_or_default());
        let (precision, written) = if is_wildcard(Some(major)) {
            (Precision::Nothing, format!("0.0.0{prerelease}"))
        } else if is_wildcard(parts.minor) {
            (Precision::Major, format!("{major}.0.0{prerelease}"))
        } else if is_wildcard(parts.patch) {
            (Precision::Minor, format!("{major}.{minor}.0{prerelease}"))
        } else {
            (Precision::Patch, text.to_owned())
        };
        let version = Version::parse(&written).map_err(|_| "constraint parser error".to_owned())?;
        Ok(Self { operator, version, precision })
    }

    fn check(&self, version: &Version) -> bool {
        let compared = version.compare(&self.version);
        let is_exact = self.precision == Precision::Patch;
        match self.operator {
            Operator::Equal if is_exact => compared.is_eq(),
            Operator::Equal | Operator::Tilde => compared.is_ge() && self.tilde(version),
            Operator::NotEqual => self.not_equal(version, compared),
            Operator::Greater => self.greater(version, compared),
            Operator::Less => compared.is_lt(),
            Operator::GreaterOrEqual => compared.is_ge(),
            Operator::LessOrEqual if is_exact => compared.is_le(),
            Operator::LessOrEqual => self.less_or_equal(version),
            Operator::Caret => compared.is_ge() && self.caret(version),
        }
    }

    fn numbers(&self) -> (u64, u64, u64) {
        (self.version.major, self.version.minor, self.version.patch)
    }

    fn not_equal(&self, version: &Version, compared: Ordering) -> bool {
        let (major, minor, patch) = self.numbers();
        match self.precision {
            Precision::Patch => compared.is_ne(),
            _ if major != version.major => true,
            Precision::Major => false,
            _ if minor != version.minor => true,
            // The prereleases alone decide.
            Precision::Minor => compare_prereleases(&version.prerelease, &self.version.prerelease).is_ne(),
            // The library forgets that nothing was said.
            Precision::Nothing => patch != version.patch || compared.is_ne(),
        }
    }

    fn greater(&self, version: &Version, compared: Ordering) -> bool {
        match (self.precision, version.major.cmp(&self.version.major)) {
            (Precision::Patch, _) => compared.is_gt(),
            (_, Ordering::Greater) => true,
            (_, Ordering::Less) | (Precision::Major, Ordering::Equal) => false,
            (Precision::Minor, Ordering::Equal) => version.minor > self.version.minor,
            (Precision::Nothing, Ordering::Equal) => compared.is_gt(),
        }
    }

    fn less_or_equal(&self, version: &Version) -> bool {
        let (major, minor, _) = self.numbers();
        match version.major.cmp(&major) {
            Ordering::Less => true,
            Ordering::Equal => self.precision == Precision::Major || version.minor <= minor,
            Ordering::Greater => false,
        }
    }

    /// The last number that is said may grow, or the one before it if that is the patch.
    fn tilde(&self, version: &Version) -> bool {
        let (major, minor, _) = self.numbers();
        let takes_all =
            self.numbers() == (0, 0, 0) && matches!(self.precision, Precision::Nothing | Precision::Patch);
        takes_all || version.major == major && (self.precision == Precision::Major || version.minor == minor)
    }

    /// The first number that is not 0 stays.
    fn caret(&self, version: &Version) -> bool {
        let (major, minor, patch) = self.numbers();
        if major > 0 || self.precision == Precision::Major {
            return version.major == major;
        }
        if version.major > 0 {
            return false;
        }
        if minor > 0 || self.precision == Precision::Minor {
            return version.minor == minor;
        }
        version.minor == 0 && version.patch == patch
    }
}
