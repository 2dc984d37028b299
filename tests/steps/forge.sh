# What others' programs say of the files that `init` writes for CI, and of our hooks in the pre-commit framework.

LINTERS=$WORK/linters # a Python environment that .ci/run makes

# Prints the path of a program of that environment, or of PATH.
linter() {
  if [ -x "$LINTERS/bin/$1" ]; then echo "$LINTERS/bin/$1"; else command -v "$1"; fi
}

need_linter() { linter "$1" >/dev/null || skip "$1 is not installed; .ci/run installs it"; }

# Makes a repository that holds a starter fleet with its output, and goes there.
starter_repository() {
  local yoshino=$REPOSITORY/target/debug/yoshino
  cargo build --locked --quiet
  rm -rf "$1"
  git init --quiet --initial-branch main "$1"
  "$yoshino" --quiet init "$1"
  "$yoshino" --quiet -C "$1" render >/dev/null
  cd "$1" || exit
  # Nobody's configuration has a say; toolchains stay where they are.
  export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=$WORK/no-home
  export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.com
  git add --all
  git commit --quiet --message starter
}

# GitHub's workflows by actionlint (with shellcheck) and zizmor at its strictest, the other files by the schemas that
# GitLab, Renovate and GitHub publish.
step_workflows() {
  local program
  for program in zizmor check-jsonschema shellcheck; do need_linter "$program"; done
  [ -x "$TOOLS/actionlint" ] || command -v actionlint >/dev/null || skip "actionlint is not installed; .ci/run installs it"
  program=$TOOLS/actionlint
  [ -x "$program" ] || program=$(command -v actionlint)
  (
    starter_repository "$WORK/workflows"
    "$program" -shellcheck "$(linter shellcheck)"
    "$(linter shellcheck)" --shell sh .yoshino/install
    "$(linter zizmor)" --offline --no-progress --persona auditor .
    "$(linter check-jsonschema)" --builtin-schema vendor.github-workflows .github/workflows/*.yaml
    "$(linter check-jsonschema)" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
    "$(linter check-jsonschema)" --builtin-schema vendor.renovate renovate.json
  )
  echo "actionlint, shellcheck, zizmor and the published schemas find nothing"
}

# The queries by which Renovate finds charts in addons.
step_renovate() {
  need node
  [ -d "$LINTERS/node_modules/jsonata" ] && [ -d "$LINTERS/node_modules/yaml" ] || skip "jsonata and yaml are not installed; .ci/run installs them"
  node tests/renovate.mjs "$LINTERS" src/cli/init/starter/renovate.json
}

# Runs what must fail; its words go to $said.
refused() {
  if "$@" >"$said" 2>&1; then echo "not refused: $*"; exit 1; fi
}

# Our hooks, run by the real pre-commit from a repository that carries `.pre-commit-hooks.yaml`. `language: rust` would
# build yoshino once more: YOSHINO_BUILD_ALL=1 does that, otherwise the binary of this tree is found in PATH.
step_pre_commit() {
  need_linter pre-commit
  (
    starter_repository "$WORK/pre-commit-fleet"
    local hooks=$WORK/pre-commit-hooks language="language: system," said=$WORK/pre-commit-said.txt target
    local yoshino=$REPOSITORY/target/debug/yoshino
    export PRE_COMMIT_HOME=$WORK/pre-commit-home PATH=$REPOSITORY/target/debug:$PATH
    "$(linter pre-commit)" validate-manifest "$REPOSITORY/.pre-commit-hooks.yaml"
    rm -rf "$hooks" "$PRE_COMMIT_HOME"
    if [ "${YOSHINO_BUILD_ALL:-}" = 1 ]; then
      language=
      git clone --quiet "$REPOSITORY" "$hooks"
    else
      git init --quiet --initial-branch main "$hooks"
    fi
    cp "$REPOSITORY/.pre-commit-hooks.yaml" "$hooks"
    git -C "$hooks" add --all
    git -C "$hooks" commit --quiet --allow-empty --message hooks
    cat >.pre-commit-config.yaml <<END
repos:
  - repo: $hooks
    rev: $(git -C "$hooks" rev-parse HEAD)
    hooks:
      - {id: yoshino-check, $language verbose: true}
      - {id: yoshino-commit-msg, $language verbose: true}
      - {id: yoshino-push, $language verbose: true}
END
    git add .pre-commit-config.yaml
    "$(linter pre-commit)" install --hook-type pre-commit --hook-type commit-msg --hook-type pre-push >/dev/null
    git commit --quiet --message 'a sound commit' >"$said" 2>&1
    grep -q 'what is staged is sound' "$said"

    echo "an output that was not rendered"
    sed -i 's/v1\.36\.1/v1.36.2/' clusters/platform/first.yaml
    refused git commit --quiet --all --message stale
    grep -q 'run .yoshino render.' "$said"
    target=rendered/management/clusters/platform/first/cluster.yaml
    "$yoshino" --quiet render >/dev/null
    echo "an output that was not staged"
    git add clusters
    refused git commit --quiet --message 'not staged'
    grep -q "$target" "$said"
    git commit --quiet --all --message rendered

    echo "a commit that only removes a file"
    git rm --quiet clusters/platform/first.yaml
    refused git commit --quiet --message removed
    git reset --quiet --hard

    echo "a trailer that says nothing"
    refused git commit --quiet --allow-empty --message fix --message 'Pick-To: soon'
    grep -q 'names no minors' "$said"
    git commit --quiet --allow-empty --message fix --message 'Pick-To: 1.36'

    echo "a push of trunk"
    git init --quiet --bare .git/remote
    git remote add origin .git/remote
    git push --quiet origin main >"$said" 2>&1
    sed -i 's/v1\.36\.2/v1.36.3/' clusters/platform/first.yaml
    git commit --quiet --all --no-verify --message stale
    refused git push --quiet origin main
    grep -q 'commit what it wrote, and push again' "$said"

    echo "beside hooks of our own"
    "$yoshino" --quiet hooks install
    "$yoshino" --quiet hooks install
    refused git push --quiet origin main
    "$(linter pre-commit)" uninstall >/dev/null
    "$yoshino" --quiet hooks uninstall
  )
  echo "pre-commit refuses what our hooks refuse"
}
