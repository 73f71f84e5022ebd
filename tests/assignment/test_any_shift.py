"""Random shifts through the whole floor: whatever people do, what must hold holds after every turn of the router.

The rules are worked out here a second time, slowly and from the rows alone, without the router's plans or its engine.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment import router
from contactcenter.assignment.models import AgentCapacity, Offer, Presence, QueueLoad
from contactcenter.assignment.presence import HOLD_S, finish_then_break, set_capacity, set_presence
from contactcenter.assignment.service import (
    accept_offer,
    complete_conversation,
    decline_offer,
    transfer_to_agent,
    transfer_to_queue,
)
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.service import reply, wake
from contactcenter.core import clock
from contactcenter.core.errors import DomainError
from contactcenter.queues.models import AgentSkill, Queue, Skill
from contactcenter.queues.policy import edit_policy, read_policy
from contactcenter.queues.service import edit_queue, require_skills, set_agent_skills
from contactcenter.queues.steps import Easing, set_steps
from contactcenter.tickets.service import edit_ticket
from tests.assignment.shift import Shift, at

ADMIN = "user:1"
MOVES = 60
CAPS = {"voice": 1, "chat": 3, "email": 5}
LIVE = ("offered", "accepted")
BARRED = timedelta(seconds=30)

Play = Callable[["Day"], None]


class Day:
    """One random shift: `dice` decides what happens, in what order, and how much time passes."""

    def __init__(self, shift: Shift, seed: int) -> None:
        self.shift, self.session, self.dice = shift, shift.session, random.Random(seed)
        world = shift.world
        self.agents = [world.alice, world.bob, world.carol, world.mallory]
        self.queues = [world.support, world.other_queue]
        world.support.silent_s = world.other_queue.silent_s = 5
        world.carol.speaks, world.bob.speaks = ["zh", "en"], ["en"]
        set_agent_skills(self.session, world.bob.id, {"billing": 2}, actor=ADMIN)
        set_agent_skills(self.session, world.carol.id, {"billing": 4}, actor=ADMIN)
        shift.ready(*self.agents[:3])
        self.session.commit()

    def open_work(self, *states: str) -> list[Conversation]:
        query = select(Conversation).where(Conversation.state.in_(states)).order_by(Conversation.id)
        return list(self.session.scalars(query))

    def any_of(self, *states: str) -> Conversation | None:
        found = self.open_work(*states)
        return self.dice.choice(found) if found else None

    # ── what may happen ─────────────────────────────────────────────────────────────────────────────────────────

    def arrives(self) -> None:
        channel = self.dice.choice(("chat", "chat", "email", "voice"))
        self.shift.arrives(channel, self.dice.choice(self.queues), priority=self.dice.choice((0, 0, 0, 2)))

    def comes_or_goes(self) -> None:
        user = self.dice.choice(self.agents)
        state = self.dice.choice(("ready", "ready", "ready", "ready", "break", "away"))
        set_presence(self.session, user, state, "" if state == "ready" else "Meeting", by=user.actor)

    def plans_a_break(self) -> None:
        finish_then_break(self.session, self.dice.choice(self.agents), "Lunch", by=ADMIN)

    def answers(self) -> None:
        offers = list(self.session.scalars(select(Offer).where(Offer.state == "offered").order_by(Offer.id)))
        if offers:
            offer = self.dice.choice(offers)
            if self.dice.random() < 0.75:
                accept_offer(self.session, offer.user, offer.id)
            else:
                decline_offer(self.session, offer.user, offer.id)

    def completes(self) -> None:
        if (chat := self.any_of("active")) and chat.agent:
            complete_conversation(self.session, chat.agent, chat.id)

    def hands_on(self) -> None:
        if (chat := self.any_of("active")) and chat.agent:
            if self.dice.random() < 0.5:
                transfer_to_queue(self.session, chat.agent, chat.id, self.dice.choice(self.queues).id)
            else:
                transfer_to_agent(self.session, chat.agent, chat.id, self.dice.choice(self.agents))

    def leaves(self) -> None:
        if chat := self.any_of("waiting", "offered", "active"):
            self.shift.leaves(chat)

    def writes_again(self) -> None:
        if chat := self.any_of("ended"):
            wake(self.session, chat, actor=f"customer:{chat.customer_id}")

    def is_answered(self) -> None:
        if (chat := self.any_chat()) and chat.agent:
            reply(self.session, chat.agent, chat, "Is it better now?")

    def customer_says(self) -> None:
        if chat := self.any_chat():
            append_message(
                self.session, chat.id, NewMessage(Author.CUSTOMER, "没有", customer_id=chat.customer_id)
            )

    def any_chat(self) -> Conversation | None:
        found = [one for one in self.open_work("active") if one.channel == "chat"]
        return self.dice.choice(found) if found else None

    def is_urgent(self) -> None:
        if chat := self.any_of("waiting", "offered"):
            ticket = chat.ticket
            edit_ticket(
                self.session, ticket, ticket.version, {"priority": self.dice.randint(-1, 3)}, actor=ADMIN
            )

    def is_set_up(self) -> None:
        """An administrator changes something."""
        queue = self.dice.choice(self.queues)
        choice = self.dice.randrange(6)
        if choice == 0:
            values = {"sticky_s": self.dice.choice((0, 20)), "language_s": self.dice.choice((0, 25))}
            edit_queue(self.session, queue, queue.version, values, actor=ADMIN)
        elif choice == 1:
            levels = self.dice.choice(({}, {"billing": 1}, {"billing": 3}))
            require_skills(self.session, queue, levels, actor=ADMIN)
        elif choice == 2:
            other = self.queues[1 - self.queues.index(queue)].team_id
            steps = [Easing(15, {"billing": 1}), Easing(40, {}, self.dice.choice((None, other)))]
            set_steps(self.session, queue, self.dice.choice(([], steps)), actor=ADMIN)
        elif choice == 3:
            edit_queue(self.session, queue, queue.version, {"open": self.dice.random() < 0.7}, actor=ADMIN)
        elif choice == 4:
            channel, cap = self.dice.choice((("chat", 1), ("chat", 3), ("email", 2), ("voice", 1)))
            set_capacity(self.session, self.dice.choice(self.agents).id, channel, cap, by=ADMIN)
        else:
            policy = read_policy(self.session)
            handicap_s, vip = self.dice.choice((0, 10, 30)), {"gold": self.dice.randint(1, 9)}
            edit_policy(
                self.session, policy.version, handicap_s=handicap_s, cooldown_s=30, vip=vip, actor=ADMIN
            )

    def router_dies(self) -> None:
        self.shift.new_router()

    # ── one move, and what the router makes of it ───────────────────────────────────────────────────────────────

    def move(self, play: str) -> None:
        try:
            getattr(self, play)()
        except DomainError:  # not possible now: said to whoever tried it
            self.session.rollback()
        self.session.commit()
        self.shift.fire_timers()
        for _turn in range(6):
            self.session.commit()
            due = self.shift.router.turn()
            self.session.expire_all()
            if due is None or due > clock.now():
                return
        raise AssertionError("the router does not come to rest")


PLAYS = {
    "arrives": 30,
    "comes_or_goes": 12,
    "answers": 45,
    "completes": 12,
    "is_answered": 25,
    "customer_says": 10,
    "hands_on": 8,
    "leaves": 5,
    "writes_again": 4,
    "is_urgent": 3,
    "is_set_up": 6,
    "plans_a_break": 2,
    "router_dies": 2,
}


def kind(conversation: Conversation) -> str:
    return conversation.channel if conversation.channel in ("voice", "chat") else "email"


class Rules:
    """The rules of the floor, read from the rows at one instant."""

    def __init__(self, session: Session) -> None:
        self.session, self.now = session, clock.now()
        rows = session.execute(
            select(Offer, Conversation).join(Offer.conversation).where(Offer.state.in_(LIVE))
        )
        self.live = [(offer, conversation) for offer, conversation in rows]
        taking = [each for each in self.live if each[1].silent_at is None]  # a silent chat takes no slot
        self.held = Counter((offer.user_id, kind(conversation)) for offer, conversation in taking)
        self.presences = {one.user_id: one for one in session.scalars(select(Presence))}
        caps = session.scalars(select(AgentCapacity))
        self.caps = {(one.user_id, one.channel): one.cap for one in caps}
        levels = session.execute(
            select(AgentSkill.user_id, Skill.name, AgentSkill.level).join(AgentSkill.skill)
        )
        self.levels = {(user_id, name): level for user_id, name, level in levels}

    def cap(self, user_id: int, channel: str) -> int:
        return self.caps.get((user_id, channel), CAPS[channel])

    def has_room(self, user: User, channel: str) -> bool:
        """R4: ready, below his number of the kind, and no call beside anything, no chat beside a call."""
        presence = self.presences.get(user.id)
        if presence is None or presence.state != "ready" or presence.then_break:
            return False
        if self.held[user.id, "voice"] and channel != "voice":
            return False
        if channel == "voice" and (self.held[user.id, "voice"] or self.held[user.id, "chat"]):
            return False
        return self.held[user.id, channel] < self.cap(user.id, channel)

    def may_have(self, user: User, conversation: Conversation) -> bool:
        queue = self.session.get_one(Queue, conversation.queue_id)
        if not queue.open:
            return False
        target = conversation.target_user_id
        if target == user.id:
            return True
        if target is not None and self.now < self.kept_until(conversation) and self.is_there(conversation):
            return False
        waited_s = (self.now - conversation.enqueued_at).total_seconds()
        speaks = conversation.customer.language in user.speaks
        if waited_s < queue.language_s and not speaks:
            return False
        return any(self.fits(user, each) for each in self.alternatives(queue, waited_s))

    def kept_until(self, conversation: Conversation) -> datetime:
        hold = timedelta(seconds=HOLD_S.get(conversation.channel, 3600))
        return conversation.target_until or conversation.enqueued_at + hold

    def is_there(self, conversation: Conversation) -> bool:
        presence = self.presences.get(conversation.target_user_id or 0)
        if presence is None or presence.state == "away":
            return False
        takes = presence.state in {"ready", "wrap_up"} and presence.then_break is None
        return takes or conversation.channel == "email"

    def alternatives(self, queue: Queue, waited_s: float) -> list[list[str]]:
        past = [alternatives for after_s, alternatives in queue.steps if after_s <= waited_s]
        if past:
            last: list[list[str]] = past[-1]
            own = f"team:{queue.team_id}"
            return [each if any(one.startswith("team:") for one in each) else [own, *each] for each in last]
        needed = [f"{one.skill.name}>={one.min_level}" for one in queue.skills]
        return [[f"team:{queue.team_id}", *needed]]

    def fits(self, user: User, literals: list[str]) -> bool:
        for literal in literals:
            if literal.startswith("team:"):
                if literal != f"team:{user.team_id}":
                    return False
            else:
                name, _at_least, level = literal.partition(">=")
                if self.levels.get((user.id, name), 0) < int(level):
                    return False
        return True

    def was_asked_just_now(self, user: User, conversation: Conversation) -> bool:
        asked = select(Offer.id).where(
            Offer.conversation_id == conversation.id,
            Offer.user_id == user.id,
            Offer.state.in_(("declined", "ended")),
            Offer.ended_at > self.now - BARRED,
            Offer.ended_at >= conversation.enqueued_at,
        )
        return self.session.scalar(asked.limit(1)) is not None


def must_hold(day: Day) -> None:
    rules = Rules(day.session)
    one_holder_each(rules)
    nobody_beyond_his_capacity(rules)
    nobody_waits_while_somebody_could(day, rules)
    offers_only_to_who_may(rules)
    figures_equal_the_rows(day)


def one_holder_each(rules: Rules) -> None:
    holders = Counter(conversation.id for _offer, conversation in rules.live)
    assert not [one for one, n in holders.items() if n > 1]
    for offer, conversation in rules.live:
        expected = {"offered": "offered", "accepted": "active"}[offer.state]
        assert conversation.state == expected
        assert offer.state == "offered" or conversation.agent_id == offer.user_id
    held = {conversation.id for _offer, conversation in rules.live}
    unheld = select(Conversation.id).where(Conversation.state.in_(("offered", "active")))
    assert set(rules.session.scalars(unheld)) == held


def nobody_beyond_his_capacity(rules: Rules) -> None:
    """What rings fits beside what is held; a capacity made smaller lets what is in hand stay."""
    for offer, conversation in rules.live:
        if offer.state == "offered" and offer.reasons.get("by_hand") is None:
            user_id = offer.user_id
            voice, chats = rules.held[user_id, "voice"], rules.held[user_id, "chat"]
            if kind(conversation) == "voice":
                assert (voice, chats) == (1, 0)
            else:
                assert (
                    voice == 0
                    or rules.held[user_id, kind(conversation)] == 0
                    or offer_was_first(rules, offer)
                )


def offer_was_first(rules: Rules, offer: Offer) -> bool:
    """E-mail never blocks a call: one that rings may be joined by a call later."""
    calls = [each for each, chat in rules.live if each.user_id == offer.user_id and kind(chat) == "voice"]
    return all(each.id > offer.id for each in calls)


def nobody_waits_while_somebody_could(day: Day, rules: Rules) -> None:
    for conversation in day.open_work("waiting"):
        for user in day.agents:
            could = rules.has_room(user, kind(conversation)) and rules.may_have(user, conversation)
            if could and not rules.was_asked_just_now(user, conversation):
                raise AssertionError(f"{user.name} could take conversation {conversation.id}")


def offers_only_to_who_may(rules: Rules) -> None:
    """At the instant of offering; later a rule may have changed under an offer that rings.

    What was overdue happens first: whoever it is kept for and who comes at this very instant comes after that.
    """
    for offer, conversation in rules.live:
        target = rules.presences.get(conversation.target_user_id or 0)
        came_now = target is not None and target.since == rules.now
        if offer.state == "offered" and offer.offered_at == rules.now and not came_now:
            assert rules.may_have(offer.user, conversation), offer.reasons


def figures_equal_the_rows(day: Day) -> None:
    """What the wallboard shows of waiting is the router's own count."""
    states = select(
        Conversation.queue_id, Conversation.state, func.count(), func.min(Conversation.enqueued_at)
    )
    rows = day.session.execute(states.group_by(Conversation.queue_id, Conversation.state)).all()
    counted = {(queue_id, state): (n, oldest) for queue_id, state, n, oldest in rows}
    for load in day.session.scalars(select(QueueLoad)):
        waiting, oldest = counted.get((load.queue_id, "waiting"), (0, None))
        offered, _oldest = counted.get((load.queue_id, "offered"), (0, None))
        assert (load.waiting, load.offered, load.oldest_at) == (waiting, offered, oldest)


def play(shift: Shift, seed: int) -> None:
    day, seconds = Day(shift, seed), 0.0
    for _move in range(MOVES):
        seconds += day.dice.choice((1.1, 1.1, 2.5, 7.0, 21.0))
        [chosen] = day.dice.choices(list(PLAYS), weights=list(PLAYS.values()))
        with at(seconds):
            day.move(chosen)
            try:
                must_hold(day)
            except AssertionError as error:
                error.add_note(f"seed {seed}, after {chosen} at {seconds:.1f} s")
                raise


@pytest.fixture(autouse=True)
def _figures_with_every_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else those of a second turn at the same instant would come a second later."""
    monkeypatch.setattr(router, "FIGURES_EVERY", timedelta(0))


@pytest.mark.parametrize("seed", range(4))
def test_what_must_hold_holds_after_every_turn(shift: Shift, seed: int) -> None:
    play(shift, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4, 200))
def test_what_must_hold_holds_on_many_shifts(shift: Shift, seed: int) -> None:
    play(shift, seed)
