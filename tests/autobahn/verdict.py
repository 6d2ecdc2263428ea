"""Judges the results of a run: counts them, names what is not plainly passed, decides whether it failed."""

import collections

# The results that make a run fail: the ones the suite's own report shows in red.
FAILING = ("FAILED", "UNCLEAN")

# Which results a case has, by their names in the suite: of what it did, and of how it closed.
ASPECTS = ("behavior", "behaviorClose")


def by_number(case):
    """The order of case ids: 2.10 comes after 2.9."""
    return [int(part) for part in case.split(".")]


def tally(results, aspect):
    """Lines with the number of each outcome of `aspect`, with the cases for all but OK."""
    cases = collections.defaultdict(list)
    for case in sorted(results, key=by_number):
        cases[results[case][aspect]].append(case)
    for outcome in sorted(cases, key=lambda name: (name != "OK", name)):
        names = "" if outcome == "OK" else ": " + " ".join(cases[outcome])
        yield f"  {outcome} {len(cases[outcome])}{names}"


def judge(results, chosen, failing=FAILING):
    """Prints the verdict on `results` (case id to result); true if every case of `chosen` ran and none is `failing`."""
    missing = [case for case in chosen if case not in results]
    failed = [
        case
        for case in sorted(results, key=by_number)
        if any(results[case][aspect] in failing for aspect in ASPECTS)
    ]
    print(f"{len(chosen) - len(missing)} of {len(chosen)} cases ran")
    for aspect in ASPECTS:
        print(f"{aspect}:", *tally(results, aspect), sep="\n")
    for case in failed:
        one = results[case]
        print(f"case {case} {one['behavior']}: {one['result']} / closing {one['behaviorClose']}: {one['resultClose']}")
    if missing:
        print("did not run:", *missing)
    return not failed and not missing
