"""Complaints of Wang Li in her own language, taken by real people to the states that screens are looked at in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.post import send_letter
from contactcenter.complaints.service import act_for_time, apply, open_case
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from contactcenter.tickets.models import Ticket
from tests.complaints.staff import MONDAY
from tests.world import World

STORY = "客服态度很差，答应的退款一直没有到账。"
PROOF = {"system": "银行", "id": "2026-1147", "status": "settled"}
FINDING = {"point": 1, "finding": "upheld", "reason": "录音可以证明。", "evidence": ["录音一"]}
NO = {"point": 1, "finding": "not upheld", "reason": "录音里没有这样的话。", "evidence": ["录音一"]}


class Walk:
    """One case, a step at a time, each `pace` after the one before."""

    def __init__(
        self,
        session: Session,
        world: World,
        *,
        at: datetime = MONDAY,
        pace: timedelta = timedelta(hours=1),
    ) -> None:
        self.session, self.world, self.at, self.pace = session, world, at, pace
        self.ruth = User(
            email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value]
        )
        session.add(self.ruth)
        with clock.frozen(self.at):
            sender = Sender("email", "wang.li@example.cn")
            inbound = Inbound("email", world.support.id, sender, STORY, subject="投诉", language="zh")
            ticket = session.get_one(Ticket, receive(session, inbound).ticket_id)
            self.case: ComplaintCase = open_case(
                session,
                ticket,
                actor=world.wang_li.actor,
                text=STORY,
                channel="email",
                subjects=[world.alice.actor],
                sampled=True,
            )
        self._post()

    def do(self, event: str, actor: str, **data: object) -> None:
        self.at += self.pace
        with clock.frozen(self.at):
            outcome = apply(self.session, self.case, event, actor, data)
        assert outcome.accepted, [one.message for one in outcome.violations]
        self._post()

    def wait(self, days: int) -> None:
        self.at += timedelta(days=days)
        with clock.frozen(self.at):
            act_for_time(self.session, self.case)
        self._post()

    def _post(self) -> None:
        self.session.flush()
        with clock.frozen(self.at):
            for letter in self.session.query(ComplaintLetter).filter_by(
                case_id=self.case.id, delivery="page"
            ):
                send_letter(self.session, {"letter_id": letter.id})
        self.session.commit()


def stages(walk: Walk, *, upheld: bool = True, late: bool = True) -> Iterator[str]:
    """From confirmed to closed; yields the name of each stage reached."""
    world, customer = walk.world, walk.world.wang_li.actor
    ivan, petra, mallory = world.ivan.actor, world.petra.actor, world.mallory.actor
    yield "acknowledged"
    walk.do(
        "admit",
        mallory,
        key_points=["电话里态度粗暴"],
        category="conduct",
        severity=2,
        harm=1,
        investigator=ivan,
        declaration="none",
    )
    yield "admitted"
    walk.do("start", ivan, declaration="none")
    walk.do("statement_request", ivan, person=world.alice.actor)
    walk.do("hold", ivan, reason="awaiting_customer", waiting_for="账单照片")
    yield "waiting for the customer"
    walk.do("resume", customer, cause="message")
    walk.do("evidence", ivan, id="录音一", point=1, adverse=not upheld, kind="录音")
    if not upheld:
        walk.do("show_adverse", ivan, id="录音一")
        yield "evidence to comment on"
        walk.do("customer_comment", customer, id="录音一")
    yield "investigating"
    if late:
        walk.wait(8)
        yield "late"
    walk.do("statement", world.alice.actor, person=world.alice.actor, text="那天我很累。")
    walk.do("contact_attempt", ivan, channel="email", result="confirmed")
    offer = {"loss": 8640 if upheld else 0, "goodwill": 5000 if upheld else 0}
    walk.do("propose", ivan, findings=[FINDING if upheld else NO], **offer)
    yield "proposed"
    walk.do("communicate", petra)
    yield "decided"
    if not upheld:
        walk.do("dispute", customer, grounds="请再听一次录音。")
        yield "appeal"
        return
    yield from _settled(walk, wait_days=int(late))


def _settled(walk: Walk, *, wait_days: int) -> Iterator[str]:
    """What was decided is accepted, done, confirmed, asked about and closed."""
    customer, ivan, mallory = walk.world.wang_li.actor, walk.world.ivan.actor, walk.world.mallory.actor
    walk.do("accept", customer)
    yield "remedy due"
    walk.do("deliver", mallory, proof=PROOF, deliverer=mallory)
    yield "remedy done"
    walk.do("verify", customer, proof=PROOF, customer="yes")
    yield "follow-up"
    walk.do("survey", customer, perceived=9, expected=8, resolved=True)
    local = {"local_time": "2026-11-12T10:30", "zone": "Asia/Shanghai", "channel": "email"}
    walk.do("callback", walk.ruth.actor, person=walk.ruth.actor, result="done", **local)
    walk.do("root_cause", ivan, level1="people", level2="语气", factor="排班太紧")
    walk.wait(wait_days)
    yield "closed"
