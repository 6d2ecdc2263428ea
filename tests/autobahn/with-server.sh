#!/usr/bin/env bash
# Runs the suite against `/echo` of a server of its own: with-server.sh PATH-OF-THE-QUINTET-BINARY
set -euo pipefail
binary=${1:?usage: with-server.sh PATH-OF-THE-QUINTET-BINARY}
here=$(cd "$(dirname "$0")" && pwd)
data=$(mktemp -d)
QUINTET_ADMIN_PASSWORD=autobahn QUINTET_COMPRESSION=true \
  "$binary" serve --conformance --listen 127.0.0.1:0 --data "$data" >"$data/out" 2>"$data/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
# Waits for the line that tells the port, or for the server's end.
address=$(tail --pid="$server" -n +1 -f "$data/out" | grep -m1 -o 'http://[^ ]*') || { cat "$data/log" >&2; exit 1; }
"$here/run.sh" "ws${address#http}/echo"
