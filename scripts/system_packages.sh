#!/usr/bin/env bash
# Sees to the programs that the live tests start: redis-server, a Chromium, ripgrep.
# Installs what is missing where that needs no password; otherwise says what to
# install. At home the tests that need it are skipped, in CI (CI=true) that is a failure.
set -uo pipefail

has_any() {
  local name
  for name in "$@"; do command -v "$name" >/dev/null 2>&1 && return 0; done
  return 1
}

# The power of xfs volumes is cut by tests that need root anyway; without mkfs.xfs they are skipped.
if [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! has_any mkfs.xfs; then
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq xfsprogs >/dev/null 2>&1 || true
fi

missing=()
has_any redis-server || missing+=(redis-server)
has_any chromium chromium-browser google-chrome google-chrome-stable || missing+=(chromium)
has_any rg || missing+=(ripgrep)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  as_root=(false)
fi

if command -v apt-get >/dev/null && [ "${as_root[*]:-}" != false ]; then
  echo "installing ${missing[*]}"
  log=$(mktemp)
  apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }
  if { apt update -qq && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
fi

echo "missing: ${missing[*]}. The tests that need them are skipped." >&2
echo "To run them: apt-get install ${missing[*]} (macOS: brew install redis ripgrep, brew install --cask chromium)." >&2
[ "${CI:-}" != true ]
