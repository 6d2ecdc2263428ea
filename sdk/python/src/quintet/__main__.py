"""``python -m quintet FILE.py``: loads a file, and answers calls of the procedures that it declares."""

import argparse
import importlib.util
import sys
from pathlib import Path

from .running import run


def load(file: Path) -> None:
    """Runs a file as a module of its own name, so that it may import its neighbours."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        sys.exit(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.resolve().parent))
    spec.loader.exec_module(module)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m quintet", description="Answers calls of the procedures of a file.")
    parser.add_argument("file", help="a Python file with functions that are declared with @procedure")
    parser.add_argument("--calls", type=int, default=64, help="how many calls it takes at once (64)")
    parser.add_argument("--drain-seconds", type=float, default=30.0, help="how long it finishes what is under way (30)")
    arguments = parser.parse_args()
    load(Path(arguments.file))
    run(calls=arguments.calls, drain_seconds=arguments.drain_seconds)


if __name__ == "__main__":
    main()
