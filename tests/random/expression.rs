//! Random texts of Go's templates: pipelines of functions whose arguments fit as a rule, and blocks around them.

use super::chance::Chance;

/// Functions: their names, the types of their arguments and of what they give. A type is a letter: S text, I int,
/// N number, B bool, L list, M map, A anything, V version, C constraint, R regular expression, U address, P path,
/// Y YAML, J JSON, E Base64, D time, F layout of a time, Q span of time; `*` repeats the last argument.
const FUNCTIONS: &str = "
upper S S|lower S S|title S S|untitle S S|swapcase S S|trim S S|nospace S S|initials S S
trimAll SS S|trimall SS S|trimSuffix SS S|trimPrefix SS S|abbrev IS S|abbrevboth IIS S|trunc IS S|substr IIS S
repeat iS S|wrap IS S|wrapWith ISS S|contains SS B|hasPrefix SS B|hasSuffix SS B|quote A* S|squote A* S|cat A* S
indent iS S|nindent iS S|replace SSS S|plural SSI S|snakecase S S|camelcase S S|kebabcase S S|toString A S
toStrings A L|split SS M|splitList SS L|splitn SIS M|join SL S|join SA S|base P S|dir P S|clean P S|ext P S|isAbs P B
osBase P S|osDir P S|osClean P S|osExt P S|osIsAbs P B|normalize S S|slugify S S|slugify IS S|slugify IBS S
list A* L|tuple A* L|append LA L|push LA L|prepend LA L|mustAppend LA L|mustPush AA L|mustPrepend LA L|first L A
last L A|rest L L|initial L L|mustFirst A A|mustLast A A|mustRest A L|mustInitial A L|reverse L L|mustReverse A L
uniq L L|mustUniq A L|compact L L|mustCompact A L|without LA* L|mustWithout LA* L|has AL B|mustHas AA B|slice LI* L
slice LII L|mustSlice AII L|concat L* L|chunk IL L|mustChunk IA L|sortAlpha A L|until i L|untilStep iiI L|seq iii S|seq ii S|seq i S
dict SASA M|dict SA M|dict A* M|get MS A|hasKey MS B|set MSA M|unset MS M|pluck SM* L|pick MS* M|omit MS* M
keys M* L|values M L|merge MM* A|mustMerge MM* A|mergeOverwrite MM* A|mustMergeOverwrite MM* A|dig SAM A|dig SSAM A
deepCopy A A|mustDeepCopy A A|add N* N|add1 N N|sub NN N|mul NN* N|div NN N|mod NN N|addf N* N|add1f N N|subf NN* N
mulf NN* N|divf NN* N|max NN* N|min NN* N|biggest NN* N|maxf NN* N|minf NN* N|floor N N|ceil N N|round NI N
round NIN N|int A I|int64 A N|float64 A N|atoi S I|toDecimal A N|default AA A|empty A B|coalesce A* A|all A* B|any A* B
ternary AAB A|typeOf A S|typeIs SA B|typeIsLike SA B|kindOf A S|kindIs SA B|deepEqual AA B|eq AA B|eq SS B|eq AAA B|ne AA B|ne SS B
lt NN B|le SS B|gt NN B|ge AA B|lt II B|and AA* A|or AA* A|not A B|len A I|index MS A|index LI A|index MSS A|index A* A
print A* S|println A* S|printf SA* S|html A* S|js A* S|urlquery A* S
toJson A S|toRawJson A S|toPrettyJson A S|mustToJson A S|mustToRawJson A S|mustToPrettyJson A S|fromJson J A
mustFromJson J A|toYaml A S|fromYaml Y M|fromYamlArray Y L|b64enc S S|b64dec E S|b32enc S S|b32dec E S|sha1sum S S
sha256sum S S|sha512sum S S|adler32sum S S|urlParse U M|urlJoin M S|regexMatch RS B|mustRegexMatch RS B
regexFind RS S|mustRegexFind RS S|regexFindAll RSI L|mustRegexFindAll RSI L|regexReplaceAll RSS S
mustRegexReplaceAll RSS S|regexReplaceAllLiteral RSS S|mustRegexReplaceAllLiteral RSS S|regexSplit RSI L
mustRegexSplit RSI L|regexQuoteMeta S S|semverCompare CV B|semver V A|toDate FW D|mustToDate FW D|date FD S
dateInZone FDZ S|date_in_zone FDZ S|htmlDate D S|htmlDateInZone DZ S|dateModify QD D|mustDateModify QD D
date_modify QD D|unixEpoch D S|duration A S|durationRound Q S|durationRound N S|hello  S|fail S A|trimSuffix SA S
";

