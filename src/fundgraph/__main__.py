"""``python3 -m fundgraph`` is the command ``fundgraph``."""

from fundgraph.cli import main

if __name__ == "__main__":
    main()
