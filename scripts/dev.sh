#!/usr/bin/env bash
# Runs the demo service at port $1 and rebuilds the web UI whenever one of its sources changes.
# Reload the page to see a change; a change of Python sources needs a new start.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/tasktrail demo --port "$1" &
service=$!
trap 'kill "$service" 2>/dev/null || true' EXIT

while kill -0 "$service" 2>/dev/null; do
  .venv/bin/python hatch_build.py || echo "the build failed; waiting for the next save" >&2
  sleep 1
done
