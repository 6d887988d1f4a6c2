"""What changed between two releases, told in words, with the statements behind it."""

from fundgraph.difference.comparison import Difference, compare
from fundgraph.difference.words import Change

__all__ = ["Change", "Difference", "compare"]
