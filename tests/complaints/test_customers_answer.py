"""What the customer writes belongs to his complaint, and costs nothing where he has none."""

from sqlalchemy.orm import Session

from contactcenter.complaints.queries import view_status
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from tests import counting
from tests.complaints.staff import MONDAY, admitted, opened, written_ticket
from tests.world import World


def test_customers_line_asks_for_a_complaint_only_where_there_is_one(
    db_session: Session, world: World
) -> None:
    """Each line of every chat comes by here."""

    def asked(ticket_id: int) -> bool:
        line = Inbound(
            "email", world.support.id, Sender("email", "wang.li@example.cn"), "And?", ticket_id=ticket_id
        )
        with counting.statements() as said:
            receive(db_session, line)
        return any("complaint_case" in one for one in said)

    assert not asked(written_ticket(db_session, world).id)
    assert asked(opened(db_session, world).case.ticket_id)


def test_customers_answer_on_the_channel_ends_the_waiting(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    ivan, day = world.ivan.actor, MONDAY.replace(day=3)
    desk.do("start", ivan, day, declaration="none")
    desk.do("hold", ivan, day, reason="awaiting_customer", waiting_for="a photo of the bill")
    with clock.frozen(day.replace(hour=12)):
        assert view_status(db_session, desk.case).holder == "customer"
        sender = Sender("email", "wang.li@example.cn")
        answer = Inbound(
            "email", world.support.id, sender, "Here it is.", client_id="m2", ticket_id=desk.case.ticket_id
        )
        receive(db_session, answer)
        page = view_status(db_session, desk.case)
    assert (page.holder, page.timeline[-1].event, page.timeline[-1].by) == (
        "investigator",
        "resume",
        "customer",
    )
