"""``python -m quintet_jac``."""

from .command import main

if __name__ == "__main__":
    main()
