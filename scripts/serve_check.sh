#!/usr/bin/env bash
# What a new user does: clone, `make serve`, ask. Fails when the first answer takes longer than 90 s, when torch got
# installed, or when an answer is not what the README promises.
#
#   scripts/serve_check.sh            the committed state of this checkout
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly LIMIT_S=90
work=$(mktemp -d "${TMPDIR:-/var/tmp}/drp-serve.XXXXXX")
server=''
cleanup() {
    [ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

fail() { printf 'FAIL  %s\n' "$*" >&2; cat "$work/serve.log" >&2; exit 1; }

git clone --quiet . "$work/clone"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port

began=$EPOCHREALTIME
# Its own process group, so that make and the service it starts end together.
(cd "$work/clone" && DRP_PORT=$port exec setsid make serve) >"$work/serve.log" 2>&1 &
server=$!
until curl --silent --fail --max-time 2 "$url/health/ready" >/dev/null; do
    kill -0 "$server" 2>/dev/null || fail 'the service ended before it answered'
    awk -v a="$began" -v b="$EPOCHREALTIME" -v most="$LIMIT_S" 'BEGIN { exit !(b - a > most) }' &&
        fail "no answer within $LIMIT_S s"
    sleep 0.2
done

pair='{"pairs":[{"cell_line":"A549","drug":"Erlotinib"}]}'
curl --silent --fail -X POST "$url/predict" -H 'content-type: application/json' -d "$pair" >"$work/predict.json" ||
    fail 'POST /predict'
awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "first answer %.1f s after typing make serve\n", b - a }'
curl --silent --fail "$url/rank/A549?k=10" >"$work/rank.json" || fail 'GET /rank/A549'
for path in /docs /health/live /health/ready /models /metrics; do
    curl --silent --fail "$url$path" >/dev/null || fail "GET $path"
done
python3 - "$work" <<'PY' || fail 'an answer is not as promised'
import json, pathlib, sys
work = pathlib.Path(sys.argv[1])
(one,) = json.loads((work / "predict.json").read_text())["predictions"]
drugs = json.loads((work / "rank.json").read_text())["drugs"]
assert one["cell_line"]["name"] == "A549" and one["drug"]["name"] == "Erlotinib", one
assert 0 < one["probability"] < 1, one
assert len({d["drug"]["id"] for d in drugs}) == 10, drugs
assert [d["score"] for d in drugs] == sorted((d["score"] for d in drugs), reverse=True), drugs
PY
[ -z "$(find "$work/clone/.venv-service" -maxdepth 5 -type d -name torch)" ] || fail 'torch got installed'

printf 'ok    make serve in a clean clone, every promised route, no torch\n'
