"""What browsers load: ours alone, as it was vendored, and small."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import plugin.web
from hatch_build import compress_statics
from tests.pages_kit import Person

STATIC = Path(plugin.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
HEAVIEST = 300_000


def test_vendored_files_are_what_they_were() -> None:
    known = json.loads((VENDOR / "hashes.json").read_text())
    found = {
        str(one.relative_to(VENDOR)): sha256(one.read_bytes()).hexdigest()
        for one in VENDOR.rglob("*")
        if one.is_file() and one.suffix != ".gz" and one.name != "hashes.json"
    }
    assert found == known


def test_every_vendored_library_has_its_licence() -> None:
    for folder in VENDOR.iterdir():
        if folder.is_dir():
            assert len((folder / "LICENSE").read_text()) > 200, folder.name


def test_a_page_with_all_it_loads_is_small(as_role: Callable[[str], Person]) -> None:
    viewer = as_role("viewer")
    page = viewer.get("/admin/").text
    addresses = set(re.findall(r'(?:src|href)="(/admin/static/[^"#]+)', page))
    assert len(addresses) > 4
    sizes = []
    for one in addresses:
        with viewer.get(one) as answer:
            sizes.append(len(gzip.compress(answer.data)))
    assert len(gzip.compress(page.encode())) + sum(sizes) < HEAVIEST


def test_files_are_kept_for_a_year(as_role: Callable[[str], Person]) -> None:
    viewer = as_role("viewer")
    found = re.search(r"/admin/static/[^\"]+tabler.min.css", viewer.get("/admin/").text)
    assert found
    with viewer.get(found[0]) as answer:
        assert answer.headers["Cache-Control"] == "max-age=31536000, public"
        assert answer.headers["Content-Type"].startswith("text/css")


def test_the_build_adds_a_compressed_twin_of_each_file(tmp_path: Path) -> None:
    copy = tmp_path / "plugin" / "web" / "static"
    shutil.copytree(STATIC, copy)
    compress_statics(tmp_path)
    twin = copy / "maturo.css.gz"
    assert gzip.decompress(twin.read_bytes()) == (STATIC / "maturo.css").read_bytes()
    assert not (copy / "vendor" / "hashes.json.gz").exists()


def test_a_path_out_of_the_folder_leads_nowhere(as_role: Callable[[str], Person]) -> None:
    viewer = as_role("viewer")
    assert viewer.get("/admin/static/x/../../../../etc/passwd").status_code == 404
