"""Keeps only the pieces of the vocabulary that English and Chinese need."""

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer

SPECIAL_PIECES = 4
BATCH = 5000
# The base's vocabulary is sorted by frequency over 100 languages: below these ranks a piece is worth keeping unseen.
COMMON_RANK = 9_000
COMMON_HAN_RANK = 40_000


def shrink(source: Path, target: Path, texts: Sequence[str]) -> None:
    """Writes model and tokenizer with fewer pieces into `target` and prints what is covered."""
    counts = count_pieces(source, texts)
    tokenizer = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = [piece for piece, _ in tokenizer["model"]["vocab"]]
    kept = [rank for rank, piece in enumerate(pieces) if is_kept(rank, piece, counts[rank], len(pieces))]
    covered = sum(counts[rank] for rank in kept) / sum(counts.values())
    print(
        f"vocabulary {len(pieces)} -> {len(kept)}, covers {covered:.4f} of the pieces of {len(texts)} texts"
    )
    model = AutoModel.from_pretrained(source, add_pooling_layer=False)
    rows = model.embeddings.word_embeddings.weight.data[torch.tensor(kept)].clone()
    model.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(rows, padding_idx=1)
    model.config.vocab_size = len(kept)
    model.save_pretrained(target)
    write_tokenizer(tokenizer, kept, target)
    (target / "tokenizer_config.json").write_bytes((source / "tokenizer_config.json").read_bytes())


def count_pieces(source: Path, texts: Sequence[str]) -> Counter[int]:
    tokenizer = AutoTokenizer.from_pretrained(source)
    counts: Counter[int] = Counter()
    for start in range(0, len(texts), BATCH):
        for ids in tokenizer(list(texts[start : start + BATCH]), truncation=True, max_length=256)[
            "input_ids"
        ]:
            counts.update(ids)
    return counts


def is_kept(rank: int, piece: str, count: int, total: int) -> bool:
    letters = piece.replace("▁", "")
    if rank < SPECIAL_PIECES or rank == total - 1 or count >= 2 or not letters:
        return True
    if all(is_han(letter) for letter in letters):
        return len(letters) == 1 or rank < COMMON_HAN_RANK
    if len(letters) == 1:
        return (
            unicodedata.category(letters)[0] in "NPS"
            or letters.isascii()
            or "LATIN" in unicodedata.name(letters, "")
        )
    return letters.isascii() and (rank < COMMON_RANK or len(letters) == 2)


def is_han(letter: str) -> bool:
    return "CJK" in unicodedata.name(letter, "")


def write_tokenizer(tokenizer: dict[str, Any], kept: Sequence[int], target: Path) -> None:  # Any: JSON
    new = {old: rank for rank, old in enumerate(kept)}
    model = tokenizer["model"]
    model["vocab"] = [model["vocab"][rank] for rank in kept]
    model["unk_id"] = new[model["unk_id"]]
    for added in tokenizer["added_tokens"]:
        added["id"] = new[added["id"]]
    for special in tokenizer["post_processor"]["special_tokens"].values():
        special["ids"] = [new[rank] for rank in special["ids"]]
    (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
