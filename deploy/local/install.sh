# Sourced by run.sh and test.sh: installs what is missing on Debian, and says what it does.
# shellcheck shell=bash

say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "'$*' needs root: run this script as root, or install sudo."; fi
}

# need_apt PACKAGE...: installs those that are not there, in one go.
need_apt() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get here: ${missing[*]}"
    say "installing with apt: ${missing[*]}"
    as_root apt-get update -q >/dev/null || die "apt-get update failed: is a Debian mirror reachable?"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null \
        || die "apt-get could not install: ${missing[*]}"
}

need_dotnet() {
    command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: install it (package dotnet-sdk-10.0, or https://dot.net) and run this again."
    dotnet --list-sdks | grep -q '^10\.' || die "the .NET 10 SDK is missing; found: $(dotnet --list-sdks | tr '\n' ' ')"
}

need_node() {
    command -v node >/dev/null && command -v npm >/dev/null || need_apt nodejs npm
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || die "Node 18 or newer is needed to build the web page; found $(node --version)."
}

# npm_ci FOLDER: installs what the lock file names, unless that was done already.
npm_ci() {
    local stamp="$1/node_modules/.sfu-lock"
    if [ -f "$stamp" ] && cmp -s "$stamp" "$1/package-lock.json"; then return 0; fi
    say "npm ci in $1"
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || die "npm ci failed in $1"
    cp "$1/package-lock.json" "$stamp"
}

# What the server and its helpers load at run time: libssl3 comes with .NET's requirements; playable files are made by FFmpeg's libraries;
# the IPsec-MB engine exists for x86-64 only.
runtime_packages() {
    echo libssl3 libavformat59 libavcodec59 libavfilter8 libavutil57 fonts-wqy-microhei
    if [ "$(dpkg --print-architecture)" = amd64 ]; then echo libipsec-mb1; fi
}
