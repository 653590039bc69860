"""A stand-in for Mautic that behaves as the recorded 6.0.3; for the demo, tests and authors.

What is not here answers as an unknown route does. Start with ``StandIn``, then ``serve`` it.
"""

from .app import create_app
from .play import Recorded, play
from .server import Running, serve
from .state import StandIn
from .visitors import visit

__all__ = ["Recorded", "Running", "StandIn", "create_app", "play", "serve", "visit"]
