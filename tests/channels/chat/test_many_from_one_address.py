"""A company behind one address is let in; a flood of new visitors from one is not, and holds up no other address."""

from collections import Counter

from flask import Flask
from flask.testing import FlaskClient

from contactcenter.channels.chat.models import WidgetKey
from contactcenter.edge.limits import limiter

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def start(client: FlaskClient, widget: WidgetKey, token: str = "", **more: object) -> tuple[int, str]:
    answer = client.post("/widget/session", json={"key": widget.key, "token": token}, **more)
    assert answer.status_code == 200 or (answer.headers["Retry-After"] and "Wait a moment" in answer.text)
    return answer.status_code, answer.json["token"] if answer.status_code == 200 and answer.json else ""


def test_two_hundred_visitors_of_one_company_go_from_page_to_page(app: Flask, widget: WidgetKey) -> None:
    limiter.reset()
    tokens = []
    for _minute in range(4):
        tokens += [start(app.test_client(), widget)[1] for _visitor in range(50)]
        limiter.reset()  # another minute
    answers = Counter(start(app.test_client(), widget, token)[0] for token in tokens * 2)
    assert (len(set(tokens)), answers) == (200, {200: 400})


def test_flood_of_new_visitors_is_told_to_wait_and_others_come_in(app: Flask, widget: WidgetKey) -> None:
    limiter.reset()
    answers = Counter(start(app.test_client(), widget)[0] for _visitor in range(200))
    assert answers[429] >= 60
    assert start(app.test_client(), widget, environ_base=ELSEWHERE)[0] == 200


def test_forged_chain_of_addresses_gives_no_new_one(app: Flask, widget: WidgetKey) -> None:
    """Without a trusted proxy the header is nobody's word; tests/live/test_come_through_a_proxy.py has those that are trusted."""
    limiter.reset()
    answers = Counter(
        start(app.test_client(), widget, headers={"X-Forwarded-For": f"198.51.100.{n}"})[0]
        for n in range(200)
    )
    assert answers[429] >= 60
