"""Pictures of every page for the documentation, over the demo's firm: ``make screenshots``.

python tests/screenshots.py [FOLDER]
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from plugin.demo.firm import open_firm
from plugin.demo.stage import CONNECTION
from plugin.manifest import load_manifest

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
WIDE, NARROW = 1280, 390
#: Longer pages are cut: what matters stands above.
_HIGHEST = 1600
_QUALITY = 55


def take(pages: str, folder: Path) -> None:
    """Every page in both languages, wide; those of the menu narrow as well."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language, locale in LANGUAGES.items():
            for width, suffix in ((WIDE, ""), (NARROW, ".narrow")):
                page = _signed_in(browser, pages, locale, width)
                for name, path in _paths(page):
                    if width == WIDE or path in _menu():
                        _shoot(page, path, folder / f"{name}{suffix}.{language}.webp")
        browser.close()


def _signed_in(browser: Browser, pages: str, locale: str, width: int) -> Page:
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(pages)
    # The user is the same in both languages: the last choice of one would be that of the other.
    name = {"en": "English", "fr": "Français"}[locale[:2]]
    switch = page.get_by_role("button", name=name, include_hidden=True)
    with page.expect_navigation():
        switch.evaluate("button => button.click()")
    return page


def _menu() -> list[str]:
    return [entry.path for entry in load_manifest().pages]


def _paths(page: Page) -> Iterator[tuple[str, str]]:
    """Names and addresses: the menu, then what lies behind it."""
    for path in _menu():
        yield path.removeprefix("/admin").strip("/").replace("/", "-") or "overview", path
    page.goto(_address(page, "/admin/contacts"))
    yield "contact", page.locator("tbody a").first.get_attribute("href") or "/admin/contacts"
    own = f"/admin/connections/{CONNECTION}"
    yield "connect", f"/admin/connections/new/{CONNECTION}"
    yield "set-up", f"{own}/setup"
    yield "connection", own
    yield "dead-letters", "/admin/health/dead/"


def _address(page: Page, path: str) -> str:
    return "/".join(page.url.split("/", 3)[:3]) + path


def _shoot(page: Page, path: str, file: Path) -> None:
    page.goto(_address(page, path))
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)  # Charts are drawn, and the live feed never falls silent.
    session = page.context.new_cdp_session(page)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], _HIGHEST)}
    shot = session.send(
        "Page.captureScreenshot",
        {
            "format": file.suffix.removeprefix("."),
            "quality": _QUALITY,
            "captureBeyondViewport": True,
            "clip": clip | {"scale": 1},
        },
    )
    file.write_bytes(base64.b64decode(shot["data"]))
    session.detach()


def main(folder: Path = FOLDER) -> None:
    """Open the firm, take the pictures, close it."""
    with tempfile.TemporaryDirectory() as data, open_firm(Path(data), lambda: None) as opened:
        take(opened[1], folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
