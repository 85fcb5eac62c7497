#!/usr/bin/env bash
# Builds the CPU image, starts compose.yaml for real and asks the running container what it promises.
#
#   scripts/container_check.sh                                 the check; uses Docker when an engine answers
#   EXTRA_TARGETS="service-gpu train" scripts/container_check.sh   also builds those, without running them
#   ASK_AFTER=FILE scripts/container_check.sh                  builds, and asks once there is such a file
#   BUNDLE_DIR=/some/bundle PORT=8001 BASE_IMAGE=...           another bundle, port or base image
#
# Without a Docker engine (scripts/podman_engine.sh) it needs root on Debian. Everything it starts or stores lies in
# one temporary folder and is gone at the end; only the archive of the base image is kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly GRACE_S=30 READY_S=90
readonly SWAPS=${SWAPS:-10} AFTER_MIB=600 PEAK_MIB=900  # memory of all processes of the service: docs/how-to/containers.md
PORT=${PORT:-8000}
BUNDLE_DIR=${BUNDLE_DIR:-bundles/gdsc}
export COMPOSE_PROJECT_NAME=drp-check-$$
# All load comes from one address here; what the edge allows one address has tests of its own (tests/edge).
export EDGE_REQUESTS_PER_S=5000 EDGE_BURST=5000

work=$(mktemp -d "${TMPDIR:-/var/tmp}/drp-check.XXXXXX")  # not /tmp: it may be small, and images are large
service_pid=''
callers=''
compose=()
engine=''
container=''
edge=''

# shellcheck source=scripts/podman_engine.sh
source scripts/podman_engine.sh

fail() { printf 'FAIL  %s\n' "$*" >&2; exit 1; }
pass() { printf 'ok    %s\n' "$*"; }

# step NAME COMMAND...: quiet when it works, the whole output when it does not. The command runs in this shell and
# not behind `if`, which would switch `set -e` off inside it.
step() {
    local name=$1 began=$EPOCHREALTIME
    shift
    current_step=$name
    "$@" >"$work/step.log" 2>&1
    current_step=''
    awk -v name="$name" -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.1f s  %s\n", b - a, name }'
}
current_step=''

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    set +e
    if [ "$status" -ne 0 ]; then
        [ -z "$current_step" ] || { echo "FAIL  step: $current_step" >&2; tail -n 60 "$work/step.log" >&2; }
        [ "${#compose[@]}" -eq 0 ] || "${compose[@]}" logs --no-color --tail=20 >&2 2>/dev/null
    fi
    [ -z "$callers" ] || kill "$callers"
    [ "${#compose[@]}" -eq 0 ] || "${compose[@]}" down --volumes --timeout 5 >/dev/null 2>&1
    [ "$engine" != podman ] || stop_podman
    rm -rf --one-file-system "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build_target() {  # TARGET TAG
    if [ "$engine" = docker ]; then
        docker build ${BASE_IMAGE:+--build-arg BASE_IMAGE="$BASE_IMAGE"} --target "$1" --tag "drug-response:$2" .
    else
        buildah bud --isolation chroot --format docker --layers --build-arg BASE_IMAGE="$BASE_IMAGE" \
            --target "$1" --tag "drug-response:$2" .
    fi
}

image_mb() { "$engine" image inspect --format '{{.Size}}' "drug-response:$1" | awk '{ printf "%.0f MB", $1 / 1e6 }'; }
in_image() {  # TAG PYTHON-ARGUMENTS...
    local tag=$1
    shift
    "$engine" run --rm --network none --no-healthcheck --entrypoint python "drug-response:$tag" "$@"
}
inside() { "$engine" exec "$container" "$@"; }
of_container() { "$engine" inspect --format "$1" "$container"; }

free_port() {
    python3 -c '
import socket, sys
for port in (int(sys.argv[1]), 0):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(s.getsockname()[1])
        break
' "$1"
}

# Another process may take the port between the question and the answer.
compose_up() {
    local _
    for _ in 1 2 3; do
        PORT=$(free_port "$PORT")
        export DRP_PUBLISH=127.0.0.1:$PORT
        "${compose[@]}" up --detach && return
    done
    return 1
}

wait_ready() {
    local deadline=$((SECONDS + READY_S))
    until curl -fs --max-time 2 "localhost:$PORT/health/ready"; do
        [ "$(of_container '{{.State.Running}}')" = true ] || { echo 'the container has ended'; return 1; }
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.3
    done
}

