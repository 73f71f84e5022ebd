"""Automatic answers, bounces, lists and the results of sender checks."""

import pytest

from contactcenter.channels.email.parse import parse
from contactcenter.channels.email.robots import Authentication
from tests.channels.email import mails


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"subject": "Automatic reply: Leaking kettle"},
        {"subject": "Abwesenheitsnotiz: Kessel"},
        {"subject": "Réponse automatique : bouilloire"},
        {"subject": "自动回复: 水壶"},
    ],
)
def test_automatic_mail_is_recognised_with_its_reason(headers: dict[str, str]) -> None:
    mail = parse(mails.plain(**headers))
    assert mail.is_robot
    assert mail.auto


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"subject": "Automatic reply is broken on your site"},
        {"subject": "Out of office chairs?"},
        {"subject": "Auto parts"},
        {"Precedence": "list", "List_Id": "Kettle lovers <kettles.example.org>"},
        {"X_Autoreply": "no"},
    ],
)
def test_people_are_not_taken_for_robots(headers: dict[str, str]) -> None:
    assert not parse(mails.plain(**headers)).is_robot


def test_a_delivery_report_says_which_mail_failed_and_why() -> None:
    mail = parse(mails.BOUNCE % b"ours@harbour.example")
    assert mail.bounce is not None
    assert mail.bounce.message_id == "ours@harbour.example"
    assert mail.bounce.recipients == ("gone@example.cn",)
    assert mail.bounce.reason == "550 5.1.1 mailbox does not exist"
    assert mail.bounce.permanent
    assert "could not deliver" in mail.text


def test_a_delay_is_not_a_failure() -> None:
    delayed = (mails.BOUNCE % b"ours@harbour.example").replace(b"Action: failed", b"Action: delayed")
    bounce = parse(delayed).bounce
    assert bounce is not None
    assert not bounce.permanent


def test_a_bounce_in_plain_words_is_one_too() -> None:
    body = "Sorry, <gone@example.cn>: 550 5.1.1 unknown user\n\nMessage-ID: <ours@harbour.example>\nSubject: Re: Kettle"
    mail = parse(mails.raw("From: MAILER-DAEMON@mx.example\nSubject: failure notice", body))
    assert mail.bounce is not None
    assert (mail.bounce.message_id, mail.bounce.recipients) == ("ours@harbour.example", ("gone@example.cn",))


def test_lists_are_named() -> None:
    assert (
        parse(mails.plain(List_Id="Kettles <kettles.example.org>")).mailing_list
        == "Kettles <kettles.example.org>"
    )


def test_results_of_sender_checks_are_read_with_who_says_so() -> None:
    mail = parse(
        mails.plain(
            Authentication_Results="mx.harbour.example; spf=pass smtp.mailfrom=x; dmarc=fail (p=none)"
        )
    )
    assert mail.authentication == (
        Authentication("mx.harbour.example", "spf", "pass"),
        Authentication("mx.harbour.example", "dmarc", "fail"),
    )
