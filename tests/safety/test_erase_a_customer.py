"""Of a customer who was erased nothing is found any more: in no table, no file, nor in Valkey."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from contactcenter.cli.customers import NOTE, erase, erase_again, read_note
from contactcenter.complaints.models import ComplaintCase, ComplaintEvent
from contactcenter.complaints.service import act_for_time
from contactcenter.complaints.verify import verify_all
from contactcenter.conversations.models import Conversation, Message
from contactcenter.core import clock, db, retention
from contactcenter.core.config import get_settings
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.idempotency import IdempotencyKey
from contactcenter.customers.models import Customer
from contactcenter.customers.service import identify
from contactcenter.tickets.models import Ticket
from tests.safety.story import ADDRESS, SEALED_ONLY, WORDS, write_everywhere
from tests.safety.traces import in_files, in_tables, in_valkey
from tests.world import World, build_world

ENGINE_FOLDERS = ("pg17", "pg18", "engines")


@pytest.fixture
def owned(clean_database: Engine, owner: Engine) -> Iterator[Session]:
    """Units of work as the owner of the database, as the command opens them."""
    db.bind(owner)
    with Session(owner, expire_on_commit=False) as session:
        yield session
    db.bind(clean_database, join_transaction_mode="conditional_savepoint")


@pytest.fixture
def town(owned: Session) -> World:
    world = build_world(owned)
    owned.commit()
    return world


@pytest.fixture
def others(state_dir: Path) -> tuple[str, ...]:
    """Uploads that tests before this one have left: they use her address, too."""
    uploads = (path for path in (state_dir / "files").rglob("*") if path.is_file())
    return tuple(str(path.relative_to(state_dir)) for path in uploads)


@pytest.fixture
def her(owned: Session, town: World, app: Flask, others: tuple[str, ...]) -> Customer:
    """After the others' files were listed."""
    return write_everywhere(owned, town, app)


def traces(owner: Engine, state_dir: Path, others: tuple[str, ...]) -> list[str]:
    redis = Redis.from_url(get_settings().redis_url)
    found = [
        *in_tables(owner, WORDS),
        *(one for one in in_files(state_dir, WORDS, but=ENGINE_FOLDERS) if not one.startswith(others)),
        *in_valkey(redis, WORDS),
    ]
    redis.close()
    return found


def test_nothing_is_found_of_a_customer_who_was_erased(
    owned: Session, owner: Engine, her: Customer, state_dir: Path, others: tuple[str, ...]
) -> None:
    before = traces(owner, state_dir, others)
    seen = {trace.rpartition(": ")[2] for trace in before}
    assert set(WORDS) - seen == SEALED_ONLY
    messages_n = owned.scalar(select(func.count()).select_from(Message))

    erase(get_settings(), her.id, before_its_time=True)
    assert traces(owner, state_dir, others) == []

    owned.expire_all()
    assert owned.scalar(select(func.count()).select_from(Message)) == messages_n  # who spoke when stays
    other = owned.scalars(select(Ticket).where(Ticket.subject == "Other")).one()
    kept = owned.scalars(
        select(Message.body).where(Message.ticket_id == other.id).order_by(Message.rev)
    ).all()
    assert kept == ["kept here", ""]
    assert (
        owned.scalar(select(func.count()).where(Ticket.search.op("@@")(func.to_tsquery("simple", "kept"))))
        == 1
    )
    assert list(verify_all(owned)) == []
    assert owned.scalars(select(ComplaintCase.case_key)).all() == [None]
    again = identify(owned, "email", ADDRESS)
    assert again.id not in (her.id, her.merged_into_id)  # who comes back is somebody new


def test_no_page_of_the_disk_holds_it_once_the_database_has_tidied_up(
    owned: Session, owner: Engine, her: Customer, state_dir: Path
) -> None:
    number = her.id
    owned.commit()  # nothing may be read meanwhile
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("CHECKPOINT"))
        pages = Path(connection.scalar(text("SHOW data_directory")) or "") / "base"
        assert len({found.rpartition(": ")[2] for found in in_files(pages, WORDS)}) > len(WORDS) / 2
        erase(get_settings(), number, before_its_time=True)
        connection.execute(text("VACUUM FULL"))
        connection.execute(text("CHECKPOINT"))
    assert list(in_files(pages, WORDS)) == []


