#!/usr/bin/env bash
# Runs the Autobahn WebSocket test suite against a server: run.sh ws://127.0.0.1:PORT/echo
#
# CASES    the cases, a list of ids and patterns (default "*"), such as CASES="1.* 2.* 6.4.1"
# EXCLUDE  cases to leave out, written the same way
# FAIL_ON  the results that make the run fail, separated by commas (default "FAILED,UNCLEAN"),
#          such as FAIL_ON="FAILED,UNCLEAN,UNIMPLEMENTED,WRONG CODE"
# REPORTS  the directory for index.json and a file for each case; its *.json are removed first
# VENV     the Python environment, made on first use and whenever its lock changes
# PYTHON   the Python to make it with (default python3; 3.11 or later)
#
# Status: 0 all cases ran and passed, 1 some did not, 2 wrong usage or no suite.
set -Eeuo pipefail
export PIP_DISABLE_PIP_VERSION_CHECK=1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${CARGO_TARGET_DIR:-$here/../../target}/autobahn
venv=${VENV:-$state/venv}
reports=${REPORTS:-$state/reports}

# Makes the environment and ports the suite into it, unless that was done with the very same files.
prepare() {
    local wanted
    wanted=$(cd "$here" && cat requirements-build.txt requirements.txt port.py | sha256sum)
    [[ -f $venv/ready && $(<"$venv/ready") == "$wanted" ]] && return
    echo "making the environment of the suite in $venv" >&2
    "${PYTHON:-python3}" -m venv --clear "$venv"
    install_locked requirements-build.txt
    install_locked requirements.txt --no-build-isolation
    "$venv/bin/python" "$here/port.py" "$venv/suite"
    echo "$wanted" >"$venv/ready"
}

# Installs exactly what a lock file names.
install_locked() {
    local lock=$1
    shift
    "$venv/bin/pip" install --quiet --no-deps --require-hashes "$@" -r "$here/$lock" >&2
}

if [[ $# -ne 1 || $1 != ws* ]]; then
    echo "usage: run.sh ws://HOST:PORT/PATH" >&2
    exit 2
fi
trap 'echo "the suite could not be installed" >&2; exit 2' ERR
prepare
trap - ERR
mkdir -p "$reports"
rm -f "$reports"/*.json
PYTHONPATH=$venv/suite PYTHONDONTWRITEBYTECODE=1 \
    "$venv/bin/python" -W ignore "$here/fuzz.py" "$1" "$reports" "${CASES:-*}"
