#!/usr/bin/env bash
# What forwarding costs: the published server beside Janus under an independent load generator, one run after the other, repetitions outermost.
# Environment: LOAD (folder of the load generator; default ../shared/load beside the repository; it is no part of the repository), SFU_FIGURES,
# SFU_FORWARD_RUNS (3), SFU_FORWARD_SECONDS (10), SFU_FORWARD_SETTLE (15: until methods are compiled), SFU_FORWARD_SCENARIOS,
# SFU_GROWTH_SCENARIOS, JANUS_LIBS (folder of a libsrtp2.so.1 on OpenSSL, Janus at its best; built when it is not given).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
load=${LOAD:-$root/../shared/load} runs=${SFU_FORWARD_RUNS:-3}
raw=${SFU_FIGURES:-$root/artifacts/bench}/runs.jsonl
[ -x "$load/run.sh" ] || { echo "no load generator in $load: set LOAD"; exit 1; }
export SECS=${SFU_FORWARD_SECONDS:-10} SETTLE=${SFU_FORWARD_SETTLE:-15} SFU_CMD="$root/artifacts/sfu/Sfu"
if [ -z "${JANUS_LIBS:-}" ]; then
    JANUS_LIBS="$root/artifacts/bench/janus-libs"
    [ -e "$JANUS_LIBS/libsrtp2.so.1" ] || "$load/peers/janus/libsrtp-openssl.sh" "$JANUS_LIBS"
fi
export JANUS_LIBS
read -ra scenarios <<< "${SFU_FORWARD_SCENARIOS:-1x50/gcm 1x50/cm 10x10/cm 20x5-audio/cm 1x200/cm}"
read -ra growth <<< "${SFU_GROWTH_SCENARIOS:-1x1/cm 1x10/cm 1x50/cm 1x200/cm}"
rm -f "$raw"

# run PEER NAME SCENARIO/SRTP RUN: a run that fails is kept as one, also when it says nothing.
run() {
    local said
    echo "run $4: $2 $3"
    said=$(SRTP=${3#*/} "$load/run.sh" "$1" "${3%/*}") || echo "run $4: $2 $3 failed"
    [[ $said == "{"* ]] || said='{"ok":false}'
    printf '{"name":"%s","case":"%s","run":%s,%s\n' "$2" "$3" "$4" "${said#"{"}" >> "$raw"
}

for n in $(seq "$runs"); do
    for one in "${scenarios[@]}"; do
        run sfu sfu "$one" "$n"
        run janus-ossl janus-ossl "$one" "$n"
        run janus-loops janus-loops "$one" "$n"
        run sfu sfu-again "$one" "$n" # the same once more: how far two runs of one thing differ
    done
    for one in "${growth[@]}"; do run sfu growth "$one" "$n"; done
done
exec node "$root/tests/Benchmarks/forwarding-table.mjs" "$raw"
