#!/usr/bin/env bash
# Runs the acceptance suites and benchmarks of one part with full counts and writes their figures into its page.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"
# shellcheck source=deploy/local/install.sh
. deploy/local/install.sh

usage() {
    cat <<'END'
usage: ./bench.sh recording|forwarding [--only SUITE]... [--keep]

  recording     acceptance suites of recording with full counts, then what recording costs; about an hour on two cores.
                Figures: tests/Benchmarks/results/recording/*.json, and the table in docs/recording.md
  forwarding    what forwarding a packet costs, beside the limit of this machine and beside Janus; two hours and a half on two cores.
                Figures: tests/Benchmarks/results/forwarding/*.json, the table and the chart in docs/performance.md
  --only SUITE  of recording, one of: unit, verify, e2e, cost; or the name of an end-to-end file such as kill.
                Of forwarding, with about how many minutes each takes:
                  stages     5  each stage of a packet, beside the C programs in LIMIT
                  forwarder  6  a worker's whole path, beside the forwarder in C
                  peers     55  the published server beside Janus
                  growth    25  1 to 200 viewers, 1 to 20 rooms
                  memory     8  per receive-only participant and per publisher
                  recording 20  recording on beside off
                  storm      4  200 joins within 5 s while 50 watch
                  soak      35  half of the measured capacity for 25 minutes
                May be given several times
  --keep        keep the figures of earlier runs that this one does not make again (default with --only)
  --help        this text

Counts can be lowered by environment. Of recording: SFU_KILLS (50), SFU_TAMPER_CASES (10000), SFU_DERIVE_SECONDS (3600), SFU_COST_SECONDS (30).
Of forwarding: SFU_STAGE_ROUNDS (3), SFU_FORWARDER_ROUNDS (3), SFU_FORWARD_RUNS, SFU_GROWTH_RUNS, SFU_MEMORY_RUNS, SFU_RECORDING_RUNS, SFU_STORM_RUNS
(3 each), SFU_SOAK_SECONDS (600); the others are named at the top of tests/Benchmarks/*.mjs.
LOAD and LIMIT name the folders of the load generator and of the C programs, which are no part of the repository (../shared/load, ../shared/limit):
without them what needs them is said to be missing, and fails.
Close other programs before: times are measured. Nothing is gated here that ./test.sh does not gate too, except what needs a quiet machine.
END
}

[ $# -gt 0 ] || { usage; exit 2; }
what='' only=() keep=0
while [ $# -gt 0 ]; do
    case "$1" in
        recording|forwarding) what=$1; shift ;;
        --only) only+=("${2:?--only needs a suite}"); keep=1; shift 2 ;;
        --keep) keep=1; shift ;;
        --help|-h) usage; exit 0 ;;
        *) usage >&2; die "unknown argument $1" ;;
    esac
done
[ -n "$what" ] || { usage >&2; die "which part?"; }

results="$root/tests/Benchmarks/results/$what" logs="$root/artifacts/bench" failures=()
mkdir -p "$results" "$logs"
[ "$keep" = 1 ] || rm -f "$results"/*.json "$results"/*.jsonl

# wanted SUITE [KIND]: whether this run includes it.
wanted() {
    [ ${#only[@]} -eq 0 ] && return 0
    local one
    for one in "${only[@]}"; do [ "$one" = "$1" ] || [ "$one" = "${2:-}" ] && return 0; done
    return 1
}

# run NAME COMMAND...: a suite that fails is told at the end; the others run all the same.
run() {
    local name=$1 start=$SECONDS; shift
    say "$name"
    if "$@" > "$logs/$name.log" 2>&1; then say "$name: passed in $((SECONDS - start)) s"
    else say "$name: FAILED, see artifacts/bench/$name.log"; tail -n 30 "$logs/$name.log"; failures+=("$name"); fi
}

machine() {
    printf '%s, %s cores, Linux %s' "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)"
}

commit() {
    git rev-parse --short=12 HEAD 2>/dev/null || { echo unknown; return; }
    git diff --quiet HEAD -- src 2>/dev/null || echo '(changed)'
}

bench_recording() {
    export SFU_FIGURES="$results" SFU_KILLS=${SFU_KILLS:-50} SFU_TAMPER_CASES=${SFU_TAMPER_CASES:-10000} \
        SFU_DERIVE_SECONDS=${SFU_DERIVE_SECONDS:-3600} SFU_COST_SECONDS=${SFU_COST_SECONDS:-30} \
        SFU_FUZZ_SECONDS=${SFU_FUZZ_SECONDS:-10} # 1,000 genuine recordings, every bit of a token
    wanted unit && run unit dotnet test tests/Recorder.Tests -c Release --no-build --nologo -v q
    wanted unit && run unit-server dotnet test tests/Sfu.Tests -c Release --no-build --nologo -v q --filter 'FullyQualifiedName~Recording'
    wanted verify && run verify dotnet test tests/Verify.Tests -c Release --no-build --nologo -v q
    local file name
    for file in tests/EndToEnd/{recording,kill,disk,completeness,masking,derivation,lipsync,consent,pause}*.test.mjs; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .test.mjs)
        wanted "$name" e2e && run "$name" timeout -k 15 5400 deploy/local/in-namespace.sh node --test --test-concurrency=1 "$file"
    done
    wanted cost && [ -x tests/Benchmarks/recording.sh ] && run cost tests/Benchmarks/recording.sh
    node tests/figures.mjs "$results" docs/recording.md \
        "Made by \`./bench.sh recording\` on $(date -u +%F), $(machine), commit $(commit | tr '\n' ' ' | sed 's/ $//')."
    say "docs/recording.md has the figures"
}

forwarding_suites='stages forwarder peers growth memory recording storm soak'

bench_forwarding() {
    export SFU_FIGURES="$results"
    local suite within=() packages=(iproute2 curl util-linux procps)
    if wanted stages || wanted forwarder; then packages+=(libsrtp2-dev libssl-dev liburing-dev libipsec-mb-dev); fi
    if wanted peers; then packages+=(janus dpkg-dev); fi
    if wanted soak; then packages+=(linux-perf); fi
    need_apt "${packages[@]}"
    for suite in $forwarding_suites; do
        wanted "$suite" || continue
        SFU_MADE="\`./bench.sh forwarding --only $suite\` on $(date -u +%F), $(machine), commit $(commit | tr '\n' ' ' | sed 's/ $//'), $(node tests/Benchmarks/lib/machine.mjs)"
        export SFU_MADE
        say "$suite: ${SFU_MADE##*, commit }"
        within=()
        case "$suite" in storm|soak) within=(deploy/local/in-namespace.sh) ;; esac
        run "$suite" timeout -k 30 5400 "${within[@]}" node "tests/Benchmarks/$suite.mjs"
    done
    npm_ci tests/Benchmarks
    node tests/Benchmarks/chart.mjs "$results" docs/images/performance.svg
    node tests/figures.mjs "$results" docs/performance.md
    say "docs/performance.md has the figures, docs/images/performance.svg the chart"
}

# A misspelt suite must not look like one that ran.
if [ "$what" = forwarding ]; then
    for one in "${only[@]}"; do
        [[ " $forwarding_suites " == *" $one "* ]] || die "forwarding has no suite $one; it has: $forwarding_suites"
    done
fi

need_dotnet
# shellcheck disable=SC2046
need_apt $(runtime_packages) ffmpeg libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev gcc g++ make pkg-config libc6-dev libssl-dev zlib1g-dev \
    curl openssl chromium iproute2 nftables util-linux procps
need_node
npm_ci tests/EndToEnd
npm_ci src/Sfu/web
say "build and publish (Release)"
export UseSharedCompilation=true
dotnet restore Sfu.sln --locked-mode -v q || die "restore failed: a package or a lock file changed"
dotnet build Sfu.sln -c Release --no-restore -v q --nologo -clp:NoSummary || die "the build failed"
dotnet publish src/Sfu -c Release -o artifacts/sfu --no-restore -v q --nologo
# The compiler's server goes on for a while otherwise, beside what is measured.
dotnet build-server shutdown > /dev/null || say "the compiler's server could not be ended: wait until it has nothing to do"
sleep 5

"bench_$what"
[ ${#failures[@]} -eq 0 ] || die "failed: ${failures[*]}"
say "all passed"
