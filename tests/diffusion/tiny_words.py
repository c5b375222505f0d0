"""Tokenizers of the picture models' own kinds, taught on the spot with a few words: CLIP and Qwen byte pairs, T5 and Gemma pieces."""

from __future__ import annotations

import json
from typing import Any

from tokenizers import AddedToken, models, pre_tokenizers, trainers

WORDS = (
    "a an the of and with in on no grayscale height map depth relief lotus scroll dragon cloud acanthus palmette ring band plate disc pendant "
    "gold silver white black frontal view perspective shadow shadows soft deep low high flat ground border medallion frieze text watermark blur "
    "photo photograph craft chased repousse metal jewel jewelry ornament seamless pattern smooth crisp light dark neutral background bird fish "
    "shading highlight reflection colour frame cropped noise hands skin mannequin plastic extra stones"
).split()
_QWEN_IMAGE = (  # what Qwen-Image says before the prompt; its pipeline drops exactly these 34 tokens
    "system\nDescribe the image by detailing the color, shape, size, texture, quantity, text, spatial relationships of the objects and background:\nuser\n"
)
_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)


def _taught(tokenizer: Any, suffix: str, text: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of byte pairs for every word of ``text``, cut as ``tokenizer`` cuts."""
    backend = tokenizer.backend_tokenizer
    backend.model = models.BPE(end_of_word_suffix=suffix) if suffix else models.BPE()
    ending = {"end_of_word_suffix": suffix} if suffix else {}
    trainer = trainers.BpeTrainer(
        vocab_size=6000, min_frequency=1, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **ending
    )
    backend.train_from_iterator([text], trainer)
    model = json.loads(backend.to_str())["model"]
    vocab = dict(model["vocab"])
    if suffix:
        for letter in pre_tokenizers.ByteLevel.alphabet():
            vocab.setdefault(letter + suffix, len(vocab))
    return vocab, [tuple(merge) for merge in model["merges"]]


def clip(pad: str = "<|endoftext|>") -> Any:
    """CLIP's tokenizer; SDXL's second one fills up with "!"."""
    from transformers import CLIPTokenizer

    vocab, merges = _taught(CLIPTokenizer(), "</w>", " ".join(WORDS))
    vocab = {"!": 0} | {name: i + 1 for i, name in enumerate(name for name in vocab if name != "!")}
    for mark in ("<|startoftext|>", "<|endoftext|>"):
        vocab[mark] = len(vocab)
    return CLIPTokenizer(vocab=vocab, merges=merges, pad_token=pad, model_max_length=77)


def t5() -> Any:
    """T5's tokenizer."""
    from transformers import T5TokenizerFast

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0)]
    pieces += [("\u2581" + word, -3.0) for word in WORDS] + [(chr(i), -9.0) for i in range(33, 127)]
    return T5TokenizerFast(vocab=pieces, extra_ids=0, model_max_length=512)


def qwen() -> Any:
    """The tokenizer of Qwen2 and Qwen3, with the marks of a conversation."""
    from transformers import Qwen2TokenizerFast

    vocab, merges = _taught(Qwen2TokenizerFast(), "", _QWEN_IMAGE * 2 + "user\nassistant\nthink\n\n" + " ".join(WORDS) + "\n" + "\n".join(WORDS))
    for mark in ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"):
        vocab[mark] = len(vocab)
    tokenizer = Qwen2TokenizerFast(vocab=vocab, merges=merges, pad_token="<|endoftext|>", eos_token="<|im_end|>", model_max_length=2048)
    tokenizer.add_tokens([AddedToken(mark, special=True) for mark in ("<|im_start|>", "<|im_end|>")])
    tokenizer.chat_template = _CHAT
    return tokenizer


def gemma() -> Any:
    """Gemma's tokenizer."""
    from transformers import GemmaTokenizerFast

    vocab = {name: i for i, name in enumerate(("<pad>", "<eos>", "<bos>", "<unk>", "<mask>"))}
    vocab |= {f"<0x{i:02X}>": 5 + i for i in range(256)}
    merges = []
    for letter in "\u2581" + "".join(chr(i) for i in range(33, 127)):
        vocab[letter] = len(vocab)
    for word in WORDS:
        left = word[0]
        for letter in (*word[1:], "\u2581"):
            if left + letter not in vocab:
                vocab[left + letter] = len(vocab)
                merges.append((left, letter))
            left += letter
    return GemmaTokenizerFast(vocab=vocab, merges=merges, model_max_length=300)
