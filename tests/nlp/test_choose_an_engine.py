"""An engine is loaded when asked for, and says in one sentence why it cannot."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from nlp.analyzer import WEIGHTS, Options, get_analyzer
from nlp.engine_hf import guess, map_labels
from nlp.errors import EngineUnavailable

LARGEST_WEIGHTS = 45_000_000


def test_importing_the_package_loads_no_model_library() -> None:
    code = (
        "import sys, nlp, nlp.analyzer, nlp.language, nlp.pii, nlp.text, nlp.topics, nlp.urgency\n"
        "print([name for name in ('transformers', 'onnxruntime', 'torch', 'tokenizers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_fallback_works_without_the_model_libraries() -> None:
    code = (
        "import sys\n"
        "sys.modules['transformers'] = sys.modules['onnxruntime'] = None\n"
        "from nlp.analyzer import get_analyzer\n"
        "print(get_analyzer('rules').analyse('Thank you so much, this is wonderful!').sentiment)\n"
        "get_analyzer('onnx')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "positive"
    assert "EngineUnavailable: The engine 'onnx' needs the package" in done.stderr


def test_switched_off_is_said_clearly() -> None:
    with pytest.raises(EngineUnavailable, match=r"switched off"):
        get_analyzer("off")


def test_unknown_engine_is_refused_with_the_choice() -> None:
    with pytest.raises(EngineUnavailable, match="choose one of onnx, hf, rules, off"):
        get_analyzer("gpt")


@pytest.mark.parametrize("engine", ["onnx", "rules"])
def test_missing_weights_are_named(engine: str, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"heads\.npz"):
        get_analyzer(engine, Options(weights=tmp_path))


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json", "heads.npz"])
def test_broken_weights_are_refused(name: str, tmp_path: Path) -> None:
    for path in WEIGHTS.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / name).write_bytes(b"not what it should be")
    with pytest.raises(EngineUnavailable, match="cannot be"):
        get_analyzer("onnx", Options(weights=tmp_path))


def test_model_id_changes_with_the_heads(tmp_path: Path) -> None:
    shutil.copy(WEIGHTS / "heads.npz", tmp_path)
    with (tmp_path / "heads.npz").open("ab") as file:
        file.write(b"\0")
    assert get_analyzer("rules", Options(weights=tmp_path)).model_id != get_analyzer("rules").model_id


def test_weights_stay_small_and_have_a_card() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) <= LARGEST_WEIGHTS
    card = (WEIGHTS / "CARD.md").read_text(encoding="utf-8")
    assert all(name in card for name in ("model.int8.onnx", "heads.npz", "MIT", "Where it fails"))


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_foreign_model_needs_torch_and_says_so() -> None:
    with pytest.raises(EngineUnavailable, match="pip install torch"):
        get_analyzer("hf", Options(model="hf:some/model", revision="abc"))


def test_foreign_model_needs_a_name() -> None:
    with pytest.raises(EngineUnavailable, match="NLP_MODEL"):
        get_analyzer("hf")


@pytest.mark.parametrize(
    ("name", "count", "sentiment"),
    [
        ("NEGATIVE", 2, 0),
        ("Neutral", 3, 1),
        ("pos", 3, 2),
        ("LABEL_1", 2, 2),
        ("LABEL_1", 3, 1),
        ("1 star", 5, 0),
        ("3 stars", 5, 1),
        ("5 stars", 5, 2),
        ("LABEL_1", 7, None),
        ("joy", 6, None),
    ],
)
def test_labels_of_foreign_models_are_understood(name: str, count: int, sentiment: int | None) -> None:
    assert guess(name, count) == sentiment


def test_labels_can_be_given_and_unknown_ones_are_named() -> None:
    assert map_labels(["joy", "rage"], {"joy": "positive", "rage": "negative"}) == {"joy": 2, "rage": 0}
    with pytest.raises(EngineUnavailable, match="rage"):
        map_labels(["joy", "rage"], {"joy": "positive"})
