"""One caller in ten is a VIP, letters have time, and nobody is overtaken by who came too much later."""

from routing.vip import LETTER, PLAIN, VIP, compare, play
from routing.workload import Caller, Workload

ONE_AGENT = Workload("one", (1.0,), ((0,),), 1.0, 10.0, 300.0, arrivals=5, warm_up=0)


def caller(t: float) -> Caller:
    return Caller(t, 0, 10.0, 300.0)


def test_vips_wait_less_and_nobody_is_overtaken_beyond_the_points() -> None:
    found = compare("nmodel", [11])
    ours, fcfs, strict = found["ours"][0], found["fcfs"][0], found["strict"][0]
    assert ours.vip_p95_s <= 0.5 * fcfs.vip_p95_s
    assert ours.plain_p95_s > ours.vip_p95_s
    assert ours.forbidden_overtakings == 0
    assert fcfs.forbidden_overtakings > strict.forbidden_overtakings > 0, "what watches does see them"
    assert ours.letter_max_s < 4 * 3600


def test_vip_goes_first_only_within_two_minutes() -> None:
    early = [caller(0.0), caller(1.0), caller(2.0)]
    assert play(ONE_AGENT, "ours", early, [PLAIN, PLAIN, VIP]).vip_p95_s == 8.0
    assert play(ONE_AGENT, "fcfs", early, [PLAIN, PLAIN, VIP]).forbidden_overtakings == 1
    long_call = Caller(0.0, 0, 130.0, 300.0)
    late = [long_call, caller(1.0), caller(122.0)]
    assert play(ONE_AGENT, "ours", late, [PLAIN, PLAIN, VIP]).vip_p95_s == 18.0
    assert play(ONE_AGENT, "strict", late, [PLAIN, PLAIN, VIP]).forbidden_overtakings == 1


def test_letter_lets_calls_pass_until_its_time_has_come() -> None:
    letter_first = [caller(0.0), caller(1.0), caller(2.0)]
    played = play(ONE_AGENT, "ours", letter_first, [PLAIN, LETTER, PLAIN])
    assert (played.letter_max_s, played.forbidden_overtakings) == (19.0, 0)