wait_healthy() {
    local deadline=$((SECONDS + READY_S)) one
    for one in "$container" "$edge"; do
        if [ "$engine" = podman ]; then
            podman healthcheck run "$one" || return 1  # podman leaves the timing to systemd, which need not be here
            continue
        fi
        until [ "$("$engine" inspect --format '{{.State.Health.Status}}' "$one")" = healthy ]; do
            [ "$SECONDS" -lt "$deadline" ] || return 1
            sleep 1
        done
    done
}

check_answers() {
    local answer
    answer=$(curl -fsS --max-time 10 -X POST "localhost:$PORT/predict" -H 'content-type: application/json' \
        -d '{"pairs":[{"cell_line":"A549","drug":"Erlotinib"}]}') || fail 'POST /predict'
    python3 -c '
import json, sys
(row,) = json.loads(sys.argv[1])["predictions"]
assert row["cell_line"]["name"] == "A549" and row["drug"]["name"] == "Erlotinib", row
assert 0 < row["probability"] < 1, row
print("ok    POST /predict: A549, Erlotinib, probability", round(row["probability"], 4))
' "$answer" || fail "POST /predict: $answer"
    answer=$(curl -fsS --max-time 10 "localhost:$PORT/rank/A549?k=10") || fail 'GET /rank'
    python3 -c '
import json, sys
drugs = json.loads(sys.argv[1])["drugs"]
names = [row["drug"]["name"] for row in drugs]
scores = [row["score"] for row in drugs]
assert len(set(names)) == 10, names
assert scores == sorted(scores, reverse=True), scores
print("ok    GET /rank/A549?k=10: ten drugs, best first:", ", ".join(names[:3]), "...")
' "$answer" || fail "GET /rank: $answer"
}

# Asked of the kernel and not of the configuration: /proc/1 is the server itself.
check_confinement() {  # CONTAINER PATH...
    local status caps path said name
    local which=$1
    shift
    name=$([ "$which" = "$edge" ] && echo edge || echo api)
    status=$("$engine" exec "$which" cat /proc/1/status)
    [ "$(awk '$1 == "Uid:" { print $2, $3, $4, $5 }' <<<"$status")" = '10001 10001 10001 10001' ] || fail "uid: $status"
    [ "$(awk '$1 == "Gid:" { print $2, $3, $4, $5 }' <<<"$status")" = '10001 10001 10001 10001' ] || fail "gid: $status"
    pass "$name: runs as 10001:10001"
    caps=$(awk '/^Cap/ { print $2 }' <<<"$status" | sort -u)
    [ "$caps" = 0000000000000000 ] || fail "capabilities are left: $status"
    pass "$name: no capability is left: inheritable, permitted, effective, bounding and ambient sets are empty"
    grep -q '^NoNewPrivs:[[:space:]]*1$' <<<"$status" || fail 'no-new-privileges is off'
    pass "$name: no new privileges"
    # As root, whom file modes would not stop: what refuses has to be the file system.
    for path in "$@"; do
        said=$("$engine" exec --user 0 "$which" touch "$path/.written" 2>&1 || true)
        [[ $said == *'Read-only file system'* ]] || fail "$path can be written: $said"
    done
    "$engine" exec "$which" touch /tmp/.written || fail '/tmp cannot be written'
    pass "$name: $* are read-only even to root; /tmp is writable"
}

check_limits() {
    local memory pids
    memory=$(of_container '{{.HostConfig.Memory}}') pids=$(of_container '{{.HostConfig.PidsLimit}}')
    [ "$memory" -gt 0 ] || fail 'no limit of memory'
    [ "$pids" -gt 0 ] || fail 'no limit of processes'
    pass "limits: $((memory / 1048576)) MiB of memory, $pids processes and threads; in use:" \
        "$(inside cat /proc/1/status | awk '/^VmRSS/ { mib = $2 / 1024 } /^Threads/ { n = $2 }
            END { printf "%d MiB, %d", mib, n }')"
}

# Only the edge is published, and what is no request ends there.
check_edge() {
    local status
    [ -z "$("$engine" port "$container")" ] || fail "api publishes a port: $("$engine" port "$container")"
    status=$(curl -s --max-time 10 -o "$work/edge.json" -w '%{http_code} %{content_type}' "localhost:$PORT/health/live" \
        -H "x: $(head -c 9000 /dev/zero | tr '\0' a)")
    [ "$status" = '431 application/problem+json' ] || fail "a header of 9 KB: $status"
    pass 'api has no port of its own; the edge refuses a header of 9 KB with a problem'
}

check_contents() {
    in_image cpu -c '
from importlib.util import find_spec
found = [name for name in ("torch", "torch_geometric", "pandas", "scipy", "sklearn", "pip", "training") if find_spec(name)]
assert not found, found
' || fail 'the image holds what serving does not need'
    pass 'no torch, torch_geometric, pandas, scipy, scikit-learn, pip or training in the image'
    in_image cpu -c '
from model.molecules.fingerprints import ecfp4, fingerprints
assert fingerprints(["CCO"]).any() and ecfp4(["CCO"]).any()
' || fail 'the image cannot read a compound'
    pass 'the image reads a compound: rdkit is whole'
}

