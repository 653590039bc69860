from __future__ import annotations

import json
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import plugin.web
from connectors.contract import Connector
from plugin.config import SETTINGS, load_config
from plugin.manifest import ManifestError, load_manifest, read_manifest
from plugin.runtime import open_runtime
from plugin.storage.database import head
from plugin.web import create_app
from plugin.web.admin.access import init_access

MANIFEST = load_manifest()
RAW = MANIFEST.raw
STATIC = Path(plugin.web.__file__).parent / "static"
CONNECTORS = [MANIFEST.connector(id) for id in MANIFEST.connector_ids]
KEYS_OF_A_CONNECTOR = {
    "id",
    "name",
    "description",
    "module",
    "ingest",
    "verify",
    "events",
    "actions",
    "capabilities",
    "batch_size",
    "rates",
    "permissions",
    "settings",
}


def broken(path: tuple[str | int, ...], value: Any) -> bytes:
    """The manifest as text, with one value replaced or (``None``) removed."""
    raw: Any = deepcopy(dict(RAW))
    *way, last = path
    inner = raw
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(raw).encode()


def told(connector: Connector) -> set[str]:
    """What the events of a connector are declared to carry."""
    return {one for event in connector.manifest["events"].values() for one in event}


def test_every_declared_address_is_served_and_no_other(tmp_path: Path) -> None:
    app = create_app(load_config({"MATURO_DATA": str(tmp_path)}))
    served = {rule.rule for rule in app.url_map.iter_rules()}
    pages = {endpoint["path"] for endpoint in RAW["endpoints"] if endpoint["protection"] == "role"}
    beneath = {path for path in served if path.startswith(tuple(pages))}
    assert {endpoint["path"] for endpoint in RAW["endpoints"]} == (served - beneath) | pages


@pytest.mark.parametrize(
    "endpoint",
    [one for one in RAW["endpoints"] if one["protection"] != "role"],
    ids=lambda one: one["path"],
)
def test_an_address_takes_the_declared_methods_only(
    tmp_path: Path, endpoint: dict[str, Any]
) -> None:
    client = create_app(load_config({"MATURO_DATA": str(tmp_path)})).test_client()
    path = endpoint["path"].replace("<connection>", "mautic")
    taken = {
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if client.open(path, method=method, data=b"{}").status_code != 405
    }
    assert taken == set(endpoint["methods"])
    assert (endpoint["protection"] == "none") == ("POST" not in taken)


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.id)
def test_a_declared_connector_declares_itself_completely(connector: Connector) -> None:
    manifest = connector.manifest
    assert set(manifest) == KEYS_OF_A_CONNECTOR
    assert import_module(manifest["module"]).CONNECTOR is connector
    assert {"id": connector.id, "module": manifest["module"]} in RAW["connectors"]
    for text in (manifest["name"], manifest["description"]):
        assert set(text) == {"en", "fr"}
    for permission in manifest["permissions"]:
        assert permission["name"]
        assert all(permission["why"][language] for language in ("en", "fr"))
    assert manifest["batch_size"] > 0
    assert manifest["rates"]["requests_per_second"] > 0


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.id)
def test_the_settings_of_a_connector_are_those_of_its_schema(connector: Connector) -> None:
    declared = {one["name"]: one for one in connector.manifest["settings"]}
    fields = connector.settings_schema().fields
    assert set(declared) == set(fields)
    for name, field in fields.items():
        assert declared[name]["required"] == field.required, name
        assert declared[name]["secret"] == field.metadata.get("secret", False), name
        assert all(declared[name]["help"][language] for language in ("en", "fr")), name


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.id)
def test_a_connector_whose_history_can_be_read_has_a_stand_in(connector: Connector) -> None:
    if "poll" not in connector.manifest["ingest"]:
        return
    standin = MANIFEST.standin(connector.id)
    assert {"StandIn", "serve", "play"} <= set(standin.__all__)


