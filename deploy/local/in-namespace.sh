#!/usr/bin/env bash
# in-namespace.sh COMMAND...: runs a command in a network namespace of its own with loopback and one veth address
# (10.77.0.1 and fd77::1), removed again when the command ends. Browsers refuse servers that are on loopback only.
set -euo pipefail
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env "$0" "$@"
exec unshare --net --mount-proc --fork --pid --kill-child bash -c '
    set -e
    ip link set lo up
    ip link add sfu0 type veth peer name sfu1
    ip addr add 10.77.0.1/24 dev sfu0
    ip addr add fd77::1/64 dev sfu0 nodad
    ip link set sfu0 up
    ip link set sfu1 up
    # Where to does not matter: Firefox without a camera offers the address of the default route only.
    ip route add default via 10.77.0.2
    ip -6 route add default via fd77::2
    "$@"' in-namespace "$@"