metric() { curl -fs --max-time 5 "localhost:$PORT/metrics" | grep -F "$1" | awk '{ print $2 }'; }

swaps_reach() {  # OUTCOME COUNT
    local deadline=$((SECONDS + 60))
    until [ "$(metric "drp_bundle_swaps_total{outcome=\"$1\"}" || true)" = "$2" ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "no bundle swap was $1"
        sleep 0.2
    done
}

flip_byte() {
    python3 -c '
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(1000)
    byte = file.read(1)[0]
    file.seek(1000)
    file.write(bytes([byte ^ 1]))
' "$1"
}

# Processes that any thread of this one has started; the workers' parent is the one that forks them.
children_of() { cat /proc/"$1"/task/*/children | tr ' ' '\n' | sed '/^$/d'; }

workers_of() {
    local child
    for child in $(children_of "$1"); do
        if grep -q multiprocessing.forkserver "/proc/$child/cmdline"; then children_of "$child"; fi
    done
}

worker_other_than() {  # PROCESS
    local deadline=$((SECONDS + 30)) now
    # After a swap the former worker may still be ending: the one that stays is meant.
    until now=$(workers_of "$pid") && [ "$(wc -w <<<"$now")" = 1 ] && [ "$now" != "$1" ] &&
        [ "$(metric drp_batch_workers | tail -n 1)" = 1.0 ]; do
        [ "$SECONDS" -lt "$deadline" ] || fail "no worker is ready${1:+ in the place of the one that was killed}"
        sleep 0.1
    done
}

start_callers() {
    rm -f "$work/stop"
    python3 scripts/chaos_callers.py "$PORT" "$work/stop" >"$work/callers.json" 2>"$work/callers.err" &
    callers=$!
}

stop_callers() {
    touch "$work/stop"
    wait "$callers" || fail "callers: $(cat "$work/callers.err")"
    callers=''
    python3 -c '
import json, sys
counts = json.loads(sys.argv[1])
least = {"200": 100, "batches": 10, "compounds": 10, "cut": 10}
assert counts["wrong"] == 0 and all(counts.get(name, 0) > number for name, number in least.items()), counts
assert {name for name in counts if name.isdigit()} <= {"200", "429", "503"}, counts
print("ok    all the while no answer was wrong:", json.dumps(counts))
' "$(cat "$work/callers.json")" || fail "callers: $(cat "$work/callers.json")"
}

# Batches and compounds are asked for all the while, so that every worker has chemistry in it.
check_memory() {
    local pid swap after peak measuring
    pid=$(of_container '{{.State.Pid}}')
    start_callers
    worker_other_than ''
    python3 -m benchmarks.process_memory "$pid" "$work/measured" >"$work/memory" &
    measuring=$!
    for swap in $(seq "$SWAPS"); do
        "$engine" kill --signal HUP "$container" >/dev/null
        swaps_reach done "$swap.0"
    done
    sleep 3
    stop_callers
    sleep 1
    touch "$work/measured"
    wait "$measuring"
    read -r after peak <"$work/memory"
    [ "$after" -gt 0 ] && [ "$after" -lt "$AFTER_MIB" ] || fail "$after MiB after $SWAPS swaps"
    [ "$peak" -ge "$after" ] && [ "$peak" -lt "$PEAK_MIB" ] || fail "$peak MiB at the height of a swap"
    pass "memory of all processes after $SWAPS swaps with compounds: $after MiB, at the most $peak MiB"
}

# Everything that goes wrong in production, under load, while clients keep hanging up.
check_chaos() {
    local pid began worker table=$BUNDLES_DIR/$BUNDLE/drugs.json
    start_callers
    sleep 1
    ! inside sh -c 'cat /dev/zero >/tmp/.filled' 2>/dev/null || fail '/tmp has no limit'
    sleep 1
    inside rm /tmp/.filled
    pass 'a full /tmp stops nothing'
    flip_byte "$table"
    "$engine" kill --signal HUP "$container" >/dev/null
    swaps_reach refused 1.0
    flip_byte "$table"
    "$engine" kill --signal HUP "$container" >/dev/null
    swaps_reach done "$((SWAPS + 1)).0"
    pass 'a bundle with one flipped byte is refused and the old one kept; mended, it is taken'
    pid=$(of_container '{{.State.Pid}}')
    worker_other_than ''
    worker=$(workers_of "$pid")
    kill -KILL "$worker"
    worker_other_than "$worker"
    pass 'a worker killed with SIGKILL is replaced'
    began=$EPOCHREALTIME
    kill -KILL "$pid"
    until [ "$(of_container '{{.State.Pid}}')" != "$pid" ] && curl -fs --max-time 2 "localhost:$PORT/health/ready"; do
        awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a < 60) }' || fail 'not back 60 s after SIGKILL'
        sleep 0.2
    done >"$work/step.log"
    pass "killed with SIGKILL it is ready again after $(awk -v a="$began" -v b="$EPOCHREALTIME" \
        'BEGIN { printf "%.1f", b - a }') s"
    sleep 1
    stop_callers
}

check_stop() {
    local began=$EPOCHREALTIME code seconds
    "${compose[@]}" stop >"$work/step.log" 2>&1
    seconds=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
    code=$(of_container '{{.State.ExitCode}}')
    # 137 would be SIGKILL after the grace period; 143 is SIGTERM handed on after an orderly end.
    [ "$code" = 0 ] || [ "$code" = 143 ] || fail "compose stop: exit code $code after $seconds s"
    awk -v s="$seconds" -v grace="$GRACE_S" 'BEGIN { exit !(s < grace) }' || fail "compose stop took $seconds s"
    pass "SIGTERM ends it in $seconds s with exit code $code; the grace period is $GRACE_S s"
}

# compose hands the file of settings on as it is; a name that is none must not be ignored.
check_setting() {
    local said
    said=$("$engine" run --rm --network none --no-healthcheck --env DRP_PROT=8109 drug-response:cpu 2>&1) &&
        fail 'a setting that there is not is ignored'
    [[ $said == *'DRP_PROT: there is no such setting; the nearest is DRP_PORT'* ]] || fail "a wrong setting: $said"
    pass 'a setting that there is not is refused at the start, by name'
}

# `docker run` and nothing else: the image must be whole.
check_alone() {
    container=$("$engine" run --detach --read-only --network none --no-healthcheck drug-response:cpu)
    local deadline=$((SECONDS + READY_S))
    until inside python -m service.healthcheck >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the image alone does not get ready: $("$engine" logs "$container" 2>&1)"
        sleep 0.3
    done
    "$engine" rm --force "$container" >/dev/null 2>&1
    pass 'the image alone gets ready with the bundle it carries, without mounts, settings or network'
}

[ -f "$BUNDLE_DIR/manifest.json" ] || fail "no bundle in $BUNDLE_DIR"
# `docker info` of some versions ends with 0 although no engine answers; the server's version is never empty.
if [ -n "$(docker version --format '{{.Server.Version}}' 2>/dev/null || true)" ]; then
    engine=docker
    compose=(docker compose)
    docker compose version >/dev/null 2>&1 || compose=(docker-compose)
else
    engine=podman
    start_podman
    compose=(docker-compose)
fi
BUNDLES_DIR=$work/bundles BUNDLE=$(basename "$(realpath "$BUNDLE_DIR")")  # a copy: the check damages it
mkdir "$BUNDLES_DIR"
cp -r "$BUNDLE_DIR" "$BUNDLES_DIR/$BUNDLE"
chmod -R a+rX "$work/bundles"
export BUNDLES_DIR BUNDLE

step 'compose build (service-cpu, edge)' "${compose[@]}" build
echo "          drug-response:cpu $(image_mb cpu), drug-response:edge $(image_mb edge)"
if [ -n "${ASK_AFTER:-}" ]; then
    until [ -e "$ASK_AFTER" ]; do sleep 0.5; done
fi
check_contents

step 'compose up' compose_up
container=$("${compose[@]}" ps --quiet api)
edge=$("${compose[@]}" ps --quiet edge)
step 'wait until /health/ready' wait_ready
check_answers
check_confinement "$edge" / /edge /etc
check_confinement "$container" / /app /etc /opt/venv "/bundles/$BUNDLE"
check_limits
check_edge
step 'wait until the health checks pass' wait_healthy
pass 'both health checks pass'
check_setting
check_memory
check_chaos
check_stop
check_alone

for target in ${EXTRA_TARGETS:-}; do
    step "build $target" build_target "$target" "${target#service-}"
    echo "          drug-response:${target#service-} $(image_mb "${target#service-}")"
    in_image "${target#service-}" -c '
from importlib.metadata import distributions
found = sorted(f"{d.name} {d.version}" for d in distributions() if d.name.startswith(("onnxruntime", "torch")))
print("         ", *found)
assert sum(name.startswith("onnxruntime") for name in found) == 1, "two builds of ONNX Runtime overwrite each other"
'
done
echo "all container checks passed in $SECONDS s"
