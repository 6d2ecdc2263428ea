"""Runs the walkers of a Jac program, unmodified, behind a Quintet server.

``service`` and ``pool`` are the parent: a worker of the server, and the processes that it keeps. ``process`` is such a
process: it runs one walker at a time on the real ``jaclang``, over a graph in a store that all of them share.
"""

import typing

if not hasattr(typing, "override"):
    # jaclang says that it runs on Python 3.11, but imports this name of 3.12.
    typing.override = lambda function: function  # type: ignore[attr-defined]
