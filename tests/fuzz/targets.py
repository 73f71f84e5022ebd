"""What reads bytes that strangers wrote: each takes any, and raises only where it should not have."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contactcenter.channels.email.ingest import Outcome
from contactcenter.channels.email.parse import parse
from contactcenter.cli.mail import Line, describe
from contactcenter.complaints.replay import run
from contactcenter.complaints.scenario_file import FileError, read_scenarios
from contactcenter.live.parcel import Parcel
from routing.jsonnode import Malformed
from routing.jsonnode import parse as parse_json
from routing.replay import play
from routing.scenario import read_scenario
from tests.channels.email import mails
from tests.channels.email.test_survive_any_bytes import HEADERS

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "complaints" / "scenarios"
STREAMS = HERE.parent / "routing" / "scenarios"
FOUND = HERE / "found"


@dataclass(frozen=True, slots=True)
class Target:
    """`is_json` asks for changes that leave it readable."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    is_json: bool = False


def read_mail(raw: bytes) -> None:
    """What was read can be stored, and shown."""
    text = json.dumps(describe(Line(Outcome(parse(raw)))), ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode("utf-8")


def read_replay(raw: bytes) -> None:
    """One sentence says what is wrong with a file, or each step has an answer."""
    try:
        scenarios, _is_list = read_scenarios(raw.decode("utf-8", "replace"))
    except FileError as error:
        assert "\n" not in str(error)  # noqa: PT017  a sentence, whatever was read
        return
    for scenario in scenarios:
        json.dumps(list(run(scenario)), ensure_ascii=False)


def read_routing(raw: bytes) -> None:
    """The same for what routing replays."""
    try:
        node = parse_json(raw)
        for item in node if node.is_list() else [node]:
            list(play(read_scenario(item)))
    except Malformed as error:
        assert "\n" not in str(error)  # noqa: PT017


def read_parcel(raw: bytes) -> None:
    """A socket's packet: what a handler is given can be passed on, and stored."""
    for encoded in (raw, raw.decode("utf-8", "replace")):
        packet = Parcel(encoded_packet=encoded)
        text = json.dumps(packet.data, ensure_ascii=False, allow_nan=False)
        assert "\\u0000" not in text
        text.encode("utf-8")


def _mails() -> Iterator[bytes]:
    yield from (mails.plain(), mails.BOUNCE % b"ours@harbour.example")
    yield mails.plain(
        "水壶漏水。", subject="漏水", in_reply_to="<x@y>", references="<a@b> <x@y>", cc="Bob <b@c.d>"
    )
    yield mails.with_html(
        "It leaks.", "<p>It <b>leaks</b>.<blockquote type=cite>Hello</blockquote><img src=x>"
    )
    yield mails.with_files(("水.pdf", b"%PDF", "application/pdf"), ("a.eml", b"x", "text/plain"))
    yield (
        HEADERS
        + b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: quoted-printable\n\n=CB=AE"
    )
    yield (
        HEADERS
        + b"Content-Type: text/plain; format=flowed; delsp=yes\n\na \n> b \n-- \nx\nOn 1 Jan 2024 x wrote:\n> y"
    )
    yield (
        HEADERS
        + b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$d\x1b(B\n\nbegin 644 a\n#0V%T\nend\n"
    )
    yield (
        HEADERS
        + b"Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/rfc822\n\n"
        + HEADERS
        + b"\nx\n--B--"
    )


def _cases() -> Iterator[bytes]:
    for file in sorted(SCENARIOS.glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        for case in content if isinstance(content, list) else [content]:
            steps = [{key: value for key, value in step.items() if key != "expect"} for step in case["steps"]]
            yield json.dumps({**case, "steps": steps}).encode()


def _streams() -> Iterator[bytes]:
    for file in sorted(STREAMS.glob("*.json")):
        yield file.read_bytes()


def _parcels() -> Iterator[bytes]:
    yield from (
        b"0/chat,",
        b'0{"token":"x"}',
        b"1",
        b'2["x",{"a":[1,2.5e3,null]}]',
        b'23/chat,7["open",{"body":"\\ud800"}]',
    )
    yield from (b'31["ok"]', b'51-["x",{"_placeholder":true,"num":0}]', b'2["connect"]', b"4{}")


TARGETS = {
    "mail": Target(read_mail, _mails),
    "replay": Target(read_replay, _cases, is_json=True),
    "routing": Target(read_routing, _streams, is_json=True),
    "parcel": Target(read_parcel, _parcels),
}
