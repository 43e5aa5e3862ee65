#!/bin/sh
# Sets up what hostdesk needs in this checkout: system packages (as root; otherwise the
# line to run is printed) and .venv with every version locked by hash.
#   packaging/setup.sh run | test
set -eu
what=${1:-run}
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

wanted=$(awk -v what="$what" '$1 == "run" || (what == "test" && $1 == "test") { print $2 ":" $3 }' packaging/system-packages.txt)

installed() {
  # Ubuntu 24.04 renamed some libraries with the suffix t64
  dpkg -s "$1" >/dev/null 2>&1 || dpkg -s "${1}t64" >/dev/null 2>&1
}

has_command() {
  for command in $(printf '%s' "$1" | tr '|' ' '); do
    command -v "$command" >/dev/null 2>&1 && return 0
  done
  return 1
}

missing() {
  for line in $wanted; do
    has_command "${line#*:}" || installed "${line%%:*}" || printf '%s ' "${line%%:*}"
  done
}

install_system() {
  command -v dpkg >/dev/null 2>&1 || {
    echo "setup: no dpkg here; please install the equivalents of: $(missing)" >&2
    return 0
  }
  lacking=$(missing)
  [ -n "$lacking" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "setup: some system packages are missing. Please run this line, then try again:" >&2
    echo "  sudo apt-get install --no-install-recommends $lacking" >&2
    exit 1
  fi
  echo "setup: installing system packages" >&2
  apt-get update -qq
  # shellcheck disable=SC2086  # a list of words is meant
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking >/dev/null
}

install_python() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python 3.11 or newer is needed, this is $(python3 --version)." >&2
    exit 1
  }
  stamp=.venv/locked
  want=$(cat requirements.lock pyproject.toml packaging/setup.sh | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return 0
  echo "setup: making .venv" >&2
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
  printf '%s' "$want" >"$stamp"
}

install_system
install_python