def test_what_programs_were_answered_is_forgotten_within_two_nights(owned: Session, her: Customer) -> None:
    """It lies sealed, for a day: a repeat of the request is to get the same answer."""
    erase(get_settings(), her.id, before_its_time=True)
    row = owned.scalars(select(IdempotencyKey)).one()
    with db.unit_of_work() as session, clock.frozen(row.expires_at):
        retention.on_sweep(session, {})
    assert owned.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_a_complaint_that_is_to_be_kept_keeps_its_customer(
    owned: Session, owner: Engine, her: Customer
) -> None:
    before = list(in_tables(owner, WORDS[:1]))
    with pytest.raises(Conflict, match=r"CMP-.* must be kept until 20\d\d-\d\d-\d\d"):
        erase(get_settings(), her.id, before_its_time=False)
    assert list(in_tables(owner, WORDS[:1])) == before
    assert not (get_settings().state_dir / NOTE).exists()


def test_the_log_of_an_erased_complaint_ends_as_any_other(owned: Session, her: Customer) -> None:
    erase(get_settings(), her.id, before_its_time=True)
    case = owned.scalars(select(ComplaintCase)).one()
    act_for_time(owned, case, clock.now() + timedelta(days=4000))
    owned.commit()
    names = owned.scalars(select(ComplaintEvent.name).order_by(ComplaintEvent.seq)).all()
    assert names[-1] == "erase"
    assert list(verify_all(owned)) == []


def test_whoever_is_being_talked_to_is_not_erased(owned: Session, her: Customer) -> None:
    conversation = owned.scalars(select(Conversation).where(Conversation.customer_id == her.id)).first()
    assert conversation is not None
    conversation.state = "active"
    owned.commit()
    with pytest.raises(Conflict, match=f"Ticket #{conversation.ticket_id} is still being talked about"):
        erase(get_settings(), her.id, before_its_time=True)


def test_an_erasure_is_done_again_where_an_older_backup_brought_the_words_back(
    owned: Session, town: World
) -> None:
    settings = get_settings()
    erase(settings, town.wang_li.id, before_its_time=False)
    lines = read_note(settings.state_dir / NOTE)
    with pytest.raises(Conflict, match="erased already"):
        erase(settings, town.wang_li.id, before_its_time=False)
    with pytest.raises(NotFound):
        erase(settings, 10**9, before_its_time=False)
    owned.refresh(town.wang_li)
    town.wang_li.name, town.wang_li.erased_at = "back again", None
    somebody_new = identify(owned, "email", "new@example.org", name="Somebody New")
    owned.commit()
    stranger = {"customer": str(somebody_new.id), "since": "2020-01-01T00:00:00+00:00"}
    erase_again(settings, [*lines, stranger, {**stranger, "customer": "987654"}])
    owned.expire_all()
    assert (town.wang_li.name, somebody_new.name) == ("", "Somebody New")


@pytest.fixture(autouse=True)
def _no_note_left() -> Iterator[None]:
    yield
    (get_settings().state_dir / NOTE).unlink(missing_ok=True)


def test_killed_before_the_commit_he_is_noted_and_can_be_erased_once_more(
    owned: Session, town: World, monkeypatch: pytest.MonkeyPatch, state_dir: Path
) -> None:
    """The other way round he would be erased, and no restore would know of it."""
    note, known = state_dir / NOTE, town.wang_li.id

    def lines_n() -> int:
        return len(read_note(note)) if note.exists() else 0

    before = lines_n()

    def die(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sqlalchemy.orm.session.SessionTransaction.commit", die)
    with pytest.raises(KeyboardInterrupt):
        erase(get_settings(), known, before_its_time=False)
    monkeypatch.undo()
    owned.expire_all()
    assert owned.get_one(Customer, known).erased_at is None
    assert lines_n() == before + 1
    erase(get_settings(), known, before_its_time=False)
    owned.expire_all()
    assert owned.get_one(Customer, known).erased_at is not None
