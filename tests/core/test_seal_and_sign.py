"""Tokens that cannot be forged or used for something else, secrets that only our key opens, passwords."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contactcenter.core.clock import frozen, now
from contactcenter.core.security import (
    commit_to,
    digest,
    hash_password,
    password_fits,
    seal,
    sign,
    unseal,
    unsign,
)
from contactcenter.core.text import storable

KEY, OTHER = "k" * 32, "o" * 32


def test_token_is_good_for_its_purpose_and_key_only() -> None:
    token = sign(KEY, "file", {"id": 7})
    assert unsign(KEY, "file", token) == {"id": 7}
    assert unsign(KEY, "survey", token) is None
    assert unsign(OTHER, "file", token) is None


def test_token_grows_old() -> None:
    token = sign(KEY, "file", 7)
    assert unsign(KEY, "file", token, max_age_s=60) == 7
    assert unsign(KEY, "file", token, max_age_s=-1) is None


def test_token_signed_while_the_clock_was_ahead_is_good_and_grows_old() -> None:
    token = sign(KEY, "file", 7)
    with frozen(now() - timedelta(minutes=5)):  # somebody has set it right
        assert unsign(KEY, "file", token, max_age_s=60) == 7
    with frozen(now() + timedelta(minutes=5)):
        assert unsign(KEY, "file", token, max_age_s=60) is None


@given(st.text(st.characters()))
@example("\ud800")
@example("a.b.c")
def test_no_other_text_is_a_token(text: str) -> None:
    assert unsign(KEY, "file", text) is None


@given(st.integers(0, 200), st.characters(min_codepoint=45, max_codepoint=122))
def test_changed_token_is_refused(place: int, letter: str) -> None:
    token = sign(KEY, "file", {"id": 7})
    place %= len(token) - 1  # the last letter carries bits that base64 ignores
    changed = token[:place] + letter + token[place + 1 :]
    assert unsign(KEY, "file", changed) in ([{"id": 7}] if changed == token else [None])


@given(st.text())
def test_sealed_secret_opens_with_the_same_key_only(secret: str) -> None:
    sealed = seal(KEY, secret)
    assert unseal(KEY, sealed) == secret
    assert unseal(OTHER, sealed) is None
    assert len(secret) < 8 or secret not in sealed


def test_same_secret_is_sealed_differently_each_time() -> None:
    assert seal(KEY, "secret") != seal(KEY, "secret")


def test_commitment_shows_nothing_and_holds_to_one_value() -> None:
    assert commit_to(b"a", "x") == commit_to(b"a", "x")
    assert len({commit_to(b"a", "x"), commit_to(b"b", "x"), commit_to(b"a", "y"), digest("x")}) == 4


@pytest.mark.parametrize("hashed", [None, "", "no hash at all"])
def test_password_never_fits_an_account_without_one(hashed: str | None) -> None:
    assert not password_fits(hashed, "correct horse battery")


def test_password_fits_itself_only() -> None:
    hashed = hash_password("correct horse battery")
    assert password_fits(hashed, "correct horse battery")
    assert not password_fits(hashed, "Correct horse battery")


@given(st.text(st.characters()))
@example("a\0b\ud800")
def test_any_text_can_be_stored(text: str) -> None:
    fit = storable(text)
    assert "\0" not in fit
    fit.encode()
    assert storable(fit) == fit
