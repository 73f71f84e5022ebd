"""The trail names teams, brands and people; a number tells nobody anything."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from contactcenter.accounts.audit import list_entries
from contactcenter.accounts.teams import create_team, edit_team
from contactcenter.core.events import Subject, record
from contactcenter.queues.events import QueueChanged
from tests.plans import rows_read
from tests.world import World


def test_teams_brands_and_people_go_by_their_names(db_session: Session, world: World) -> None:
    team = create_team(db_session, name="Night", manager_id=world.bob.id, actor=world.admin.actor)
    edit_team(db_session, team, 1, name="Late", manager_id=None, actor=world.admin.actor)
    moved: dict[str, list[int | None]] = {
        "team_id": [world.team.id, world.other_team.id],
        "brand_id": [None, world.brand.id],
        "priority": [world.team.id, 5],
    }
    changed = QueueChanged(world.support.id, moved)
    record(db_session, changed, actor=world.admin.actor, subject=Subject())
    names = ("team.created", "team.changed", "queue.changed")
    told = [entry.data for entry in list_entries(db_session, names).items if entry.who == "Ada Admin"]
    assert told[0]["changes"] == {
        "team_id": ["Support", "Fleet"],
        "brand_id": [None, "Harbour Electric"],
        "priority": [world.team.id, 5],
    }
    assert told[1] == {
        "team_id": "Late",
        "changes": {"name": ["Night", "Late"], "manager_id": ["Bob Barrow", None]},
    }
    assert (told[2]["team_id"], told[2]["manager_id"]) == ("Late", "Bob Barrow")


def test_what_is_no_more_keeps_its_number(db_session: Session, world: World) -> None:
    gone = QueueChanged(world.support.id, {"team_id": [world.team.id, 10**9]})
    record(db_session, gone, actor=world.admin.actor, subject=Subject())
    [entry] = [
        one for one in list_entries(db_session, ["queue.changed"]).items if one.data["changes"].get("team_id")
    ]
    assert entry.data["changes"]["team_id"] == ["Support", 10**9]


def test_the_trail_of_long_ago_is_read_without_all_that_happened_since(owner: Engine) -> None:
    """Old and rare, it seemed to be spread over all events: the newest were looked through for it, one by one."""
    with owner.connect() as connection, connection.begin() as everything:
        for name, n in (("team.changed", 400), ("message.added", 20_000)):
            made = f"SELECT now() + k * interval '1 ms', '{name}', 'system', '{{}}' FROM generate_series(1, {n}) k"
            connection.execute(text(f"INSERT INTO event (at, name, actor, data) {made}"))
        connection.execute(text("ANALYZE event"))
        session = Session(connection)
        with rows_read(session, "event") as rows:
            first = list_entries(session, ("team.changed", "queue.changed"))
            second = list_entries(session, ("team.changed", "queue.changed"), after=first.next)
        assert max(rows) <= 200
        assert {one.name for one in (*first.items, *second.items)} == {"team.changed"}
        assert min(one.at for one in first.items) > max(one.at for one in second.items)
        everything.rollback()
