"""The engines, each loaded once."""

import pytest

from nlp.analyzer import Analyzer, get_analyzer


@pytest.fixture(scope="session")
def onnx() -> Analyzer:
    return get_analyzer("onnx")


@pytest.fixture(scope="session")
def rules() -> Analyzer:
    return get_analyzer("rules")


@pytest.fixture(params=["onnx", "rules"])
def analyzer(request: pytest.FixtureRequest) -> Analyzer:
    """Both engines that always work, one after the other."""
    chosen: Analyzer = request.getfixturevalue(request.param)
    return chosen
