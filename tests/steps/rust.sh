# The Rust package. clippy and the tests share the dev profile; the release build is made once and used by later steps.

step_fmt() { cargo fmt --check && echo "formatted"; }

step_clippy() {
  cargo clippy --all-targets --locked -- -D warnings
  echo "no warnings"
}

step_test() {
  cargo test --locked --no-fail-fast 2>&1 | tee "$WORK/cargo-test.txt"
  awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
       END { print passed " tests passed, " failed " failed, " ignored " ignored" }' "$WORK/cargo-test.txt"
}

step_release() {
  cargo build --release --locked
  "$(yoshino)" --version
}

# The release binary. A step that needs it builds it where it is missing or old, so that it can be run by itself.
yoshino() {
  cargo build --release --locked --quiet
  echo "$REPOSITORY/target/release/yoshino"
}

step_crates() {
  local found budget=100
  found=$(cargo tree -e normal --prefix none --locked | sort -u | grep -c .)
  echo "$found crates, at most $budget allowed"
  [ "$found" -le "$budget" ]
}

step_deny() {
  cargo deny --version >/dev/null 2>&1 || skip "cargo-deny is not installed"
  cargo deny --offline check 2>&1 || cargo deny check
  echo "licences, sources and duplicates are as deny.toml allows"
}
