#!/usr/bin/env bash
# Types, lint and unit tests of the web UI; skipped with a word where there is no Node.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f web/package.json ]; then
  echo "web checks skipped: there is no web/package.json" >&2
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "web checks skipped: there is no Node here (install Node 20 or later to run them)" >&2
  [ "${CI:-}" != true ]
  exit
fi
[ -d web/node_modules ] || npm --prefix web ci --no-audit --no-fund --loglevel=error
for verb in check lint test; do
  npm --prefix web run --silent "$verb"
done
# What is measured is the last build of this checkout; a UI that came ready-made was measured before.
if [ -d web/.svelte-kit/output ]; then npm --prefix web run --silent size; fi
