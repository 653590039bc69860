"""Who stands behind an activity: a human, a machine, or nobody knows."""

from .judge import SIGNATURES, Judged, catching, judge, machines, settles_at
from .verdict import Verdict

__all__ = ["SIGNATURES", "Judged", "Verdict", "catching", "judge", "machines", "settles_at"]
