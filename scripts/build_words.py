#!/usr/bin/env python3
"""Distil a table of word vectors from a sentence encoder: ``python scripts/build_words.py FOLDER_OF_ALL_MINILM_L6_V2``.

Each word of the encoder's vocabulary, and each word of the motif library and the lexicon, is encoded alone; the vectors are
reduced to 96 numbers by principal axes and stored as int8 (library/vectors.npz). At run time a prompt is a weighted mean of
rows (core/words/vectors.py); the encoder itself is not shipped. Needs torch, safetensors and tokenizers.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LIBRARY = ROOT / "blender_jewelgen" / "core" / "library"
DIMENSIONS = 96
HEADS, LAYERS = 12, 6
CRAFT = (
    "rosette lotus palmette acanthus ruyi volute triquetra triskele quatrefoil trefoil cinquefoil fleur lys petal petals seashell repousse "
    "filigree arabesque anthemion gryphon koi peony chrysanthemum dahlia orchid ouroboros phoenix simurgh garuda makara naga kirtimukha "
    "paisley mandala pomegranate cornucopia cartouche guilloche lingzhi qilin baoxiang honeysuckle magnolia plum blossom"
).split()


class Encoder:
    """The six-layer BERT of all-MiniLM-L6-v2: mean of the last layer's tokens, unit length."""

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokens.no_truncation()
        self.tokens.no_padding()
        self.weights = {name.removeprefix("bert."): value.float() for name, value in load_file(folder / "model.safetensors").items()}

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (x.shape[-1],), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-12)

    @torch.no_grad()
    def __call__(self, texts: list[str], batch: int = 256) -> torch.Tensor:
        return torch.cat([self._batch(texts[k : k + batch]) for k in range(0, len(texts), batch)])

    def _batch(self, texts: list[str]) -> torch.Tensor:
        ids = [self.tokens.encode(text).ids for text in texts]
        length = max(map(len, ids))
        number = torch.tensor([row + [0] * (length - len(row)) for row in ids])
        there = number != 0
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][number] + w["embeddings.position_embeddings.weight"][:length]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}."
            q, k, v = (
                self._linear(x, f"{at}attention.self.{part}").unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in ("query", "key", "value")
            )
            seen = F.scaled_dot_product_attention(q, k, v, attn_mask=there[:, None, None, :]).transpose(1, 2).flatten(2)
            x = self._norm(self._linear(seen, f"{at}attention.output.dense") + x, f"{at}attention.output.LayerNorm")
            inner = F.gelu(self._linear(x, f"{at}intermediate.dense"))
            x = self._norm(self._linear(inner, f"{at}output.dense") + x, f"{at}output.LayerNorm")
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)


def vocabulary(folder: Path) -> tuple[list[str], int]:
    """Plain words of three letters and more, commonest first, then those of the craft; and how many the latter are."""
    common = [word for word in (folder / "vocab.txt").read_text(encoding="utf-8").split("\n") if re.fullmatch("[a-z]{3,}", word)]
    phrases = [word for row in json.loads((LIBRARY / "motifs.json").read_text("utf-8"))["motifs"] for word in (row["name"], *row["en"])]
    phrases += [word for row in json.loads((LIBRARY / "lexicon.json").read_text("utf-8"))["terms"] for word in row["en"]]
    ours = {word for phrase in phrases for word in re.findall("[a-z]{3,}", phrase.lower())} | set(CRAFT)
    extra = sorted(ours - set(common))
    return common + extra, len(extra)


def main(folder: Path) -> None:
    words, ours = vocabulary(folder)
    vectors = Encoder(folder)(words)
    mean = vectors.mean(0)
    _, _, axes = torch.pca_lowrank(vectors - mean, q=DIMENSIONS + 16, center=False, niter=4)
    short = F.normalize((vectors - mean) @ axes[:, :DIMENSIONS], dim=-1)
    share = 1.0 / (torch.arange(len(words)).float() + 1.0)  # commonness falls with the place in the vocabulary (Zipf)
    weight = 1e-3 / (1e-3 + share / share.sum())  # smooth inverse frequency: "the" tells less than "dragon"
    weight[len(words) - ours :] = 1.0
    short = short * weight[:, None]
    scale = float(short.abs().max() / 127.0)
    table = torch.round(short / scale).to(torch.int8).numpy()
    np.savez_compressed(LIBRARY / "vectors.npz", words=np.frombuffer("\n".join(words).encode(), np.uint8), table=table, scale=np.float32(scale))
    print(f"{len(words):,} words, {(LIBRARY / 'vectors.npz').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
