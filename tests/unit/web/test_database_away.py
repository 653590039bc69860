"""What people and programs are told while the database cannot be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.testing import capture_logs

from plugin.runtime import Runtime
from tests.pages_kit import Person


@pytest.fixture
def away(app: Flask, runtime: Runtime) -> Flask:
    """The application whose database refuses every question about people and scores."""
    with runtime.engine.begin() as connection:
        for table in ("users", "api_keys", "scores"):
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
    app.testing = False
    return app


@pytest.mark.parametrize("path", ["/admin/", "/admin/contacts", "/admin/nowhere", "/admin/login"])
def test_a_page_says_in_both_languages_that_nothing_is_lost(
    away: Flask, as_role: Callable[[str], Person], path: str
) -> None:
    with capture_logs() as logs:
        answer = as_role("admin").get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Deliveries are not lost" in answer.text
    assert "Aucune livraison n’est perdue" in answer.text
    assert [one["event"] for one in logs] == ["database_away"]


def test_a_program_gets_a_problem(away: Flask, as_role: Callable[[str], Person]) -> None:
    answer = as_role("admin").get("/api/v1/contacts")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.get_json()["detail"] == "the database cannot be used now: try again later"
