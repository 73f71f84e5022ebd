"""Exports the encoder to ONNX with int8 weights."""

from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

OPSET = 17


class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """The mean over the words of several hidden layers, side by side."""

    def __init__(self, encoder: torch.nn.Module, layers: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = encoder
        self.layers = layers

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        output = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        mask = attention_mask.unsqueeze(-1).float()
        return torch.cat(
            [(output.hidden_states[at] * mask).sum(1) / mask.sum(1) for at in self.layers], dim=1
        )


def export(source: Path, target: Path, layers: tuple[int, ...]) -> None:
    """Writes `target`, an int8 graph: input_ids, attention_mask → pooled (texts, 384 x layers)."""
    encoder = AutoModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager")
    network = Pooled(encoder, layers).eval()
    example = torch.ones(2, 7, dtype=torch.long)
    plain = target.with_suffix(".fp32")
    torch.onnx.export(
        network,
        (example, example),
        str(plain),
        input_names=["input_ids", "attention_mask"],
        output_names=["pooled"],
        dynamic_axes={"input_ids": {0: "n", 1: "s"}, "attention_mask": {0: "n", 1: "s"}, "pooled": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    # Seven bits: without VNNI the products of full eight-bit weights overflow, and the answers would differ by machine.
    quantize_dynamic(plain, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    plain.unlink()
