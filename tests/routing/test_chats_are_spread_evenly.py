"""Calls, chats and letters come to the same agents: chats are spread evenly and nobody is given too much."""

from routing.channelmix import CHAT, VOICE, Piece, _Ring, _Watch, can_take, compare


def test_chats_are_spread_evenly_and_capacity_is_kept() -> None:
    found = compare([11])
    ours = found["ours"][0]
    assert (ours.widest_chat_gap, ours.uneven_chats, ours.breaches) == (1, 0, 0)
    for other in ("round_robin", "fewest_open"):
        assert found[other][0].widest_chat_gap > 1, "what watches does see uneven chats"
        assert found[other][0].breaches == 0


def test_call_needs_free_hands_and_chats_need_no_call() -> None:
    assert can_take([0, 0, 5], VOICE)
    assert not can_take([0, 1, 0], VOICE)
    assert not can_take([1, 0, 0], CHAT)
    assert not can_take([0, 3, 0], CHAT)


def test_work_beyond_capacity_is_noticed() -> None:
    work = [Piece(0.0, VOICE, 10.0), Piece(1.0, CHAT, 10.0)]
    watch = _Watch(work)
    watch.give(0.0, 0, 7)
    watch.give(1.0, 1, 7)
    watch.pass_time(2.0)
    assert watch.figures().breaches == 1


def test_ring_goes_on_from_whoever_was_asked_last() -> None:
    ring = _Ring()
    assert [ring.arrive(0.0, number, CHAT) for number in range(3)] == [[(0, 0)], [(1, 1)], [(2, 2)]]
