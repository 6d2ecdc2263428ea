"""Answer calls of a Quintet server in Python.

from quintet import procedure, run

@procedure("add")
def add(a: int, b: int) -> int:
    return a + b

run()
"""

from .call import Actor, Answer, Call, Connection, User
from .errors import Disconnected, Error, Fatal, Refused
from .procedure import Procedure, procedure
from .running import run
from .subscription import Push
from .worker import Worker

__all__ = [
    "Actor",
    "Answer",
    "Call",
    "Connection",
    "Disconnected",
    "Error",
    "Fatal",
    "Procedure",
    "Push",
    "Refused",
    "User",
    "Worker",
    "procedure",
    "run",
]
