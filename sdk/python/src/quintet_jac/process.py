"""A process that runs walkers, one at a time: ``python -m quintet_jac.process FILE.jac DIRECTORY``.

It is told calls on its standard input, and says what comes of them on what was its standard output: JSON, a line each.
First it says ``{"ready": {NAME: INTERFACE}}``, or ``{"broken": WHY}``. Of a call ``{"id", "walker", "method", "root",
"node", "context", "query", "path", "background"}`` it says

- ``{"id", "notify": "self"|"users"|"channels"|"clients", "ids", "data"}``, as often as the walker does;
- ``{"id", "ask": NUMBER}``: does this user exist? It waits for ``{"told": true|false}``;
- ``{"id", "result": {"payload", "status"}}`` or ``{"id", "error": {"status", …}}``, once;
- ``{"id", "done": true}``, where the result had ``"background": true`` beside it, when the walker has ended.

All else that walkers print goes to the standard error.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

from .pipe import Pipe


def main() -> None:
    """Runs until the parent is gone."""
    pipe = Pipe()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # jaclang's own notes of what may not be read tell of others' things.
    logging.getLogger("jaclang").setLevel(logging.WARNING)
    # jaclang speaks while it is imported: only now does that not disturb the parent.
    from .program import Broken  # noqa: PLC0415
    from .runner import Runner  # noqa: PLC0415

    try:
        runner = Runner(pipe, Path(sys.argv[1]), Path(sys.argv[2]))
    except (Broken, PermissionError) as error:
        if error.__cause__:
            traceback.print_exception(error.__cause__)
        pipe.say(broken=str(error))
        sys.exit(3)
    pipe.say(ready={name: walker.interface() for name, walker in runner.walkers.items()})
    pipe.listen()
    while True:
        runner.run(pipe.hear())


if __name__ == "__main__":
    main()
