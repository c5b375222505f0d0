"""Which tokens a text encoder makes of a prompt's words, and the weight of each; prompts longer than CLIP reads at once."""

from __future__ import annotations

from typing import Any

from .spoken import Part

_CHUNK = 75  # tokens that CLIP reads at once, its two marks aside
_COMMA = 25  # tokens before the end of a chunk that a comma is looked for in
_MARK = "\u241f"  # stands where the prompt comes into a template


def token_weights(tokenizer: Any, part: Part, length: int, before: str = "", after: str = "", lower: bool = False) -> tuple[list[float], list[bool]]:
    """The weight of every token, and whether the mean is taken of it: those of the prompt and what is read after it.

    ``length`` tokens, filled up and cut as the pipeline does; 0: as many as there are.
    """
    text = part.text.lower() if lower and len(part.text.lower()) == len(part.text) else part.text
    sized = {"padding": "max_length", "max_length": length, "truncation": True} if length else {}
    found = tokenizer(before + text + after, return_offsets_mapping=True, **sized)
    weights, counted, reached = [], [], False
    for (begin, end), there in zip(found["offset_mapping"], found["attention_mask"]):
        inside = range(max(begin - len(before), 0), min(end - len(before), len(text)))
        letters = [part.weights[i] for i in inside if not text[i].isspace()] if there else []
        reached = reached or bool(letters)
        weights.append(sum(letters) / len(letters) if letters else 1.0)
        counted.append(reached and bool(there))
    return weights, counted


def chunks(tokenizer: Any, part: Part) -> list[Part]:
    """A prompt in pieces that CLIP can read at once, cut at a comma where one is near, else between words."""
    found = tokenizer(part.text, return_offsets_mapping=True, add_special_tokens=False, truncation=False, verbose=False)["offset_mapping"]
    if len(found) <= _CHUNK:
        return [part]
    pieces, begin = [], 0
    while begin < len(found):
        end = min(begin + _CHUNK, len(found))
        if end < len(found):
            commas = [i for i in range(end - _COMMA, end) if part.text[found[i][0] : found[i][1]].strip() == ","]
            blanks = [i for i in range(end, begin + 1, -1) if part.text[found[i][0] - 1 : found[i][0]] == " "]
            end = commas[-1] + 1 if commas else blanks[0] if blanks else end
        piece = slice(found[begin][0], found[end - 1][1])
        pieces.append(Part(part.text[piece], part.weights[piece], part.share))
        begin = end
    return pieces


def talk(tokenizer: Any, thinking: bool) -> tuple[str, str]:
    """What a conversation's template puts before and after the words."""
    said = tokenizer.apply_chat_template([{"role": "user", "content": _MARK}], tokenize=False, add_generation_prompt=True, enable_thinking=thinking)
    before, after = said.split(_MARK)
    return before, after


def padded(weights: list[float], counted: list[bool], length: int) -> tuple[list[float], list[bool]]:
    more = max(length - len(weights), 0)
    return (weights + [1.0] * more)[:length], (counted + [False] * more)[:length]
