"""A Jac program: its file, compiled and loaded, and its walkers."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from jaclang import JacMachineInterface as Jac
from jaclang.runtimelib.archetype import WalkerArchetype

from .walker import Walker

log = logging.getLogger("quintet.jac")


class Broken(Exception):
    """The program cannot be loaded."""


def load(file: Path) -> dict[str, Walker]:
    """Its walkers that are not private, of imported files too, by name. ``Broken`` where it does not compile or run."""
    name, directory = file.stem, file.resolve().parent
    if file.suffix != ".jac" or not file.is_file():
        raise Broken(f"{file} is no .jac file")
    if not name.isidentifier() or name in sys.modules or name in sys.stdlib_module_names:
        raise Broken(f"{file.name} must be named otherwise: {name} is no free name of a Python module")
    sys.path.insert(0, str(directory))
    try:
        Jac.jac_import(target=name, base_path=str(directory))
    except ImportError as error:
        # What is wrong with it has been said already.
        if "No bytecode found" in str(error):
            raise Broken(f"{file} does not compile") from None
        raise Broken(f"{file} cannot be loaded: {error}") from error
    except Exception as error:
        raise Broken(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    return _walkers()


def _walkers() -> dict[str, Walker]:
    walkers: dict[str, Walker] = {}
    for cls in _below(WalkerArchetype):
        if cls.__module__.partition(".")[0] == "jaclang":
            continue
        walker = Walker(cls)
        given = getattr(cls, "__specs__", None)
        if getattr(given, "webhook", None):
            log.warning("walker %s is not offered: webhooks with API keys are not supported", walker.name)
        if getattr(given, "schedule", None):
            log.warning("walker %s does not run by its schedule: schedules are not supported", walker.name)
        if walker.specs["private"]:
            continue
        if walker.name in walkers:
            log.warning("there are two walkers %s: that of %s is not offered", walker.name, cls.__module__)
            continue
        walkers[walker.name] = walker
    return walkers


def _below(cls: Any) -> list[Any]:
    found: dict[Any, None] = {}
    for each in cls.__subclasses__():
        found[each] = None
        found.update(dict.fromkeys(_below(each)))
    return list(found)
