"""A small firm from door to door: its platform, our receiver, worker and sender, on one clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from connectors.mautic import standin as mautic
from connectors.mautic.standin import StandIn, visitors
from plugin.config import load_config
from plugin.poller import Poller
from plugin.runtime import Runtime, open_runtime
from plugin.scoring.explanation import Explanation
from plugin.scoring.loading import load
from plugin.scoring.scorecard import MICRO, Rule
from plugin.sender import Sender
from plugin.services.connect import Request, connect
from plugin.services.explain import explain_contact
from plugin.services.publish import publish
from plugin.storage.actions import ListedAction, listed
from plugin.storage.engine import for_reading
from plugin.web import create_app
from plugin.worker import catch_up, look_again_some, score_some
from tests.blank import blank_main
from tests.installation import unpaced

SECRET = "secret-of-the-acceptance-tests"
_SITE = "https://www.firm.example"


@dataclass
class Firm:
    """People act on ``platform``; ``settle`` brings everything to the score and back."""

    data: Path
    version: str = "6.0.3"
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    standin: StandIn = field(init=False)
    runtime: Runtime = field(init=False)
    hook: str = field(init=False)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.standin = StandIn(self.version, clock=lambda: self.now)

    def wait(self, **time: float) -> None:
        """Let time pass, given as ``timedelta`` takes it."""
        self.now += timedelta(**time)

    def scorecard(self, text: str) -> int:
        """Publish the text of a scorecard; answers its version."""
        return publish(self.runtime.engine, text, "card.yaml", self.now)

    def visit(self, path: str, contact: int | None = None, **hit: Any) -> int:
        """A page of the firm's site is seen; answers the contact."""
        return visitors.visit(self.standin, contact, f"{_SITE}{path}", **hit)

    def submit_form(
        self, contact: int | None = None, form: str = "Demo form", **answers: Any
    ) -> int:
        """A form is sent, its answers named as contact fields; answers whose it is."""
        alias = form.casefold().replace(" ", "_")
        shown = {"id": sum(form.encode()), "name": form, "alias": alias}
        return visitors.submit_form(self.standin, contact, answers, form=shown)

    def settle(self) -> None:
        """Work until nothing is left to score or to write back at this moment."""
        steps = (score_some, look_again_some, catch_up)
        while any(step(self.runtime) for step in steps) or self.sender.send_some():
            pass

    def poll(self, poller: Poller) -> None:
        """Let a minute pass, read until nothing newer is there, and settle."""
        self.wait(minutes=1)
        while poller.poll_some():
            pass
        self.settle()

    def platform(self, contact: int) -> dict[str, Any]:
        """Our values as the platform shows them (``score``, ``band``, …), and its ``tags``.

        Mautic 5 and 6 ignore zeros, so that a blank is what they hold for one (issue 15030).
        """
        held = self.standin.find(contact)
        assert held is not None
        ours = {
            name.removeprefix("maturo_"): value
            for name, value in held.values.items()
            if name.startswith("maturo_") and value is not None
        }
        zeros = dict.fromkeys(("score", "fit", "engagement"), 0) if ours else {}
        return zeros | ours | {"tags": sorted(held.tags)}

    def explain(self, contact: int, lang: str = "en") -> Explanation:
        """Why the contact has its score now."""
        runtime = self.runtime
        return explain_contact(runtime.engine, runtime.vault, f"mautic/{contact}", self.now, lang)

    def points(self, contact: int) -> dict[str, float]:
        """The points of each rule now, as explained."""
        found: dict[str, float] = {}
        for line in self.explain(contact).lines:
            assert line.rule is not None
            found[line.rule] = found.get(line.rule, 0) + line.now / MICRO
        return found

    def actions(self) -> list[ListedAction]:
        """What was done and what waits, the newest first."""
        with for_reading(self.runtime.engine).begin() as connection:
            return listed(connection, 1000)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def polling(firm: Firm) -> Iterator[Poller]:
    """What reads the statistics of the firm's platform; it has begun."""
    poller = Poller(firm.runtime, lambda: 0.5, unpaced())
    firm.poll(poller)
    yield poller
    poller.close()


@contextmanager
def _receiving(firm: Firm) -> Iterator[str]:
    # Without pages and API, whose making is half of what opening a firm costs.
    app = create_app(firm.runtime.config, clock=lambda: firm.now, show=lambda app, runtime: None)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks/mautic"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(
    data: Path, secret: str = SECRET, language: str = "en", version: str = "6.0.3"
) -> Iterator[Firm]:
    """A firm with everything connected and nobody known yet; ``secret`` signs the webhook.

    ``version`` is of its Mautic.
    """
    firm = Firm(data, version)
    with ExitStack() as stack:
        options = {"data": str(data), "language": language}
        config = load_config({"MATURO_CONFIG": os.devnull}, options)
        blank_main(config.main_path)
        firm.runtime = stack.enter_context(open_runtime(config, lambda: firm.now))
        url = stack.enter_context(mautic.serve(firm.standin)).url
        firm.hook = stack.enter_context(_receiving(firm))
        settings = {
            "base_url": url,
            "client_id": firm.standin.client_id,
            "client_secret": firm.standin.client_secret,
        }
        request = Request("mautic", "mautic", settings, secret, firm.hook)
        connector = firm.runtime.manifest.connector("mautic")
        done = connect(firm.runtime.engine, firm.runtime.vault, connector, request, firm.now)
        assert all(check.ok for check in done.checks), done.checks
        firm.sender = Sender(firm.runtime, lambda: 0.5, unpaced())
        stack.callback(firm.sender.close)
        yield firm


def shipped(name: str) -> str:
    """The text of a shipped scorecard."""
    return files("plugin").joinpath(f"scorecards/{name}.yaml").read_text(encoding="utf-8")


def rules_of(text: str) -> dict[str, Rule]:
    """The rules of a scorecard's text by their ids."""
    return {rule.id: rule for rule in load(text, "card.yaml").rules}
