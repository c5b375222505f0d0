"""Models that make bodies in miniature: the real classes or the real names, weights of chance, saved as a person would have them.

Where a body is to come out, the last layers are set so that their field is a ball or a block; all before them stays chance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

BALL = 2.82  # of cos x + cos y + cos z: a ball of radius 0.6
BLOCK = 0.5  # the whole box


def built(name: str, path: Path, **more: Any) -> Path:
    """The model of this name at ``path``; the seed is fixed, and what is there is kept."""
    import torch

    if not path.exists():
        torch.manual_seed(11)
        with torch.no_grad():
            MAKERS[name](path, **more)
    return path


def shap_e(path: Path, words: bool = False, level: float = BALL, chance: float = 0.002) -> None:
    """Shap-E: prior, encoder and renderer small; ``chance`` is how much the latent changes the body."""
    from diffusers import HeunDiscreteScheduler, PriorTransformer, ShapEImg2ImgPipeline, ShapEPipeline

    decoder = renderer(level, chance)
    more = {"embedding_proj_norm_type": None if words else "layer", "embedding_proj_dim": 32}
    prior = PriorTransformer(
        num_attention_heads=2, attention_head_dim=16, num_layers=2, embedding_dim=16, num_embeddings=64, additional_embeddings=0, time_embed_act_fn="gelu",
        norm_in_type="layer", encoder_hid_proj_type=None, added_emb_type=None, time_embed_dim=64, clip_embed_dim=32, **more,
    ).eval()  # fmt: skip
    scheduler = HeunDiscreteScheduler(
        beta_schedule="exp", num_train_timesteps=1024, prediction_type="sample", use_karras_sigmas=True, clip_sample=True, clip_sample_range=1.0
    )
    if words:
        from transformers import CLIPTextConfig, CLIPTextModelWithProjection

        tokens = _tokens()
        config = CLIPTextConfig(
            vocab_size=len(tokens), hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2, projection_dim=32,
            bos_token_id=tokens.bos_token_id, eos_token_id=tokens.eos_token_id, pad_token_id=tokens.pad_token_id,
        )  # fmt: skip
        pipe = ShapEPipeline(prior=prior, text_encoder=CLIPTextModelWithProjection(config).eval(), tokenizer=tokens, scheduler=scheduler, shap_e_renderer=decoder)
    else:
        from transformers import CLIPVisionConfig, CLIPVisionModel

        config = CLIPVisionConfig(hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2, image_size=32, patch_size=8, projection_dim=32)
        pipe = ShapEImg2ImgPipeline(prior=prior, image_encoder=CLIPVisionModel(config).eval(), image_processor=None, scheduler=scheduler, shap_e_renderer=decoder)
    pipe.save_pretrained(path, safe_serialization=True)


def renderer(level: float, chance: float, wide: int = 16) -> Any:
    """Shap-E's decoder whose field is cos x + cos y + cos z - ``level``, a little changed by the latent."""
    import torch
    from diffusers.pipelines.shap_e.renderer import ShapERenderer

    sizes = [(wide, 93), (wide, wide), (wide, wide), (wide, wide)]
    made = ShapERenderer(param_shapes=sizes, d_latent=16, d_hidden=wide)
    wanted = [torch.zeros(size) for size in sizes]
    wanted[0][0, 48:51] = 1.0  # where the cosines of the lowest frequency stand
    for matrix in wanted[1:]:
        matrix[0, 0] = 1.0
    for part, matrix in zip(made.params_proj.projections.values(), wanted):
        part.norm.weight.fill_(chance)
        part.norm.bias.zero_()
        part.proj.bias.copy_(matrix.flatten())
    for number, layer in enumerate(made.mlp.mlp):
        layer.bias.zero_()
        if number >= 4:
            layer.weight.zero_()
            layer.weight[0, 0] = 1.0
    made.mlp.mlp[0].bias[0] = 10.0  # where the activation is straight
    made.mlp.mlp[-1].bias[0] = -10.0 - level
    return made.eval()


