"""No bytes make the parser fail, and none make it slow."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.parse import parse
from contactcenter.cli.mail import Line, describe
from tests.channels.email import mails

FRAGMENTS = st.sampled_from(
    [
        *(
            b"From: ",
            b"Subject: ",
            b"Content-Type: ",
            b"multipart/mixed; boundary=B",
            b"--B\n",
            b"--B--\n",
            b"\n",
            b"\n\n",
        ),
        *(
            b"text/html; charset=",
            b"gb2312",
            b"iso-2022-jp",
            b"utf-7",
            b"punycode",
            b"=?utf-8?B?",
            b"?=",
            b"=?x?q?",
            b"<a@b>",
        ),
        *(
            b"Content-Transfer-Encoding: base64\n",
            b"quoted-printable",
            b"x-uuencode",
            b"begin 644 a\n",
            b"end\n",
            b'"',
            b"(",
            b",",
        ),
        *(
            b"; filename*0*=utf-8''%E4",
            b"; name=",
            b"<div>",
            b"<blockquote type=cite>",
            b"message/rfc822",
            b"\x1b$B",
            b"\xff\xfe",
        ),
        *(
            b"message/delivery-status\n",
            b"> x\n",
            b"-- \n",
            b"On 1 Jan 2024 x wrote:\n",
            b"References: ",
            b"Date: ",
            b"\r\n",
            b"\r",
            b"\0",
        ),
    ]
)
BYTES = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(FRAGMENTS, st.binary(max_size=8)), max_size=60).map(b"".join)
)


@settings(max_examples=300, deadline=None)
@given(BYTES)
def test_any_bytes_give_a_mail_that_can_be_stored_and_shown(raw: bytes) -> None:
    mail = parse(raw)
    text = json.dumps(describe(Line(Outcome(mail))), ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=6))
def test_a_damaged_mail_is_still_a_mail(position: int, damage: bytes) -> None:
    whole = mails.BOUNCE % b"ours@harbour.example"
    place = position % len(whole)
    assert parse(whole[:place] + damage + whole[place + len(damage) :]) is not None


HEADERS = b"From: a@example.org\nSubject: x\n"
HOSTILE = {
    "thousands of links": HEADERS
    + b"Content-Type: text/html\n\n"
    + b'<a href="http://a.example/c">l</a> ' * 6_000,
    "endless elements": HEADERS + b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "endless tables": HEADERS + b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 60_000,
    "nothing but ampersands": HEADERS + b"Content-Type: text/html\n\n" + b"&" * 1_000_000,
    "long address list": b"To: " + b"a@b.example, " * 8_000 + b"\n" + HEADERS + b"\nhi",
    "open quotes": b"To: " + b'"\\' * 50_000 + b"\n" + HEADERS + b"\nhi",
    "open encoded words": b"Subject: " + b"=?utf-8?q?" * 10_000 + b"\n" + HEADERS + b"\nhi",
    "spaces": b"Content-Type: text/plain" + b" " * 100_000 + b"\n" + HEADERS + b"\nhi",
    "a thousand levels": HEADERS
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000)),
    "a million parts": HEADERS + b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\n\nx\n" * 100_000,
    "only colons": HEADERS + b"\n" + b"a:\n" * 100_000,
    "only signature marks": HEADERS + b"\n" + b"--\n" * 100_000,
    "flowing for ever": HEADERS + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 200_000,
    "thirty megabytes": HEADERS
    + b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nhi\n--B\nContent-Type: application/pdf\n"
    + b"Content-Transfer-Encoding: base64\n\n"
    + (b"QUJD" * 19 + b"\n") * 400_000
    + b"--B--",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_longer_than_five_seconds(name: str) -> None:
    started = time.process_time()
    mail = parse(HOSTILE[name])
    assert time.process_time() - started < 5
    assert mail.sender.address == "a@example.org"
