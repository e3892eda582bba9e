#!/usr/bin/env bash
# Installs what is missing, builds, starts the server with embedded defaults and prints the URL of the demo page.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$root"
# shellcheck source=deploy/local/install.sh
. deploy/local/install.sh

usage() {
    cat <<'END'
usage: ./run.sh [options] [-- server options]

  --port N       HTTP port (default 7880)
  --data DIR     data directory: rooms, event log, development secret (default: .data in this folder)
  --lan          listen on all addresses instead of loopback only; needs API keys and HTTPS, see docs/api.md
  --no-build     start what the last run built
  --help         this text

What follows -- goes to the server as it is, for example: ./run.sh -- --Sfu:Media:Workers=1
Stop it with Ctrl-C.
END
}

port=7880 data="$root/.data" build=1 args=()
while [ $# -gt 0 ]; do
    case "$1" in
        --port) port=${2:?--port needs a number}; shift 2 ;;
        --data) data=${2:?--data needs a folder}; shift 2 ;;
        --lan) args+=(--Sfu:Http:Address=0.0.0.0 --Sfu:Media:Address=0.0.0.0); shift ;;
        --no-build) build=0; shift ;;
        --help|-h) usage; exit 0 ;;
        --) shift; args+=("$@"); break ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done

need_dotnet
if [ "$build" = 1 ]; then
    # shellcheck disable=SC2046
    need_apt $(runtime_packages)
    need_node
    npm_ci src/Sfu/web
    say "building the web page"
    (cd src/Sfu/web && npm run --silent build)
    say "building the server (Release)"
    dotnet publish src/Sfu -c Release -o artifacts/sfu -v q --nologo
fi
[ -x artifacts/sfu/Sfu ] || die "nothing is built yet: run ./run.sh without --no-build"
say "starting the server; data in $data"
mkdir -p "$data"
exec artifacts/sfu/Sfu --Sfu:DataDirectory="$data" --Sfu:Http:Port="$port" "${args[@]}"
