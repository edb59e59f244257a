#!/usr/bin/env bash
# Makes the virtual environment $1 with the newest Python (3.11 or later) that can.
set -euo pipefail
target=$1

can_make_venv() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
  if can_make_venv "$candidate"; then
    echo "making $target with $("$candidate" --version)"
    exec "$candidate" -m venv "$target"
  fi
done

echo "no Python 3.11 or later with venv and ensurepip was found." >&2
echo "Debian, Ubuntu: apt-get install python3-venv; or name one: make install PYTHON=/path/to/python3" >&2
exit 1
