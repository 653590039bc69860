"""What every page is framed with: the menu of the manifest, as far as the role reaches."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from plugin.manifest import Manifest, Page

from .access import may
from .languages import language


def init_layout(app: Flask, manifest: Manifest) -> None:
    """Hand the menu to every template."""

    def frame() -> dict[str, Any]:
        shown = [page for page in manifest.pages if may(page.role)]
        return {
            "menu": [(page, page.name[language()]) for page in shown],
            "here": _nearest(shown, request.path),
            "product_version": manifest.version,
        }

    app.context_processor(frame)


def _nearest(pages: list[Page], path: str) -> Page | None:
    """The page of the menu that a path lies under."""
    front, under = pages[:1], [page for page in pages[1:] if path.startswith(page.path)]
    above = under or [page for page in front if page.path == path]
    return max(above, key=lambda page: len(page.path), default=None)
