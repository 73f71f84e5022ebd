"""An apology is proven by a letter of the complaint that reached its customer, named by its SHA-256 (U-01, SPEC §2.3)."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.context import context_of
from contactcenter.complaints.folding import fold
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.model import Report
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.post import send_letter
from contactcenter.complaints.proofs import objection, proof_of
from contactcenter.complaints.service import apply
from contactcenter.complaints.vault import load_events
from contactcenter.conversations.models import Message
from contactcenter.core import clock
from tests.browser import Browser
from tests.complaints.staff import MONDAY, Desk, admitted, decided, opened
from tests.world import World

Browse = Callable[[User | None], Browser]
FRIDAY = MONDAY.replace(day=6)


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with clock.frozen(FRIDAY):
        yield


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    """Upheld without money: what is owed is an apology."""
    desk = admitted(db_session, world)
    ivan, day = world.ivan.actor, MONDAY.replace(day=3)
    desk.do("start", ivan, day, declaration="none")
    desk.do("evidence", ivan, day, id="call-1", point=1, adverse=False, kind="recording")
    desk.do("statement_request", ivan, day, person=world.alice.actor)
    desk.do("statement", world.alice.actor, day, person=world.alice.actor, text="I was tired.")
    desk.do("contact_attempt", ivan, day, channel="email", result="confirmed")
    finding = {"point": 1, "finding": "upheld", "reason": "The recording shows it.", "evidence": ["call-1"]}
    desk.do(
        "propose",
        ivan,
        day.replace(day=4),
        findings=[finding],
        loss=0,
        goodwill=0,
        deviation_reason="He asks for words.",
    )
    desk.do("communicate", world.petra.actor, day.replace(day=5), deviation_approved=True)
    desk.do("accept", desk.customer, FRIDAY)
    return desk


def letter_of(desk: Desk, kind: str) -> ComplaintLetter:
    query = select(ComplaintLetter).where(
        ComplaintLetter.case_id == desk.case.id, ComplaintLetter.kind == kind
    )
    return desk.session.scalars(query).one()


def send(desk: Desk, kind: str, delivery: str) -> ComplaintLetter:
    """The letter leaves by mail, and this becomes of it."""
    letter = letter_of(desk, kind)
    send_letter(desk.session, {"letter_id": letter.id})
    assert letter.message_id is not None
    desk.session.get_one(Message, letter.message_id).delivery = delivery
    desk.session.flush()
    return letter


def deliver(desk: Desk, digest: str) -> tuple[str, ...]:
    """What forbids to call it done with that letter."""
    mallory = desk.world.mallory.actor
    proof = {"system": "letter", "id": digest, "status": "delivered"}
    data = {"proof": proof, "deliverer": mallory}
    outcome = apply(desk.session, desk.case, "deliver", mallory, data, FRIDAY)
    return tuple(one.message for one in outcome.violations)


@pytest.mark.parametrize("delivery", ["sent", "delivered", "read"])
def test_a_letter_that_arrived_proves_it_and_the_customer_confirms(desk: Desk, delivery: str) -> None:
    letter = send(desk, "remedy", delivery)
    assert deliver(desk, letter.sha256.upper()) == ()
    proof = {"system": "letter", "id": letter.sha256, "status": "delivered"}
    desk.do("verify", desk.customer, FRIDAY, proof=proof, customer="yes")
    assert desk.case.state == "follow_up"


@pytest.mark.parametrize(
    ("delivery", "sentence"),
    [("queued", "That letter has not left yet."), ("failed", "That letter could not be delivered.")],
)
def test_a_letter_that_did_not_arrive_proves_nothing(desk: Desk, delivery: str, sentence: str) -> None:
    assert deliver(desk, send(desk, "remedy", delivery).sha256) == (sentence,)
    assert desk.case.state == "remedy_due"


def test_a_letter_on_the_page_alone_proves_nothing(desk: Desk) -> None:
    assert deliver(desk, letter_of(desk, "remedy").sha256) == (
        "That letter is on the status page only: nothing shows that the customer has it.",
    )


def test_a_letter_that_comes_back_later_cannot_be_confirmed_by_silence(desk: Desk) -> None:
    letter = send(desk, "remedy", "sent")
    assert deliver(desk, letter.sha256) == ()
    assert letter.message_id is not None
    desk.session.get_one(Message, letter.message_id).delivery = "failed"
    proof = {"system": "letter", "id": letter.sha256, "status": "delivered"}
    outcome = apply(
        desk.session,
        desk.case,
        "verify",
        desk.world.ivan.actor,
        {"proof": proof, "customer": "silence"},
        FRIDAY,
    )
    assert "That letter could not be delivered." in [one.message for one in outcome.violations]


def test_another_hash_another_case_or_another_letter_is_refused(
    db_session: Session, world: World, desk: Desk
) -> None:
    unknown = ("This complaint has no letter with that SHA-256: choose one of its letters.",)
    assert deliver(desk, "0" * 64) == unknown
    assert deliver(desk, "our apology") == unknown
    stranger = ComplaintLetter(
        case_id=_another(db_session, desk).id,
        seq=9,
        kind="remedy",
        language="en",
        sealed="",
        sha256="a" * 64,
        at=FRIDAY,
    )
    db_session.add(stranger)
    db_session.flush()
    assert deliver(desk, "a" * 64) == unknown
    plan = send(desk, "plan", "delivered")
    assert deliver(desk, plan.sha256) == ("That letter does not apologise for what was decided.",)


def test_a_carrier_s_word_counts_for_a_letter_that_we_printed(db_session: Session, desk: Desk) -> None:
    letter, context = letter_of(desk, "remedy"), context_of(db_session, desk.case)
    offer = fold(load_events(db_session, desk.case), context.machine).offer

    def said_of(thing: str) -> str | None:
        report = Report("post", thing, "apology", "delivered", None, None, FRIDAY)
        return objection(replace(context, reports=(report,)), offer, proof_of(report))

    assert said_of(letter.sha256) is None
    assert said_of("p1") == "This complaint has no letter with that SHA-256: choose one of its letters."


def test_where_money_is_owed_no_letter_pays_it(db_session: Session, world: World) -> None:
    desk = decided(db_session, world)
    desk.do("accept", desk.customer, FRIDAY)
    letter = send(desk, "remedy", "delivered")
    assert deliver(desk, letter.sha256) == ("£50.00 is owed: only a payment shows that.",)


def test_the_form_offers_the_letters_and_what_is_chosen_is_the_proof(
    desk: Desk, world: World, browse: Browse
) -> None:
    letter = send(desk, "remedy", "sent")
    desk.session.commit()
    path, mallory = f"/complaints/{desk.case.reference}", browse(world.mallory)
    page = mallory.get(path).text
    assert "Letter of apology" in page
    assert f'<option value="{letter.sha256}">Remedy · 6 Nov 2026 · sent</option>' in page
    data = {"proof.letter": letter.sha256, "deliverer": world.mallory.actor}
    assert mallory.post(f"{path}/events/deliver", data).status_code == 303
    link = "/complaint/" + issue_link(desk.session, desk.case).rsplit("/", 1)[1]
    desk.session.commit()
    own = browse(None).get(f"{link}?lang=en").text
    assert "We apologised to you in writing: the letter stands below." in own
    assert browse(None).post(f"{link}/verify", {}).status_code == 303
    assert desk.session.get_one(ComplaintCase, desk.case.id, populate_existing=True).state == "follow_up"


def test_a_wrong_letter_says_so_beside_the_form_and_other_proofs_are_typed_as_before(
    desk: Desk, world: World, browse: Browse
) -> None:
    desk.session.commit()
    path, mallory = f"/complaints/{desk.case.reference}", browse(world.mallory)
    typed = {"proof.system": "letter", "proof.id": "0" * 64, "proof.status": "delivered"}
    refused = mallory.post(f"{path}/events/deliver", {**typed, "deliverer": world.mallory.actor})
    assert refused.status_code == 409
    assert "This complaint has no letter with that SHA-256" in refused.text
    assert mallory.post(f"{path}/events/deliver", {"deliverer": world.mallory.actor}).status_code == 422
    other = {"proof.system": "carrier", "proof.id": "1Z", "proof.status": "delivered"}
    done = mallory.post(f"{path}/events/deliver", {**other, "deliverer": world.mallory.actor})
    assert done.status_code == 303


def test_where_money_is_owed_no_letter_is_offered(db_session: Session, world: World, browse: Browse) -> None:
    desk = decided(db_session, world)
    desk.do("accept", desk.customer, FRIDAY)
    desk.session.commit()
    assert "Letter of apology" not in browse(world.mallory).get(f"/complaints/{desk.case.reference}").text


def _another(session: Session, desk: Desk) -> ComplaintCase:
    return opened(session, desk.world).case
