#!/usr/bin/env bash
# pinned.sh ARGUMENTS...: the published server, on one core from its start, so that it makes as many threads as it has cores.
exec taskset -c "${SFU_SERVER_CPU:?which cores}" "${SFU_PINNED:?path of the server}" "$@"
