"""Names of things in the graph: ``n:Thing:<24 hex>``, of which only the digits count.

jaclang numbers things by UUID. Ours begin with eight zeros; the rest is a BSON ObjectId, as Jac Cloud has it, or the
number of a user, whose root it then is.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import time
from uuid import UUID

_REFERENCE = re.compile(r"(n|e|w|o):([^:]*):([a-f\d]{24})", re.IGNORECASE)
_OF_THIS_PROCESS = os.urandom(5).hex()
_COUNTER = itertools.count(secrets.randbits(24))

#: The root of the system.
SUPER = UUID(int=0)
#: The root of everybody who is not logged in.
PUBLIC = UUID(int=1)
#: Below this, digits are the number of a user of the house.
_USERS = 2**53


def fresh() -> UUID:
    """A new one: seconds, this process, a count."""
    return of_digits(f"{int(time.time()):08x}{_OF_THIS_PROCESS}{next(_COUNTER) & 0xFFFFFF:06x}")


def of_digits(digits: str) -> UUID:
    """Of 24 hex digits."""
    return UUID(hex="0" * 8 + digits)


def digits(identity: UUID) -> str:
    """The 24 hex digits."""
    return identity.hex[8:]


def read(reference: str) -> UUID:
    """Of a reference that a caller gave. ``ValueError`` where it is none, in Jac Cloud's words."""
    found = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    if found is None:
        raise ValueError(f"[{reference}] is not a valid reference!")
    return of_digits(found[3].lower())


def is_node(reference: str) -> bool:
    """Whether a reference that was read is of a node."""
    return reference[:1].lower() == "n"


def user(identity: UUID) -> int | None:
    """The number of the user whose root this would be."""
    return identity.int if PUBLIC.int < identity.int < _USERS else None


def root(identity: UUID) -> str:
    """A root's reference."""
    return f"n::{digits(identity)}"