const TEXTS: [&str; 26] = [
    "",
    "a",
    "web",
    "Shop_Web-1",
    "one two  three",
    " padded ",
    "a,b,,c",
    "a/b/c.tar.gz",
    "HTTPServer_v2",
    "x-y.z",
    "1",
    "-2.5",
    "true",
    "null",
    "007",
    "1e3",
    "<a&b>",
    "it's \\\"q\\\"",
    "line\\nnext\\n",
    "Größe",
    "ß日本",
    "%s %d %v",
    "{{ .s1 }}",
    "k: v",
    "[1, x]",
    "$1",
];

const VERSIONS: [&str; 12] = [
    "1.2.3",
    "v1.35.2",
    "1.2",
    "1",
    "1.2.3-rc.1",
    "1.2.3+build",
    "0.0.3",
    "2.0.0-alpha",
    "x",
    "",
    "01.2.3",
    "1.20.0-ake.211006",
];
const CONSTRAINTS: [&str; 16] = [
    ">=1.20",
    "^1.2.0",
    "~1.2.3",
    "1.2.x",
    "*",
    ">1, <3",
    "!=1.2",
    "=1.2.3",
    "1.2 - 2",
    "<1.0.0-beta",
    "bad",
    "",
    "^0.0.3",
    "~>1.2",
    ">=1.0.0-0 || <0.5",
    "x",
];
const EXPRESSIONS: [&str; 20] = [
    "[a-z]+",
    "a*",
    "",
    "(a)(b)?",
    "^.",
    "\\\\d+",
    "[^a-z]",
    "(",
    "x|y",
    "\\\\s+",
    "(?i)WEB",
    "\\\\bw",
    "a{2,3}",
    "(?P<n>.)",
    "$",
    "[[:alpha:]]",
    "\\\\p{L}+",
    ".*?b",
    "[",
    "ß",
];
const ADDRESSES: [&str; 12] = [
    "https://u:p@h.example.com:8443/a%20b?q=1#f",
    "https://h",
    "a/b?c",
    "mailto:x@y",
    "//h/p",
    "",
    "http://[::1]:80/",
    "https://h/ä",
    "x:y:z",
    "%zz",
    "ssh://git@h/o/r.git",
    "https://h:x/",
];
const PATHS: [&str; 10] =
    ["a/b/c.txt", "/a//b/../c", "", ".", "..", "a/", "/", "./x.tar.gz", "../../a", ".hidden"];
const YAMLS: [&str; 14] = [
    "a: 1",
    "a: [x, 1.5, null]\\nb: {c: yes}",
    "- a\\n- b: c",
    "[1, 2]",
    "",
    "null",
    "a: b: c",
    "x",
    "{a: 1, a: 2}",
    "a: 0x1f\\nb: 1e3\\nc: 010",
    "a: |\\n  x\\n  y\\n",
    "{y: n, 1: 2}",
    "a: &x {b: 1}\\nc: *x",
    "- {a: 1}\\n- {a: 2}",
];
const JSONS: [&str; 10] = [
    "{}",
    "[1, 2.5, null, true]",
    "{\\\"b\\\": {\\\"c\\\": [1]}, \\\"a\\\": \\\"<x>\\\"}",
    "1",
    "\\\"x\\\"",
    "null",
    "{bad",
    "",
    "[1e3, -0, 1000000]",
    "{\\\"a\\\": 1, \\\"a\\\": 2}",
];
const ENCODED: [&str; 7] = ["YQ==", "aGVsbG8=", "x", "", "MFRGG===", "SMOkbGxv", "!!"];
const LAYOUTS: [&str; 8] = [
    "2006-01-02",
    "2006-01-02T15:04:05Z07:00",
    "Jan _2 06 3:04PM",
    "Monday, 02-Jan-06 15:04:05 MST",
    "15:04",
    "",
    "x",
    "2006-002 .000",
];
const TIMES: [&str; 6] =
    ["2024-02-29", "2024-07-01T12:34:56+02:00", "1999-12-31", "bad", "", "2024-07-01T12:34:56Z"];
const SPANS: [&str; 9] = ["1h", "-1.5h", "90m", "2h45m30s", "24h", "bad", "", "10000h", "1us"];

/// Returns a random text of a template.
pub fn text(chance: &mut Chance) -> String {
    let pieces = chance.several(1, 3, |chance| piece(chance, 2));
    let mut text = pieces.concat();
    if chance.once_in(25) {
        spoil(chance, &mut text);
    }
    text
}

