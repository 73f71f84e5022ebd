#!/usr/bin/env bash
# Every check that needs no running system; goes on after a failure and names all that failed at the end.
set -uo pipefail
cd "$(dirname "$0")/.."

readonly BIN="${VENV:-.venv}/bin"
PATH="$(tools/node.sh):$PWD/node_modules/.bin:$PATH"
export PATH
failed=()

check() {
    local name="$1"
    shift
    local output
    if output="$("$@" 2>&1)"; then
        echo "ok      $name"
    else
        echo "FAILED  $name"
        echo "$output" | tail -n 60 | sed 's/^/        /'
        failed+=("$name")
    fi
}

check ruff "$BIN/ruff" check --quiet .
check format "$BIN/ruff" format --check --quiet .
check mypy "$BIN/mypy"
check imports "$BIN/lint-imports" --no-cache
check sizes "$BIN/python" tools/check_sizes.py
check translations "$BIN/python" tools/translations.py check
check templates "$BIN/djlint" --lint --quiet templates
check javascript tsc --project tsconfig.json
check biome biome check --error-on-warnings --max-diagnostics=100 static
check spelling "$BIN/codespell" .

if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}"
    exit 1
fi
echo "All checks passed."