@pytest.mark.parametrize("kind", RAW["activities"])
def test_a_declared_activity_is_told_by_a_declared_connector(kind: str) -> None:
    assert any(f"activity:{kind}" in told(connector) for connector in CONNECTORS)


def test_no_connector_tells_an_activity_that_is_not_declared() -> None:
    kinds = {one.removeprefix("activity:") for c in CONNECTORS for one in told(c) if ":" in one}
    assert kinds == set(RAW["activities"])


def test_the_menu_of_a_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    app = create_app(load_config({"MATURO_DATA": str(tmp_path)}))
    gone = read_manifest(broken(("pages", 0, "path"), "/admin/gone"))
    with pytest.raises(ManifestError, match='pages: there is no page at "/admin/gone"'):
        init_access(app, gone)
    other = read_manifest(broken(("pages", 0, "role"), "admin"))
    with pytest.raises(ManifestError, match='pages: "/admin/" needs the role "viewer"'):
        init_access(app, other)


def test_every_page_of_the_menu_has_an_icon_that_was_vendored() -> None:
    icons = next(STATIC.glob("vendor/tabler-icons-*/icons.svg")).read_text()
    assert [one.path for one in MANIFEST.pages if f'id="{one.icon}"' not in icons] == []


def test_the_actions_are_those_that_connectors_carry_out() -> None:
    assert set(RAW["actions"]) == {one for c in CONNECTORS for one in c.manifest["actions"]}


def test_settings_and_secrets_are_those_of_the_table() -> None:
    assert RAW["settings"] == [setting.name for setting in SETTINGS]
    assert RAW["secrets"] == [setting.name for setting in SETTINGS if setting.secret]


def test_the_declared_stores_are_all_that_an_installation_writes(tmp_path: Path) -> None:
    with open_runtime(load_config({"MATURO_DATA": str(tmp_path)})):
        made = {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()}
    assert made == set(RAW["data"]["stores"])


def test_the_migration_head_is_true() -> None:
    assert RAW["migrations"] == {"head": head()}


def test_an_unknown_connector_is_looked_for_among_other_distributions() -> None:
    with pytest.raises(LookupError, match=r'no connector "hubspot"; entry points of maturo'):
        MANIFEST.connector("hubspot")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("version",), "one", r"\$\.version: .one. does not match"),
        (("version",), None, r"\$: 'version' is a required property"),
        (("colour",), "red", r"\$: Additional properties are not allowed \('colour'"),
        (("name", "fr"), None, r"\$\.name: 'fr' is a required property"),
        (("name", "fr"), "", r"\$\.name\.fr: "),
        (("connectors", 0, "module"), "os", r"\$\.connectors\[0\]\.module: "),
        (("endpoints", 0, "methods"), ["FETCH"], r"\$\.endpoints\[0\]\.methods\[0\]: "),
        (("pages", 0, "path"), "/elsewhere", r"\$\.pages\[0\]\.path: "),
        (("roles",), [], r"\$\.roles: "),
        (("settings",), ["port"], 'settings: "host" is in the program, but not declared'),
        (("secrets",), ["key", "port"], 'secrets: "port" is declared, but the program has no'),
        (("activities",), ["danced"], 'activities: "danced" is declared, but the program has no'),
        (("migrations", "head"), "9999", r'migrations\.head: "9999" is declared, but'),
    ],
)
def test_a_manifest_that_is_not_true_is_refused_naming_the_path(
    path: tuple[str | int, ...], value: Any, said: str
) -> None:
    with pytest.raises(ManifestError, match=f"(?m)^manifest.json, {said}"):
        read_manifest(broken(path, value))


def test_a_manifest_that_is_not_json_is_refused_with_its_line() -> None:
    with pytest.raises(ManifestError, match=r"^manifest\.json, line 2: "):
        read_manifest(b'{"id": "maturo",\n oops}')