/// Returns a short text that seldom fails.
pub fn simple(chance: &mut Chance) -> String {
    const PATHS: [&str; 16] = [
        ".name",
        ".nameNormalized",
        ".server",
        ".s1",
        ".s2",
        ".n1",
        ".b1",
        ".values.a",
        ".values.b",
        ".metadata.labels.tier",
        ".path.path",
        ".path.basename",
        ".missing",
        "(index .metadata.labels \"example.com/zone\")",
        ".l1",
        ".m1.k",
    ];
    let path = chance.pick(&PATHS);
    match chance.below(8) {
        0 => format!("x-{{{{ {path} }}}}-y"),
        1 => format!("{{{{ {path} | default \"d\" }}}}"),
        2 => format!("{{{{ toJson {path} }}}}"),
        3 => "{{ toJson . }}".to_owned(),
        4 => format!("{{{{ if {path} }}}}yes{{{{ else }}}}no{{{{ end }}}}"),
        5 => format!("{{{{ {path} }}}}"),
        6 => format!("{{{{ {path} | toString | lower | trunc 10 }}}}"),
        _ => text(chance),
    }
}

fn piece(chance: &mut Chance, depth: usize) -> String {
    let trim = |chance: &mut Chance| if chance.once_in(8) { "- " } else { " " };
    let (open, close) =
        (format!("{{{{{}", trim(chance)), format!("{}}}}}", if chance.once_in(8) { " -" } else { " " }));
    let inner = |chance: &mut Chance| if depth == 0 { "t".to_owned() } else { piece(chance, depth - 1) };
    match chance.below(16) {
        0 => chance.pick(&[" text ", "-", "\n", " } ", "x: "]).to_owned(),
        1 => {
            let condition = pipeline(chance, 'A', 2);
            let (yes, no) = (inner(chance), inner(chance));
            format!("{open}if {condition}{close}{yes}{open}else{close}{no}{open}end{close}")
        }
        2 => {
            let kind = if chance.once_in(2) { 'L' } else { 'A' };
            let list = pipeline(chance, kind, 1);
            let variables = chance.pick(&["", "$i, $x := ", "$x := "]);
            let body = chance.pick(&[
                "{{ . }},",
                "{{ toJson . }};",
                "{{ if . }}{{ break }}{{ end }}x",
                "{{ $.s1 }}",
            ]);
            format!("{open}range {variables}{list}{close}{body}{open}else{close}none{open}end{close}")
        }
        3 => {
            let value = pipeline(chance, 'A', 1);
            format!("{open}with {value}{close}{{{{ . }}}}{open}else{close}no{open}end{close}")
        }
        4 => {
            let (first, second) = (pipeline(chance, 'A', 2), pipeline(chance, 'A', 1));
            let uses = chance.pick(&[
                "{{ $x }}",
                "{{ toJson $x }}{{ typeOf $x }}",
                "{{ if $x }}{{ $x = \"changed\" }}{{ end }}{{ $x }}",
            ]);
            format!("{open}$x := {first}{close}{uses}{open}{second}{close}")
        }
        5 => {
            let argument = pipeline(chance, 'A', 1);
            format!("{{{{ define \"t\" }}}}<{{{{ . }}}}>{{{{ end }}}}{open}template \"t\" {argument}{close}")
        }
        _ => {
            let kind = if chance.once_in(3) { 'A' } else { 'S' };
            format!("{open}{}{close}", pipeline(chance, kind, 3))
        }
    }
}

/// Returns an expression, perhaps with further stages behind it.
fn pipeline(chance: &mut Chance, kind: char, depth: usize) -> String {
    let mut text = expression(chance, kind, depth);
    for _ in 0..chance.below(3).saturating_sub(1) {
        let stage = chance.pick(&[
            "toJson",
            "toString",
            "quote",
            "len",
            "upper",
            "trunc 5",
            "default \"d\"",
            "typeOf",
            "toYaml",
            "first",
            "join \"-\"",
            "int",
            "printf \"%v|%s|%d\" 1 2",
            "add 1",
            "html",
            "empty",
            "ternary 1 2",
            "nindent 2",
            "replace \"a\" \"b\"",
            "splitList \"-\"",
        ]);
        text = format!("{text} | {stage}");
    }
    text
}

fn expression(chance: &mut Chance, kind: char, depth: usize) -> String {
    let kind = if chance.once_in(30) { 'A' } else { kind };
    if depth == 0 || chance.once_in(4) {
        return atom(chance, kind);
    }
    let fitting: Vec<&str> = FUNCTIONS
        .split(['|', '\n'])
        .filter(|function| function.ends_with(kind) || kind == 'A' && !function.is_empty())
        .collect();
    if fitting.is_empty() {
        return atom(chance, kind);
    }
    let function = chance.pick(&fitting);
    let mut parts = function.split(' ');
    let (name, kinds) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut arguments: Vec<char> = kinds.trim_end_matches('*').chars().collect();
    if let (true, Some(&last)) = (kinds.ends_with('*'), arguments.last()) {
        arguments.pop();
        arguments.extend(chance.several(0, 3, |_| last));
    }
    if chance.once_in(40) {
        arguments.pop();
    }
    let arguments: Vec<String> = arguments.iter().map(|kind| argument(chance, *kind, depth - 1)).collect();
    if arguments.is_empty() { name.to_owned() } else { format!("{name} {}", arguments.join(" ")) }
}

