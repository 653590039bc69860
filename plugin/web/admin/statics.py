"""Style sheets, scripts and pictures: kept for a year, because each version has its own path."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

_ROOT = Path(__file__).parents[1] / "static"
_YEAR = 365 * 24 * 3600


def init_statics(app: Flask) -> None:
    """Serve ``plugin/web/static``; in templates ``static("maturo.css")`` is the address."""
    files = {str(one.relative_to(_ROOT)): one for one in _files(_ROOT)}
    prefix = f"/admin/static/{_digest(files)}/"
    served = WhiteNoise(app.wsgi_app, max_age=_YEAR, allow_all_origins=False)
    served.add_files(str(_ROOT), prefix)
    # Flask documents this assignment for middleware.
    app.wsgi_app = served  # type: ignore[method-assign]

    def static(name: str) -> str:
        return f"{prefix}{files[name].relative_to(_ROOT)}"

    app.jinja_env.globals["static"] = static


def _files(root: Path) -> list[Path]:
    # The compressed twins are made when the package is built.
    return sorted(one for one in root.rglob("*") if one.is_file() and one.suffix != ".gz")


def _digest(files: dict[str, Path]) -> str:
    found = sha256()
    for name, path in files.items():
        found.update(name.encode() + sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]
