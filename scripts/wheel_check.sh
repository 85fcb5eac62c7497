#!/usr/bin/env bash
# The wheel in an empty environment: one top-level name, no torch, `drp --version`, `drp serve` and an answer.
# Its packages are those of the service's lock, which `make serve` has in pip's cache, and the client's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d "${TMPDIR:-/var/tmp}/drp-wheel.XXXXXX")
server=''
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
fail() { printf 'FAIL  %s\n' "$*" >&2; cat "$work/log" >&2; exit 1; }

make --silent wheel >"$work/log" 2>&1 || fail 'make wheel'
wheel=$(ls -t dist/drug_response-*.whl | head -n 1)
python3 -m venv "$work/venv"
sed '/--hash=/d; s/ *\\$//' locks/dev.txt >"$work/pins.txt"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -c "$work/pins.txt" "$wheel" \
    >"$work/log" 2>&1 || fail "pip install $wheel"

cd "$work"
names=$(venv/bin/python -c 'from importlib.metadata import files; print({p.parts[0] for p in files("drug-response") if p.suffix == ".py"})')
[ "$names" = "{'drug_response'}" ] || fail "top-level names: $names"
[ -z "$(find venv -maxdepth 5 -type d -name torch)" ] || fail 'torch got installed'
venv/bin/drp --version | grep -q '^drp [0-9]' || fail 'drp --version'

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/drp serve --port "$port" >log 2>&1 &
server=$!
for _ in $(seq 300); do
    curl --silent --fail --max-time 2 "http://127.0.0.1:$port/health/ready" >ready && break
    kill -0 "$server" 2>/dev/null || fail 'the service ended before it answered'
    sleep 0.2
done
[ -s ready ] || fail 'no answer within a minute'
venv/bin/drp rank A549 -k 1 --format csv --url "http://127.0.0.1:$port" | grep -q '^905949,A549,' || fail 'drp rank'
printf 'ok    the wheel alone: one name, no torch, drp serve answers\n'