def _tokens() -> Any:
    """CLIP's tokenizer, taught the letters."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["!", *(letter for letter in letters if letter != "!"), *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={name: number for number, name in enumerate(names)}, merges=[], model_max_length=77)


def triposr(path: Path, level: float = 1.0, chance: float = 0.02) -> None:
    """TripoSR in one .safetensors file; its planes hold a bump, so that the field is a ball where its decoder is left as it is here."""
    import torch
    from safetensors.torch import save_file

    from blender_jewelgen.engines.bodies import triposr_net

    tensors = {name: torch.randn(shape) * chance for name, shape in triposr_net.shapes(triposr_sizes()).items()}
    for name in tensors:
        if "norm" in name and name.endswith("weight"):
            tensors[name] = torch.ones_like(tensors[name])
    side = tensors["tokenizer.embeddings"].shape[-1]
    axis = (torch.arange(side) + 0.5) / side * 2.0 - 1.0
    tensors["tokenizer.embeddings"][:, 0] = 1.0 - (axis[:, None] ** 2 + axis[None] ** 2)
    tensors["post_processor.upsample.weight"][:, 0] *= 0.2
    tensors["post_processor.upsample.weight"][0, 0] = 1.0
    last = max(int(name.split(".")[2]) for name in tensors if name.startswith("decoder.layers."))
    for number in range(0, last + 1, 2):
        weight, bias = tensors[f"decoder.layers.{number}.weight"], tensors[f"decoder.layers.{number}.bias"]
        weight[0], bias[0] = 0.0, 10.0 if number == 0 else 0.0
        if number == 0:
            weight[0, :: weight.shape[1] // 3] = 1.0  # the first feature of each plane
        elif number == last:
            weight[0, 0], bias[0] = 4.0, -4.0 * (10.0 + 2.0 * level) + 1.0 + 3.2189  # the logarithm of the density at the surface
        else:
            weight[0, 0] = 1.0
    path.mkdir()
    save_file(tensors, path / "triposr.safetensors")


def triposr_sizes(wide: int = 64, inner: int = 64, plane: int = 8, layers: tuple[int, int, int] = (2, 2, 3), patch: int = 64, features: int = 8, neurons: int = 16) -> dict:
    """The few shapes that tell all others."""
    sees, blocks, hidden = layers
    return (
        {
            "image_tokenizer.model.embeddings.cls_token": (1, 1, wide),
            "image_tokenizer.model.embeddings.patch_embeddings.projection.weight": (wide, 3, patch, patch), "tokenizer.embeddings": (3, inner, plane, plane),
            "image_tokenizer.model.embeddings.position_embeddings": (1, 5 if patch > 16 else 197, wide), "post_processor.upsample.weight": (inner, features, 2, 2),
            "decoder.layers.0.weight": (neurons, 3 * features), f"decoder.layers.{2 * hidden}.weight": (4, neurons),
        }
        | {f"image_tokenizer.model.encoder.layer.{n}.intermediate.dense.weight": (4 * wide, wide) for n in range(sees)}
        | {f"backbone.transformer_blocks.{n}.attn2.to_k.weight": (inner, wide) for n in range(blocks)}
    )  # fmt: skip


def triposg(path: Path, level: float = BALL, chance: float = 0.05) -> None:
    """TripoSG's folder as it is published; its decoder's last layers are set so that its field is a ball, a little changed by the tokens."""
    import json

    import torch
    from safetensors.torch import save_file
    from transformers import Dinov2Config, Dinov2Model

    from blender_jewelgen.engines.bodies import triposg_net

    seen = Dinov2Config(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=56, patch_size=14)
    Dinov2Model(seen).eval().save_pretrained(path / "image_encoder_dinov2", safe_serialization=True)
    walker, decoder = (_chance(shapes, chance) for shapes in (triposg_net.walker_shapes(walker_sizes()), triposg_net.decoder_shapes(decoder_sizes())))
    query, turned, out = decoder["decoder.proj_query.weight"], decoder["decoder.proj_query.bias"], decoder["decoder.proj_out.weight"]
    wide = len(query)
    query.zero_()
    query[0, [27, 35, 43]] = 1.0  # the cosines of the lowest frequency of x, y and z
    query[1] = -query[0]
    turned[:] = torch.tensor([10.0, -10.0] * (wide // 2))  # the norm after it finds no mean and always the same spread
    turned[0], turned[1] = -level, level
    decoder["decoder.norm_out.bias"].zero_()
    out.zero_()
    out[0, 0] = -1.0
    decoder["decoder.proj_out.bias"].zero_()
    for part, tensors, config in (
        ("transformer", walker, {"_class_name": "TripoSGDiTModel", "num_attention_heads": 2, "width": wide, "in_channels": 8, "num_layers": 5, "cross_attention_dim": 32}),
        ("vae", decoder | {"encoder.proj_in.weight": torch.zeros(4, 4)}, {"_class_name": "Tripo2VAEModel", "num_attention_heads": 2, "embed_frequency": 8, "latent_channels": 8}),
    ):
        (path / part).mkdir()
        save_file(tensors, path / part / "diffusion_pytorch_model.safetensors")
        (path / part / "config.json").write_text(json.dumps(config))
    for part, name, settings in (
        ("scheduler", "scheduler_config.json", {"_class_name": "RectifiedFlowScheduler", "num_train_timesteps": 1000, "shift": 1}),
        ("feature_extractor_dinov2", "preprocessor_config.json", {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 28, "width": 28}}),
    ):
        (path / part).mkdir()
        (path / part / name).write_text(json.dumps(settings))
    index = {
        "_class_name": "TripoSGPipeline", "feature_extractor_dinov2": ["transformers", "BitImageProcessor"], "image_encoder_dinov2": ["transformers", "Dinov2Model"],
        "scheduler": ["triposg.schedulers", "RectifiedFlowScheduler"], "transformer": ["triposg.models.transformers", "TripoSGDiTModel"],
        "vae": ["triposg.models.autoencoders", "TripoSGVAEModel"],
    }  # fmt: skip
    (path / "model_index.json").write_text(json.dumps(index))


def walker_sizes(wide: int = 32, channels: int = 8, seen: int = 32, head: int = 16, count: int = 5) -> dict:
    """The few shapes of TripoSG's transformer that tell all others."""
    more = {f"blocks.{count - 1}.attn2.to_q.weight": (wide, wide)}
    return {"proj_in.weight": (wide, channels), "blocks.0.attn2.to_k.weight": (wide, seen), "blocks.0.attn1.norm_q.weight": (head,)} | more


def decoder_sizes(wide: int = 32, channels: int = 8, waves: int = 51, count: int = 3) -> dict:
    """The few shapes of TripoSG's decoder that tell all others."""
    return {"post_quant.weight": (wide, channels), "decoder.proj_query.weight": (wide, waves), f"decoder.blocks.{count - 1}.attn2.to_q.weight": (wide, wide)}


def _chance(shapes: dict, chance: float) -> dict:
    import torch

    return {name: torch.ones(shape) if "norm" in name and name.endswith("weight") else torch.randn(shape) * chance for name, shape in shapes.items()}


MAKERS = {"shap-e": shap_e, "triposr": triposr, "triposg": triposg}