fn argument(chance: &mut Chance, kind: char, depth: usize) -> String {
    let text = expression(chance, kind, depth);
    let is_atom = !text.contains(' ') || text.starts_with('"') && text.matches('"').count() == 2;
    if is_atom { text } else { format!("({text})") }
}

fn atom(chance: &mut Chance, kind: char) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    match kind {
        'S' if chance.once_in(2) => chance
            .pick(&[
                ".s1",
                ".s2",
                ".name",
                ".server",
                ".metadata.labels.tier",
                ".values.a",
                ".metadata.annotations.note",
                ".m1.k",
            ])
            .to_owned(),
        'S' => quoted(chance.pick(&TEXTS)),
        'I' | 'i' if kind == 'i' || chance.once_in(2) => {
            chance.pick(&["0", "1", "2", "3", "5", "9"]).to_owned()
        }
        'I' => chance.pick(&["-1", "-3", "100", "(int .n1)", "(len .l1)", "0x10", "'a'", "1_000"]).to_owned(),
        'N' => chance
            .pick(&[
                "0", "1", "-7", "2.5", "1e6", "\"12\"", "\"x\"", ".n1", ".n2", ".s1", "true", ".missing",
                "1e21", "0.1", "\"010\"", "\"1.5\"",
            ])
            .to_owned(),
        'B' => chance.pick(&["true", "false", ".b1", "(eq .s1 \"a\")"]).to_owned(),
        'L' => chance
            .pick(&[
                ".l1",
                ".l2",
                "(list 1 \"a\" nil)",
                "(until 3)",
                "(splitList \",\" \"a,b\")",
                "list",
                "(list .s1 .n1 .m1)",
                ".clusters",
            ])
            .to_owned(),
        'M' => chance
            .pick(&[
                ".m1",
                ".m2",
                "(dict \"k\" 1 \"l\" \"x\")",
                ".",
                "dict",
                ".metadata",
                "(dict \"k\" (dict \"x\" 1))",
                ".metadata.labels",
                ".values",
            ])
            .to_owned(),
        'V' => quoted(chance.pick(&VERSIONS)),
        'C' => quoted(chance.pick(&CONSTRAINTS)),
        'R' => quoted(chance.pick(&EXPRESSIONS)),
        'U' => quoted(chance.pick(&ADDRESSES)),
        'P' => quoted(chance.pick(&PATHS)),
        'Y' => quoted(chance.pick(&YAMLS)),
        'J' => quoted(chance.pick(&JSONS)),
        'E' => quoted(chance.pick(&ENCODED)),
        'F' => quoted(chance.pick(&LAYOUTS)),
        'W' => quoted(chance.pick(&TIMES)),
        'Q' => quoted(chance.pick(&SPANS)),
        'Z' => chance.pick(&["\"UTC\"", "\"UTC\"", "\"Local\"", "\"\"", "\"Nowhere\""]).to_owned(),
        'D' => {
            let (layout, time) = (chance.pick(&LAYOUTS), chance.pick(&TIMES));
            chance
                .pick(&["0", "86400", "(int64 1700000000)", &format!("(toDate \"{layout}\" \"{time}\")")])
                .to_owned()
        }
        _ => match chance.below(12) {
            0 => ".z1".to_owned(),
            1 => "nil".to_owned(),
            2 => ".missing".to_owned(),
            3 => ".metadata.labels".to_owned(),
            4 => ".values".to_owned(),
            5 => "$".to_owned(),
            6 => ".m2.deep".to_owned(),
            7 => atom(chance, 'M'),
            8 => atom(chance, 'L'),
            9 => atom(chance, 'N'),
            10 => atom(chance, 'B'),
            _ => atom(chance, 'S'),
        },
    }
}

/// Deletes, doubles or inserts a character.
fn spoil(chance: &mut Chance, text: &mut String) {
    let letters: Vec<char> = text.chars().collect();
    let at = chance.below(letters.len());
    let inserted = chance.pick(&[
        "", "{", "}", "\"", " ", ".", "|", "$", "(", ")", "-", "`", "'", ",", ":=", "/*", "\u{a0}", "0x", "é",
    ]);
    *text = letters[..at]
        .iter()
        .chain(&inserted.chars().collect::<Vec<_>>())
        .chain(letters.iter().skip(at + 1))
        .collect();
}
