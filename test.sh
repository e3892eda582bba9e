#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors, checks the format, runs the tests, prints one closing line.
#   ./test.sh quick   unit, architecture and a short simulation (<= 3 min)
#   ./test.sh         what CI runs: all of that, fuzzing, and end to end with real browsers
#   ./test.sh full    everything, with longer fuzzing and simulation
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"
# shellcheck source=deploy/local/install.sh
. deploy/local/install.sh

tier=${1:-default}
case "$tier" in quick|default|full) ;; *) die "usage: ./test.sh [quick|full]" ;; esac
case "$tier" in
    quick) export SFU_SIM_RUNS=${SFU_SIM_RUNS:-5} SFU_MODEL_RUNS=${SFU_MODEL_RUNS:-20} ;;
    default) export SFU_FUZZ_SEED=${SFU_FUZZ_SEED:-20261127} ;; # the same inputs each time; full goes on searching
    full) export SFU_FUZZ_SECONDS=${SFU_FUZZ_SECONDS:-30} SFU_SIM_RUNS=${SFU_SIM_RUNS:-500} SFU_DERIVE_SECONDS=${SFU_DERIVE_SECONDS:-3600} ;;
esac

results="$root/artifacts/test-results"
rm -rf "$results" && mkdir -p "$results"
passed=0 failed=0 skipped=0 times=()
failures="$results/failures.txt" # what failed and why: printed last, where whoever reads the end of the output finds it

# count NAME SECONDS PASSED FAILED SKIPPED
count() {
    passed=$((passed + $3)) failed=$((failed + $4)) skipped=$((skipped + $5))
    times+=("$(printf '%-22s %4ds  %d passed, %d failed, %d skipped' "$1" "$2" "$3" "$4" "$5")")
}

