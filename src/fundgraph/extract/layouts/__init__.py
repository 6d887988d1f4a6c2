"""The shapes that pages come in: each layout reads any source as its shape, and says how much that explains."""

from fundgraph.extract.layouts.choose import read_layout
from fundgraph.extract.layouts.records import RawClaim, RawPerson, RawPhase, RawProject, Reading, Remark

__all__ = ["RawClaim", "RawPerson", "RawPhase", "RawProject", "Reading", "Remark", "read_layout"]
