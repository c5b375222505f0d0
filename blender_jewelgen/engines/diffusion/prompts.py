"""Weights that mean something: prompts as embeddings, emphasis as their distance from what the prompt says on average, blends as their mean.

A word of weight w lies w times as far from the mean of its prompt as the text encoder put it; then the mean of all its numbers
is restored, so that emphasis does not become brightness. ``a::2 b::1`` is the mean of two prompts encoded on their own, two to
one. Weight 1 everywhere is exactly what the pipeline itself makes of the words.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from .families import Family
from .spoken import Part, Said
from .tokens import chunks, padded, talk, token_weights

_LONG = ("sd15", "sdxl")  # families that take any number of CLIP's chunks


@dataclass
class Encoded:
    """One prompt: (1, n, d) embeddings, (1, m) of its whole, (1, n) which of them count; None where a family has none."""

    embeds: Any
    pooled: Any = None
    mask: Any = None


@dataclass(frozen=True, eq=False)
class Told:
    """Arguments for a pipeline, and notes."""

    arguments: dict[str, Any]
    notes: tuple[str, ...]


def told(pipe: Any, family: Family, prompt: Said, negative: Said, guided: bool) -> Told:
    """What a pipeline of the family is called with to draw ``prompt`` and, if ``guided``, to avoid ``negative``."""
    import torch

    with torch.no_grad():
        speaker = _Speaker(pipe, family)
        wanted = speaker.blended(prompt.parts)
        avoided = speaker.blended(negative.parts) if guided else None
        if avoided is not None and family.name in _LONG:
            wanted, avoided = speaker.level(wanted, avoided)
        if avoided is not None and family.name == "sdxl" and pipe.config.get("force_zeros_for_empty_prompt") and not any(part.text for part in negative.parts):
            avoided = Encoded(torch.zeros_like(avoided.embeds), torch.zeros_like(avoided.pooled))
    return Told(_arguments(family, wanted, "") | (_arguments(family, avoided, "negative_") if avoided else {}), tuple(speaker.notes))


def _arguments(family: Family, encoded: Encoded, which: str) -> dict[str, Any]:
    """The names by which a family's pipeline takes them."""
    name = family.name
    if name == "z-image":
        return {f"{which}prompt_embeds": [encoded.embeds[0]]}
    values = {f"{which}prompt_embeds": encoded.embeds}
    if encoded.pooled is not None:
        values[f"{which}pooled_prompt_embeds"] = encoded.pooled
    if name == "qwen-image":
        values[f"{which}prompt_embeds_mask"] = encoded.mask
    if name == "sana":
        values[f"{which}prompt_attention_mask"] = encoded.mask
    return values


