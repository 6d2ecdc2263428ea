"""Runs cases of the ported suite against a server: `fuzz.py URL REPORTS CASES`, with CASES like "1.* 2.10".

Ends with 0 if all of them ran and passed, else with 1. REPORTS gets `index.json` and a file for each case.
"""

import os
import sys

from twisted.internet import reactor
from twisted.python import log

import verdict
from client import Factory


def specification(url, reports, cases):
    """What the suite wants to be told."""
    return {
        "outdir": reports,
        "servers": [{"agent": "server", "url": url}],
        "cases": cases,
        "exclude-cases": os.environ.get("EXCLUDE", "").split(),
        "exclude-agent-cases": {},
    }


class Faults:
    """Shows and counts exceptions inside the suite: each leaves some case with a result that means nothing."""

    def __init__(self):
        self.count = 0
        log.addObserver(self.observe)

    def observe(self, event):
        """Takes one event of the log."""
        if event["isError"]:
            self.count += 1
            print(log.textFromEventDict(event), file=sys.stderr)


def main(url, reports, cases):
    """Runs the cases; the exit status."""
    faults = Faults()
    try:
        factory = Factory(specification(url, reports, cases.split()))
    except KeyError as unknown:
        sys.exit(f"no case {unknown}")
    if not factory.specCases:
        sys.exit(f"no case matches {cases!r}")
    reactor.run()
    failing = os.environ.get("FAIL_ON", ",".join(verdict.FAILING)).split(",")
    passed = verdict.judge(factory.agents.get("server", {}), factory.specCases, failing)
    if faults.count:
        print(f"{faults.count} exceptions inside the suite, see above")
    return 0 if passed and not faults.count else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
