"""Ten megabytes in one frame: the line is closed before anybody reads them, comes back, and nobody else notices."""

import pytest

from contactcenter.channels.chat.push import NAMESPACE as CHAT
from contactcenter.channels.voice.push import NAMESPACE as VOICE
from contactcenter.edge.visitors import issue_token
from contactcenter.live.line import MAX_FRAME_BYTES
from contactcenter.live.rooms import NAMESPACE
from tests.live.served import Client, Process, until
from tests.world import World

TEN_MEGABYTES = "x" * 10 * 1024 * 1024
USED = {NAMESPACE: ("typing", "body"), CHAT: ("message", "body"), VOICE: ("signal", "data")}
ASKED = {NAMESPACE: ("leave", {"room": "wall"}), CHAT: ("replay", {"after": 0}), VOICE: ("resume", {})}


def opened(process: Process, town: World, namespace: str, visitor: int) -> Client:
    if namespace == NAMESPACE:
        return process.console(town.alice)
    return process.client(namespace, auth={"token": issue_token(visitor, town.support.id)})


@pytest.mark.parametrize("namespace", [NAMESPACE, CHAT, VOICE])
def test_frame_of_ten_megabytes_costs_its_sender_the_line_and_nothing_else(
    process: Process, town: World, namespace: str
) -> None:
    sender, other = (opened(process, town, namespace, visitor) for visitor in (1, 2))
    event, field = USED[namespace]
    sender.tell(event, {field: TEN_MEGABYTES})
    until(lambda: sender.transports_n == 2 and sender.connected)
    for one in (sender, other):
        assert "error" not in one.ask(*ASKED[namespace])
    assert (other.connected, other.transports_n) == (True, 1)


def test_frame_just_within_the_limit_is_answered(process: Process, town: World) -> None:
    alice = process.console(town.alice)
    answer = alice.ask("join", {"room": "x" * (MAX_FRAME_BYTES - 100)})
    assert "error" in answer
    assert alice.transports_n == 1
