"""Rewrites the installed Autobahn test suite, which is Python 2 source, as Python 3 source.

The copy goes to a directory of its own and the installed package stays as it was. What the rewritten
source cannot say, the difference between text and octets, is settled by `octets.py` and `client.py`.
"""

import importlib.metadata
import pathlib
import re
import shutil
import sys

from fissix.refactor import RefactoringTool, get_fixers_from_package

PACKAGE = "autobahntestsuite"

# Python 2 read a literal as the octets of the file. Latin-1 maps each octet to the character of the same
# number, so a file read as Latin-1 has the same literals again. The cookie makes Python 3 read it so.
COOKIE = "# coding=latin-1\n"

# What the fixers leave, each with the number of places that must be found in the whole suite.
REWRITES = [
    # The bases of a class made by type(): with new-style classes, `object` may not come first.
    (re.compile(r"\(object, Case, \)"), "(Case, )", 6),
    # Hexadecimal of what is text here and octets there.
    (re.compile(r"^(import .*)\bbinascii\b", re.M), r"\1octets as binascii", 18),
    # Case 9.9.1 is off in the suite and needs what zope.interface no longer has.
    (re.compile(r"^from \.case9_9_1 import \*\n", re.M), "", 1),
    # Division of whole numbers gave a whole number (case 10.1.1 counts frames).
    (re.compile(r"(len\(self\.payload\)) / (self\.p\.autoFragmentSize)"), r"\1 // \2", 1),
]


def installed_suite():
    """The directory of the installed suite, found without importing it."""
    return pathlib.Path(importlib.metadata.distribution(PACKAGE).locate_file(PACKAGE))


def rewrite(text, found):
    """`text` with all of `REWRITES` applied; adds to `found` how often each one was."""
    for at, (pattern, replacement, _) in enumerate(REWRITES):
        text, count = pattern.subn(replacement, text)
        found[at] += count
    return text


def port(target):
    """Writes the rewritten suite below `target`, which becomes a directory for `sys.path`."""
    package = pathlib.Path(target, PACKAGE)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(installed_suite(), package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    tool = RefactoringTool(get_fixers_from_package("fissix.fixes"))
    found = [0] * len(REWRITES)
    for path in sorted(package.rglob("*.py")):
        text = re.sub(r"\A#.*coding[=:].*\n", "", path.read_text("latin-1"))
        tree = tool.refactor_string(text.rstrip() + "\n", str(path))
        path.write_text(COOKIE + rewrite(str(tree), found), "latin-1")
    # The original imports every mode of the suite, of which only fuzzing is wanted.
    package.joinpath("__init__.py").write_text("from ._version import __version__ as version\n")
    if found != [places for _, _, places in REWRITES]:
        sys.exit(f"the suite differs from the version ported here: rewrites found {found}")


if __name__ == "__main__":
    port(sys.argv[1])
