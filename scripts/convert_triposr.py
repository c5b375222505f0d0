"""Make .safetensors of TripoSR's published weights, which are a pickle: python scripts/convert_triposr.py model.ckpt triposr.safetensors

Read by torch.load(weights_only=True), which takes tensors and runs nothing; a file that holds more is refused. Needs torch and
safetensors: the Python of the AI runtime has both.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """0 when done, 2 with one line on stderr for anything that cannot be converted."""
    if len(arguments) != 2:
        return refused("usage: convert_triposr.py model.ckpt triposr.safetensors")
    source, target = map(Path, arguments)
    if not source.is_file():
        return refused(f"there is no {source}")
    if target.exists():
        return refused(f"{target} is there already")
    if target.suffix != ".safetensors":
        return refused(f"{target} must end in .safetensors")
    import torch
    from safetensors.torch import save_file

    try:
        kept = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle, zip and torch each raise their own for a file that holds more than tensors
        return refused(f"{source.name} holds more than tensors, or is damaged; it is not opened ({type(error).__name__})")
    kept = kept.get("state_dict", kept) if isinstance(kept, dict) else {}
    tensors = {name: value.contiguous() for name, value in kept.items() if isinstance(value, torch.Tensor)}
    if "post_processor.upsample.weight" not in tensors:
        return refused(f"{source.name} holds no TripoSR ({len(tensors)} tensors)")
    draft = target.with_suffix(".part")
    save_file(tensors, draft, metadata={"format": "pt"})
    draft.replace(target)
    print(f"{target}: {len(tensors)} tensors, {sum(value.numel() for value in tensors.values()) / 1e6:.0f} million numbers")
    return 0


def refused(text: str) -> int:
    print(f"convert_triposr: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
