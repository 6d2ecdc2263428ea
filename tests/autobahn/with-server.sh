#!/usr/bin/env bash
# Runs the suite against `/echo` of a server of its own: with-server.sh PATH-OF-THE-QUINTET-BINARY
set -euo pipefail
binary=${1:?usage: with-server.sh PATH-OF-THE-QUINTET-BINARY}
here=$(cd "$(dirname "$0")" && pwd)
data=$(mktemp -d)
export QUINTET_ADMIN_PASSWORD=autobahn QUINTET_COMPRESSION=true
coproc server { exec "$binary" serve --conformance --listen 127.0.0.1:0 --data "$data" 2>"$data/log"; }
pid=$server_PID
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -rf "$data"' EXIT
address=
while [[ -z $address ]] && read -r line <&"${server[0]}"; do
  [[ $line =~ http://[^[:space:]]+ ]] && address=${BASH_REMATCH[0]}
done
[[ -n $address ]] || { cat "$data/log" >&2; exit 1; }
"$here/run.sh" "ws${address#http}/echo"
