"""The router: reads what changed, lets the engine decide, writes the decisions. One leads a shard; it never polls for work.

A turn is one transaction: (1) prove and renew the lease, (2) let happen what is overdue, but no offer lapse, (3) empty the
inbox, read the rows it names and tell the board, (4) let time pass, (5) write what was decided. If anything fails the
memory is thrown away and built anew from the database, which always holds the truth.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contactcenter.assignment import facts
from contactcenter.assignment.board import Board
from contactcenter.assignment.decisions import Wish, write_decisions
from contactcenter.assignment.lease import Lease, keep_lease
from contactcenter.assignment.models import QueueLoad, RouterInbox
from contactcenter.assignment.plans import Definitions
from contactcenter.core import clock
from contactcenter.core.db import unit_of_work
from contactcenter.core.logs import get_logger
from contactcenter.queues.policy import read_policy

log = get_logger(__name__)
BATCH = 500
FIGURES_EVERY = timedelta(seconds=1)
PRUNE_EVERY = timedelta(minutes=10)
KEEP_DONE = timedelta(hours=1)
REFUSED_TURNS_MAX = 3
PAUSE_S = 1.0


class Router:
    """The leader of one shard for as long as its lease lasts."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._board: Board | None = None
        self._doubtful: list[Wish] = []
        self._refused_turns = 0
        self._figures_due = self._pruning_due = clock.now()

    def turn(self) -> datetime | None:
        """Do everything there is to do now. Returns when to come again even if nobody calls; None: only when called.

        Raises LeaseLostError once another router leads.
        """
        try:
            with unit_of_work() as session:
                keep_lease(session, self._lease)
                now, board = clock.now(), self._board or self._rebuild(session)
                board.come_up_to(now)
                board, more = self._read_inbox(session, board, now)
                board.pass_time(now)
                refused = self._write(session, board)
                self._leave_figures(session, board)
                self._prune(session)
        except BaseException:
            self._board = None
            raise
        self._board, self._doubtful = board, refused
        return self._next_turn(board, more=more)

    def _next_turn(self, board: Board, *, more: bool) -> datetime | None:
        """At once, if something is left; memory that disagrees again and again is built anew, after a pause."""
        self._refused_turns = self._refused_turns + 1 if self._doubtful else 0
        if self._refused_turns > REFUSED_TURNS_MAX:
            log.warning("memory_disagrees", refused=len(self._doubtful))
            self._board = None
            return clock.after(PAUSE_S)
        return clock.now() if more or self._doubtful else board.next_due()

    def _rebuild(self, session: Session) -> Board:
        """Read everything. Whatever commands say that came before is contained in what is read after them."""
        self._doubtful, self._refused_turns = [], 0
        session.execute(_TAKE, {"now": clock.now(), "batch": None})
        works = facts.read_open_work(session)
        definitions = Definitions(facts.read_queues(session), read_policy(session))
        board = Board(
            definitions,
            facts.read_agents(session),
            works,
            facts.read_bars(session, definitions.cooldown_s),
            clock.now(),
        )
        log.info("router_rebuilt", open_n=len(works), fence=self._lease.fence)
        return board

    def _read_inbox(self, session: Session, board: Board, at: datetime) -> tuple[Board, bool]:
        """Tell the board what changed, and what it was refused; whether more commands wait."""
        rows = session.execute(_TAKE, {"now": clock.now(), "batch": BATCH}).all()
        if any(row.command == "definitions" for row in rows):
            return self._rebuild(session), False
        work_ids = {row.row_id for row in rows if row.command == "conversation"}
        agent_ids = {row.row_id for row in rows if row.command == "agent"}
        work_ids |= {wish.conversation_id for wish in self._doubtful}
        agent_ids |= {wish.user_id for wish in self._doubtful}
        if work_ids or agent_ids:
            self._tell(session, board, work_ids, agent_ids, at)
        return board, len(rows) == BATCH

    def _tell(
        self, session: Session, board: Board, work_ids: set[int], agent_ids: set[int], at: datetime
    ) -> None:
        """New people first, for work may be theirs already; then work; then who came, went or learnt something."""
        works = facts.read_work(session, work_ids)
        named = {user_id for work in works for user_id in (work.agent_id, work.target_user_id) if user_id}
        agents = facts.read_agents(
            session, agent_ids | {each for each in named if not board.knows_agent(each)}
        )
        board.see_agents([agent for agent in agents if not board.knows_agent(agent.id)], at)
        for work in works:
            board.see_work(work, at)
        board.see_agents([agent for agent in agents if agent.id in agent_ids], at)

    def _write(self, session: Session, board: Board) -> list[Wish]:
        """Write the decisions; returns those that the database refused."""
        refused = []
        for wish, offer_id in write_decisions(session, board.take_decisions()):
            if offer_id is None:
                refused.append(wish)
            else:
                board.written(wish, offer_id)
        return refused

    def _leave_figures(self, session: Session, board: Board) -> None:
        """Leave what the router holds of each queue for the wallboard, at most once a second."""
        now = clock.now()
        if now < self._figures_due:
            return
        self._figures_due = now + FIGURES_EVERY
        rows = [{**asdict(line), "updated_at": now} for line in board.changed_lines()]
        if rows:
            insertion = insert(QueueLoad).values(rows)
            fresh = {name: insertion.excluded[name] for name in rows[0] if name != "queue_id"}
            session.execute(insertion.on_conflict_do_update(index_elements=["queue_id"], set_=fresh))

    def _prune(self, session: Session) -> None:
        """Forget commands that were done long ago."""
        now = clock.now()
        if now >= self._pruning_due:
            self._pruning_due = now + PRUNE_EVERY
            session.execute(delete(RouterInbox).where(RouterInbox.done_at < now - KEEP_DONE))


# As text: it runs in every turn. A command taken is a command done, for it is done in this very transaction.
_TAKE = text("""
UPDATE router_inbox SET done_at = :now
 WHERE id IN (SELECT id FROM router_inbox WHERE done_at IS NULL ORDER BY id LIMIT :batch)
RETURNING command, (data->>'id')::bigint AS row_id
""")
