#!/bin/sh
# make model: its own environment (numpy is no part of the product), then train, measure, write.
set -eu
cd "$(dirname "$0")/../.."
env=.venv-model
if ! cmp -s packaging/model/requirements.lock "$env/lock" 2>/dev/null; then
  rm -rf "$env"
  .venv/bin/python -m venv "$env"
  "$env/bin/pip" install --quiet --require-hashes -r packaging/model/requirements.lock
  cp packaging/model/requirements.lock "$env/lock"
fi
PYTHONPATH=.:packaging exec "$env/bin/python" -m model "$@"
