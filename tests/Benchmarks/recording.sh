#!/usr/bin/env bash
# What recording costs: the recorder alone, then the whole published server with recording off and on in alternation, in one run.
# Environment: LOAD (folder of the load generator; default ../shared/load beside the repository), SFU_FIGURES, SFU_COST_SECONDS, SFU_COST_RUNS (3),
# SFU_COST_ROOMS (20). Without the load generator, which is no part of the repository, only the recorder alone is measured, and it is said.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
load=${LOAD:-$root/../shared/load} runs=${SFU_COST_RUNS:-3} rooms=${SFU_COST_ROOMS:-20}
work=$(mktemp -d "${TMPDIR:-/tmp}/sfu-cost-XXXXXX")
trap 'rm -rf "$work"' EXIT

# What is measured must not depend on how full this machine's disk is.
export Sfu__Recording__Disk__NoDerivationsAbove=1 Sfu__Recording__Disk__NoNewRecordingsAbove=1 Sfu__Recording__Disk__ClosedAbove=1

status=0
dotnet "$root/tests/Benchmarks/bin/Release/net10.0/Sfu.Benchmarks.dll" recorder "$work/recorder" || status=$?
if [ ! -x "$load/run.sh" ]; then
    echo "no load generator in $load: the whole server is not measured (set LOAD)"
    exit "$status"
fi

for run in $(seq "$runs"); do
    for policy in off required; do
        echo "run $run, recording $policy"
        SECS=${SFU_COST_SECONDS:-30} SETTLE=5 SFU_RECORDING=$policy SFU_CMD="$root/artifacts/sfu/Sfu" \
            "$load/run.sh" sfu custom --rooms "$rooms" --pubs 1 --subs 1 | tee "$work/$policy-$run.json"
    done
done
node "$root/tests/Benchmarks/server-cost.mjs" "$work" "$rooms" || status=$?
exit "$status"