class _Speaker:
    """Encodes parts of a prompt for one pipeline."""

    def __init__(self, pipe: Any, family: Family) -> None:
        self.pipe, self.family, self.notes = pipe, family, []
        self.first = True  # the prompt itself: Sana puts an instruction before it, but not before what is to be avoided

    def blended(self, parts: tuple[Part, ...]) -> Encoded:
        """The mean of the parts by their shares."""
        encoded = [self._long(part) if self.family.name in _LONG else self._short(part) for part in parts]
        self.first = False
        if len(encoded) == 1:
            return encoded[0]
        if self.family.name in _LONG:
            encoded = self.level(*encoded)
        return _mean(encoded, [part.share for part in parts])

    def level(self, *encoded: Encoded) -> list[Encoded]:
        """All as long as the longest, filled up with what the encoder makes of nothing."""
        import torch

        most = max(one.embeds.shape[1] for one in encoded)
        if all(one.embeds.shape[1] == most for one in encoded):
            return list(encoded)
        nothing = self._plain("").embeds
        return [Encoded(torch.cat([one.embeds] + [nothing] * ((most - one.embeds.shape[1]) // nothing.shape[1]), 1), one.pooled, one.mask) for one in encoded]

    def _long(self, part: Part) -> Encoded:
        """A prompt that CLIP reads in chunks; of its whole it keeps what the first says."""
        import torch

        encoded = [self._short(chunk) for chunk in chunks(self.pipe.tokenizer, part)]
        return encoded[0] if len(encoded) == 1 else Encoded(torch.cat([one.embeds for one in encoded], 1), encoded[0].pooled)

    def _short(self, part: Part) -> Encoded:
        encoded = self._plain(part.text)
        if not part.plain:
            for rows, weights, counted in self._weights(part, encoded):
                encoded.embeds[:, rows] = emphasised(encoded.embeds[:, rows], weights, counted)
        return encoded

    def _plain(self, text: str) -> Encoded:
        """What the pipeline itself makes of the words."""
        pipe, name = self.pipe, self.family.name
        device = pipe._execution_device
        if name == "sd15":
            return Encoded(pipe.encode_prompt(text, device, 1, False)[0])
        if name == "sdxl":
            found = pipe.encode_prompt(text, device=device, do_classifier_free_guidance=False)
            return Encoded(found[0], found[2])
        if name == "sd3":
            found = pipe.encode_prompt(text, None, None, device=device, do_classifier_free_guidance=False)
            return Encoded(found[0], found[2])
        if name == "flux":
            found = pipe.encode_prompt(text, device=device)
            return Encoded(found[0], found[1])
        if name == "flux2-klein":
            return Encoded(pipe.encode_prompt(text, device=device)[0])
        if name == "z-image":
            return Encoded(pipe.encode_prompt(text, device=device, do_classifier_free_guidance=False)[0][0][None])
        if name == "qwen-image":
            embeds, mask = pipe.encode_prompt(text, device=device)
            return Encoded(embeds, mask=embeds.new_ones(embeds.shape[:2], dtype=int) if mask is None else mask)
        more = {"do_classifier_free_guidance": False} if "do_classifier_free_guidance" in inspect.signature(pipe.encode_prompt).parameters else {}
        embeds, mask = pipe.encode_prompt(text, device=device, complex_human_instruction=self._instruction(), **more)[:2]
        return Encoded(embeds, mask=mask)

    def _instruction(self) -> list[str] | None:
        """What Sana is told before every prompt, as its pipeline has it."""
        return inspect.signature(type(self.pipe).__call__).parameters["complex_human_instruction"].default if self.first else None

    def _weights(self, part: Part, encoded: Encoded) -> list[tuple[slice, Any, Any]]:
        """For each text encoder: its rows of the embeddings, the weight of each, and which of them the mean is taken of."""
        pipe, name = self.pipe, self.family.name
        rows = encoded.embeds.shape[1]
        if name in _LONG:
            return [(slice(0, rows), *token_weights(pipe.tokenizer, part, rows))]
        if name == "sd3":
            clip = pipe.tokenizer_max_length
            both = [(slice(0, clip), *token_weights(pipe.tokenizer, part, clip))]
            if pipe.text_encoder_3 is not None:
                both.append((slice(clip, rows), *token_weights(pipe.tokenizer_3, part, rows - clip)))
            return both
        if name == "flux":
            return [(slice(0, rows), *token_weights(pipe.tokenizer_2, part, rows))]
        if name == "flux2-klein":
            return [(slice(0, rows), *token_weights(pipe.tokenizer, part, rows, *talk(pipe.tokenizer, False)))]
        if name == "z-image":
            return [(slice(0, rows), *token_weights(pipe.tokenizer, part, 0, *talk(pipe.tokenizer, True)))]
        if name == "qwen-image":
            before, after = pipe.prompt_template_encode.split("{}")
            weights, counted = token_weights(pipe.tokenizer, part, 0, before, after)
            dropped = pipe.prompt_template_encode_start_idx
            return [(slice(0, rows), weights[dropped : dropped + rows], counted[dropped : dropped + rows])]
        before = "\n".join(self._instruction() or ())
        weights, counted = token_weights(pipe.tokenizer, part, 0, before, lower=True)
        weights, counted = padded(weights, counted, len(pipe.tokenizer.encode(before)) + rows - 2 if before else rows)
        return [(slice(0, rows), [weights[0], *weights[len(weights) - rows + 1 :]], [counted[0], *counted[len(counted) - rows + 1 :]])]


def emphasised(embeds: Any, weights: Any, counted: Any) -> Any:
    """Embeddings whose tokens lie ``weights`` times as far from the mean of the ``counted`` ones, the mean of all numbers restored.

    (1, n, d), n floats, n truths. Only tokens of the prompt change; marks, templates and filling stay as they are.
    """
    import torch

    values = embeds.float()
    factor = torch.tensor(weights, dtype=torch.float32, device=values.device)
    among = torch.tensor(counted, dtype=torch.bool, device=values.device)
    if not bool(among.any()):
        return embeds
    away = (values - values[:, among].mean(1, keepdim=True)) * (factor - 1.0)[None, :, None]
    changed = factor != 1.0
    if bool(changed.any()):
        away[:, changed] -= away[:, changed].mean()
    return torch.where(changed[None, :, None], values + away, values).to(embeds.dtype)


def _mean(encoded: list[Encoded], shares: list[float]) -> Encoded:
    """The mean by shares; where prompts differ in length, at each place of those that reach it."""
    import torch

    length = max(one.embeds.shape[1] for one in encoded)
    embeds, masks = [], []
    for one in encoded:
        gap = length - one.embeds.shape[1]
        mask = one.mask if one.mask is not None else one.embeds.new_ones(one.embeds.shape[:2], dtype=torch.long)
        embeds.append(torch.nn.functional.pad(one.embeds.float(), (0, 0, 0, gap)))
        masks.append(torch.nn.functional.pad(mask, (0, gap)))
    weight = torch.stack([share * mask.float() for share, mask in zip(shares, masks)])
    total = weight.sum(0)
    plain = torch.tensor(shares, device=total.device)[:, None, None].expand_as(weight) / sum(shares)  # of filling, all of it
    weight = torch.where(total[None] > 0.0, weight / total.clamp_min(1e-12)[None], plain)
    mixed = (torch.stack(embeds) * weight[..., None]).sum(0).to(encoded[0].embeds.dtype)
    pooled = None
    if encoded[0].pooled is not None:
        pooled = (sum(share * one.pooled.float() for share, one in zip(shares, encoded)) / sum(shares)).to(encoded[0].pooled.dtype)
    return Encoded(mixed, pooled, None if encoded[0].mask is None else torch.stack(masks).amax(0))
