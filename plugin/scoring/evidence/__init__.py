"""Who stands behind an activity: a human, a machine, or nobody knows."""

from .judge import SIGNATURES, Judged, judge, judging, settles_at
from .verdict import Verdict

__all__ = ["SIGNATURES", "Judged", "Verdict", "judge", "judging", "settles_at"]
