"""Staffing formulas against reference values computed with 40 digits."""

import math
import random
from heapq import heapify, heapreplace

import pytest

from routing.erlang import Demand, agents_needed, erlang_b, erlang_c, service, with_shrinkage

CALLS_200 = Demand(200 / 3600, 180)


def test_erlang_b_equals_the_reference() -> None:
    assert erlang_b(5, 3) == pytest.approx(0.110054347826, rel=1e-11)
    assert erlang_b(50, 45) == pytest.approx(0.0541044721646, rel=1e-11)


def test_erlang_c_equals_the_reference() -> None:
    found = service(14, CALLS_200, 20)
    assert found.p_wait == pytest.approx(0.174131933595, rel=1e-11)
    assert found.service_level == pytest.approx(0.888350019179, rel=1e-11)
    assert found.asa == pytest.approx(7.83593701178, rel=1e-11)
    assert found.occupancy == pytest.approx(0.714285714, rel=1e-8)
    assert found.p_abandon is None


def test_erlang_a_equals_the_reference() -> None:
    found = service(12, Demand(200 / 3600, 180, 120), 20)
    assert found.p_wait == pytest.approx(0.279807018645, rel=1e-11)
    assert found.p_abandon == pytest.approx(0.0615973770037, rel=1e-11)
    assert found.asa == pytest.approx(7.39168524044, rel=1e-11)


def test_erlang_a_becomes_erlang_c_when_patience_has_no_end() -> None:
    patient, endless = service(12, CALLS_200, 20), service(12, Demand(200 / 3600, 180, 1e10), 20)
    assert endless.service_level == pytest.approx(patient.service_level, rel=1e-6)
    assert endless.asa == pytest.approx(patient.asa, rel=1e-6)


def test_erlang_a_service_level_is_what_a_simulation_finds() -> None:
    demand = Demand(200 / 3600, 180, 60)
    assert service(8, demand, 10).service_level == pytest.approx(answered_in_time(8, demand, 10), abs=0.01)


@pytest.mark.parametrize(("calls", "aht", "target", "agents"), [(100, 360, 0.8, 14), (3000, 240, 0.9, 213)])
def test_fewest_agents_for_a_target(calls: float, aht: float, target: float, agents: int) -> None:
    demand = Demand(calls / 3600, aht)
    assert agents_needed(demand, target, 20).agents == agents
    assert service(agents - 1, demand, 20).service_level < target


def test_impatient_callers_take_fewer_agents() -> None:
    assert agents_needed(Demand(3000 / 3600, 240, 60), 0.9, 20).agents < 213


def test_no_calls_take_nobody() -> None:
    assert agents_needed(Demand(0, 240), 0.9, 20).agents == 0


def test_a_target_of_nothing_still_takes_more_agents_than_work() -> None:
    assert agents_needed(Demand(100 / 3600, 360), 0, 20).agents == 11


def test_too_few_agents_for_patient_callers_never_catch_up() -> None:
    found = service(10, CALLS_200, 20)
    assert erlang_c(10, 10) == 1
    assert math.isinf(found.asa)
    assert found.service_level == 0


def test_more_agents_than_can_be_worked_out_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        agents_needed(Demand(1e9, 300), 0.8, 20)


def test_shrinkage_rounds_up_to_whole_people() -> None:
    assert with_shrinkage(14, 0.3) == 20
    assert with_shrinkage(14, 0) == 14
    assert with_shrinkage(15, 0.3) == 22


def answered_in_time(agents: int, demand: Demand, within: float, calls: int = 40_000) -> float:
    """The part of simulated calls answered in time: first come first served, exponential times."""
    dice = random.Random(5)
    free_at = [0.0] * agents
    heapify(free_at)
    t, answered = 0.0, 0
    for _ in range(calls):
        t += dice.expovariate(demand.calls_per_s)
        start = max(t, free_at[0])
        if start - t > dice.expovariate(1 / (demand.patience or math.inf)):
            continue
        answered += start - t <= within
        heapreplace(free_at, start + dice.expovariate(1 / demand.aht))
    return answered / calls