# A shared machine's disk may stall for seconds. No test is about that disk: those about disks bring their own. So what tests write goes to memory where
# there is plenty and we may mount; else to the disk as it is.
use_scratch() {
    [ "$(id -u)" -eq 0 ] && [ "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -ge $((10 << 20)) ] || return 0
    scratch=$(mktemp -d -t sfu-test-XXXXXX)
    if mount -t tmpfs -o size=6g,mode=1777 sfu-test "$scratch" 2>/dev/null; then export TMPDIR=$scratch; else rmdir "$scratch"; scratch=''; fi
}

# step NAME COMMAND...: something that either works or fails as a whole.
step() {
    local name=$1 start=$SECONDS; shift
    say "$name"
    if "$@"; then count "$name" $((SECONDS - start)) 1 0 0; else count "$name" $((SECONDS - start)) 0 1 0; echo "--- $name: see above" >> "$failures"; fi
}

# suite PROJECT: one xunit project.
suite() {
    local name=$1 start=$SECONDS trx="$results/$1.trx" counters
    say "tests/$name"
    dotnet test "tests/$name" -c Release --no-build --nologo -v q "${filter[@]}" --logger "trx;LogFileName=$trx" \
        --blame-hang --blame-hang-timeout 5m > "$results/$name.log" 2>&1 || { echo "--- $name"; grep -vE '^\s*$' "$results/$name.log" | tail -n 80; grep -A 8 '<ErrorInfo>' "$trx" 2>/dev/null | head -n 100; } >> "$failures"
    if counters=$(grep -o '<Counters [^>]*>' "$trx" 2>/dev/null | head -n 1) && [ -n "$counters" ]; then
        field() { printf '%s' "$counters" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }
        local bad=$(($(field failed) + $(field error) + $(field timeout) + $(field aborted)))
        count "$name" $((SECONDS - start)) "$(field passed)" "$bad" "$(($(field total) - $(field executed)))"
    else
        say "tests/$name ended without a result"; count "$name" $((SECONDS - start)) 0 1 0
    fi
}

# Node's test runner; in a network namespace of its own, made and removed here: Firefox reaches no server on 127.0.0.1 alone.
node_suite() {
    local name=$1 start=$SECONDS log="$results/$1.log"; shift
    say "tests/EndToEnd: $*"
    timeout -k 15 1200 deploy/local/in-namespace.sh node --test --test-reporter=tap --test-concurrency=1 "$@" > "$log" 2>&1 || true
    local p f s
    p=$(sed -n 's/^# pass //p' "$log" | tail -n 1) f=$(sed -n 's/^# fail //p' "$log" | tail -n 1) s=$(sed -n 's/^# skipped //p' "$log" | tail -n 1)
    local c; c=$(sed -n 's/^# cancelled //p' "$log" | tail -n 1)
    if [ -z "$p" ] || [ $((p + ${f:-0})) -eq 0 ]; then tail -n 60 "$log" >> "$failures"; count "$name" $((SECONDS - start)) 0 1 0; return; fi
    # Of each failed test: what it said about itself, and the block that says why.
    [ $((f + c)) -eq 0 ] || { echo "--- $name"; awk '!on && /^ *#/ { said = said $0 "\n" } /^ *not ok/ { printf "%s", said; on = 1 }
        on { print } /^ *ok|^ *\.\.\.$/ { on = 0; said = "" }' "$log" | head -n 200; } >> "$failures"
    count "$name" $((SECONDS - start)) "$p" $((f + c)) "$s"
}

need_dotnet
# shellcheck disable=SC2046
need_apt $(runtime_packages) ffmpeg libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev gcc libc6-dev libipsec-mb-dev libsrtp2-1 libssl-dev curl openssl
need_node
if [ "$tier" != quick ]; then
    need_apt chromium firefox-esr python3-aiortc python3-aiohttp iproute2 nftables util-linux procps fonts-noto-cjk \
        python3-gst-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-plugins-{base,good,bad,ugly} gstreamer1.0-nice gstreamer1.0-libav
    npm_ci tests/EndToEnd
fi
npm_ci src/Sfu/web

# One compiler for all projects instead of one each: a third of the time. It is this run's own and ends with it.
export UseSharedCompilation=true SharedCompilationId="sfu-test-$$"
scratch=''
trap 'pkill -f "VBCSCompiler.*-pipename:$SharedCompilationId" || true; [ -z "$scratch" ] || { umount -l "$scratch"; rmdir "$scratch"; }' EXIT

say "restore and build (Release, warnings are errors)"
solution=Sfu.sln
[ "$tier" = quick ] && solution=Sfu.quick.slnf
dotnet restore "$solution" --locked-mode -v q || die "restore failed: a package or a lock file changed"
dotnet build "$solution" -c Release --no-restore -v q --nologo -clp:NoSummary || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
say "built"
[ "$tier" = quick ] || step "format" dotnet format Sfu.sln whitespace --verify-no-changes --no-restore
web_checks() { (cd src/Sfu/web && npm run --silent check && npm test --silent); }
step "web page" web_checks
step "benchmarks" node --test --test-reporter=dot tests/Benchmarks/measuring.test.mjs # what they compute, not what they measure

use_scratch
projects=(Architecture.Tests Media.Tests Router.Tests Sfu.Tests Simulation)
# Real disks, ffmpeg, fuzzing and whole processes take their time.
if [ "$tier" = quick ]; then filter=(--filter "Tier!=default"); else filter=(); projects+=(Fuzz Recorder.Tests Verify.Tests); fi
for project in "${projects[@]}"; do suite "$project"; done

if [ "$tier" != quick ]; then
    say "publishing the server for the end-to-end tests"
    dotnet publish src/Sfu -c Release -o artifacts/sfu --no-restore -v q --nologo
    node_suite EndToEnd tests/EndToEnd/*.test.mjs
fi

[ ! -s "$failures" ] || { echo; cat "$failures"; }
echo
printf '%s\n' "${times[@]}"
printf 'total %ds; logs in %s\n' "$SECONDS" "${results#"$root"/}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$passed" -gt 0 ]
