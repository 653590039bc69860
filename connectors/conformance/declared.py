"""Whether a connector declares itself completely, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..activity import KINDS
from ..commands import ACTIONS
from ..contract import CAPABILITIES, Session
from ..registry import strings
from .example import Example

LANGUAGES = ("en", "fr")
_KEYS: Mapping[str, type] = {
    "id": str,
    "name": dict,
    "description": dict,
    "module": str,
    "ingest": list,
    "verify": dict,
    "events": dict,
    "actions": list,
    "capabilities": list,
    "batch_size": int,
    "rates": dict,
    "permissions": list,
    "settings": list,
}
_INGEST = ("webhook", "poll")
_TOLD = ("profile", "company", "removal")


def the_manifest_is_complete(example: Example) -> None:
    """Every key, of the right type, and no other."""
    manifest = example.connector.manifest
    for key, kind in _KEYS.items():
        assert key in manifest, f'manifest.json: "{key}" is missing'
        found = type(manifest[key]).__name__
        assert isinstance(manifest[key], kind), f'"{key}": expected {kind.__name__}, is {found}'
    _nothing_else("manifest.json", manifest, _KEYS)
    assert manifest["id"] == example.connector.id, '"id" must be the id of the connector'
    assert manifest["batch_size"] > 0, '"batch_size": at least one command at once'
    rate = manifest["rates"].get("requests_per_second", 0)
    assert rate > 0, '"rates": say how many "requests_per_second" the platform allows, above 0'


def it_declares_only_what_there_is(example: Example) -> None:
    """Ways in, actions, capabilities and activities are those that Maturo knows."""
    manifest = example.connector.manifest
    _nothing_else('"ingest"', manifest["ingest"], _INGEST)
    _nothing_else('"actions"', manifest["actions"], ["update_contact", *ACTIONS])
    _nothing_else('"capabilities"', manifest["capabilities"], CAPABILITIES)
    known = [*_TOLD, *(f"activity:{kind}" for kind in KINDS)]
    for event, told in manifest["events"].items():
        strange = [one for one in told if not one.startswith("activity:custom.")]
        _nothing_else(f'"events", {event}', strange, known)
    polls, reads = "poll" in manifest["ingest"], "history" in manifest["capabilities"]
    assert polls == reads, '"poll" in "ingest" and "history" in "capabilities" need each other'


def what_it_declares_is_written(example: Example) -> None:
    """A session has a call of its own for every declared capability."""
    session = type(example.connector.open(example.loaded()))
    for capability in example.connector.manifest["capabilities"]:
        for call in CAPABILITIES[capability]:
            own = getattr(session, call, None)
            assert own is not None and own is not getattr(Session, call), (
                f'"{capability}" is declared, but {session.__name__} does not write {call}()'
            )


def everything_is_said_in_both_languages(example: Example) -> None:
    """Name, description, rights, settings, actions: in English and in French."""
    manifest = example.connector.manifest
    texts = {'"name"': manifest["name"], '"description"': manifest["description"]}
    texts |= {f'"permissions", {one["name"]}': one["why"] for one in manifest["permissions"]}
    texts |= {f'"settings", {one["name"]}': one["help"] for one in manifest["settings"]}
    for place, text in texts.items():
        for language in LANGUAGES:
            assert text.get(language), f'manifest.json, {place}: no text in "{language}"'
    for language in LANGUAGES:
        _strings(example, language)


def _strings(example: Example, language: str) -> None:
    manifest, file = example.connector.manifest, f"strings/{language}.json"
    said = strings(example.connector, language)
    for one in manifest["settings"]:
        entry = said.get("settings", {}).get(one["name"], {})
        assert entry.get("name") and entry.get("help"), (
            f'{file}: "settings", "{one["name"]}" needs a "name" and a "help"'
        )
    for action in manifest["actions"]:
        assert said.get("actions", {}).get(action), f'{file}: "actions" does not name {action}'


def the_settings_are_those_of_the_schema(example: Example) -> None:
    """Manifest and schema tell the same of each setting."""
    fields = example.connector.settings_schema().fields
    declared = {one["name"]: one for one in example.connector.manifest["settings"]}
    _nothing_else('"settings"', declared, fields)
    for name, field in fields.items():
        assert name in declared, f'manifest.json, "settings": "{name}" of the schema is missing'
        for key, true in (
            ("required", field.required),
            ("secret", bool(field.metadata.get("secret"))),
        ):
            said = declared[name].get(key)
            assert said is true, f'"settings", {name}: "{key}" is {true} in the schema, here {said}'


def loaded_settings_load_again(example: Example) -> None:
    """They are stored as JSON and loaded anew when a secret is changed."""
    once = example.loaded()
    again = example.connector.settings_schema().load(once)
    assert again == once, f"settings change when loaded again: {sorted(once)} / {sorted(again)}"


def _nothing_else(place: str, found: Iterable[str], known: Iterable[str]) -> None:
    strange = sorted(set(found) - set(known))
    assert not strange, f"{place}: {strange} is not known; there is {sorted(known)}"


CHECKS: Sequence[Callable[[Example], None]] = (
    the_manifest_is_complete,
    it_declares_only_what_there_is,
    what_it_declares_is_written,
    everything_is_said_in_both_languages,
    the_settings_are_those_of_the_schema,
    loaded_settings_load_again,
)
