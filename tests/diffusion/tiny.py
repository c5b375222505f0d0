"""Picture models of every family in miniature: the real classes, random weights, saved as the folders a person would name.

``folder(family, path)`` builds one; the same path with the same family is built once and given back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny_words

SIDE = 64  # px that the models draw at


def folder(family: str, path: Path) -> Path:
    """The model of ``family`` in the folder ``path``, saved by its pipeline's save_pretrained; the seed is fixed."""
    import torch

    path = Path(path)
    if not (path / "model_index.json").is_file():
        torch.manual_seed(7)
        with torch.no_grad():
            pipe = FAMILIES[family]()
        pipe.save_pretrained(path, safe_serialization=True)
    return path


def _clip(tokenizer: Any, width: int = 32, projection: int | None = None, layers: int = 3) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_attention_heads=4, num_hidden_layers=layers, max_position_embeddings=77,
        projection_dim=projection or width, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        hidden_act="quick_gelu" if projection is None else "gelu",
    )  # fmt: skip
    return (CLIPTextModel if projection is None else CLIPTextModelWithProjection)(config).eval()


def _t5(tokenizer: Any, width: int = 32) -> Any:
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(
        T5Config(vocab_size=len(tokenizer), d_model=width, d_ff=2 * width, d_kv=8, num_heads=4, num_layers=2, is_encoder_decoder=False, use_cache=False)
    ).eval()


def _vae(channels: int = 4, blocks: int = 4, **more: Any) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 16, 16, 16)[:blocks], down_block_types=("DownEncoderBlock2D",) * blocks, up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=channels, layers_per_block=1, norm_num_groups=4, sample_size=SIDE, **more,
    ).eval()  # fmt: skip


def _flow(**more: Any) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler

    return FlowMatchEulerDiscreteScheduler(**more)


def sd15() -> Any:
    """Stable Diffusion 1.5: UNet, CLIP, VAE of 8."""
    from diffusers import PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    tokenizer = tiny_words.clip()
    unet = UNet2DConditionModel(
        sample_size=SIDE // 8, block_out_channels=(16, 32), layers_per_block=1, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=32, attention_head_dim=4, norm_num_groups=8,
    ).eval()  # fmt: skip
    scheduler = PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1, set_alpha_to_one=False)
    return StableDiffusionPipeline(
        vae=_vae(), text_encoder=_clip(tokenizer), tokenizer=tokenizer, unet=unet, scheduler=scheduler, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip


def sdxl() -> Any:
    """Stable Diffusion XL: UNet with sizes in its time embedding, two CLIPs of different width."""
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel

    one, two = tiny_words.clip(), tiny_words.clip("!")
    unet = UNet2DConditionModel(
        sample_size=SIDE // 8, block_out_channels=(16, 32, 32), layers_per_block=1, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=32 + 48, attention_head_dim=(2, 4, 4), norm_num_groups=8,
        transformer_layers_per_block=(1, 1, 2), use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=48 + 6 * 8,
    ).eval()  # fmt: skip
    scheduler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading")
    return StableDiffusionXLPipeline(
        vae=_vae(scaling_factor=0.13025), text_encoder=_clip(one), text_encoder_2=_clip(two, 48, projection=48), tokenizer=one, tokenizer_2=two, unet=unet,
        scheduler=scheduler, force_zeros_for_empty_prompt=True, add_watermarker=False,
    )  # fmt: skip


def sd3() -> Any:
    """Stable Diffusion 3.5: MMDiT, two CLIPs and T5, VAE of 16 channels."""
    from diffusers import SD3Transformer2DModel, StableDiffusion3Pipeline

    one, two, three = tiny_words.clip(), tiny_words.clip("!"), tiny_words.t5()
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 8, in_channels=16, num_layers=2, attention_head_dim=8, num_attention_heads=4, joint_attention_dim=64, caption_projection_dim=32,
        pooled_projection_dim=64, out_channels=16, pos_embed_max_size=64, dual_attention_layers=(0,), qk_norm="rms_norm",
    ).eval()  # fmt: skip
    return StableDiffusion3Pipeline(
        transformer=transformer, scheduler=_flow(shift=3.0), vae=_vae(16, use_quant_conv=False, use_post_quant_conv=False, scaling_factor=1.5305, shift_factor=0.0609),
        text_encoder=_clip(one, projection=32), tokenizer=one, text_encoder_2=_clip(two, projection=32), tokenizer_2=two, text_encoder_3=_t5(three, 64),
        tokenizer_3=three,
    )  # fmt: skip


def flux() -> Any:
    """FLUX.1: double and single blocks, CLIP pooled and T5."""
    from diffusers import FluxPipeline, FluxTransformer2DModel

    one, two = tiny_words.clip(), tiny_words.t5()
    transformer = FluxTransformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32, pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8), guidance_embeds=False,
    ).eval()  # fmt: skip
    return FluxPipeline(
        scheduler=_flow(shift=1.0, use_dynamic_shifting=False), vae=_vae(4, use_quant_conv=False, use_post_quant_conv=False, scaling_factor=0.3611, shift_factor=0.1159),
        text_encoder=_clip(one), tokenizer=one, text_encoder_2=_t5(two), tokenizer_2=two, transformer=transformer,
    )  # fmt: skip


def _qwen3(tokenizer: Any, layers: int) -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=layers, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        max_position_embeddings=2048, bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=True,
    )  # fmt: skip
    return Qwen3ForCausalLM(config).eval()


def flux2_klein() -> Any:
    """FLUX.2 klein: its own VAE with patched latents, Qwen3's layers 9, 18 and 27."""
    from diffusers import AutoencoderKLFlux2, Flux2KleinPipeline, Flux2Transformer2DModel

    tokenizer = tiny_words.qwen()
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 16, 16, 16), latent_channels=4, layers_per_block=1, norm_num_groups=4, sample_size=SIDE, batch_norm_eps=1e-4
    ).eval()
    transformer = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=48, timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
    ).eval()  # fmt: skip
    return Flux2KleinPipeline(
        scheduler=_flow(shift=3.0, use_dynamic_shifting=True), vae=vae, text_encoder=_qwen3(tokenizer, 28), tokenizer=tokenizer, transformer=transformer,
        is_distilled=True,
    )  # fmt: skip


def z_image() -> Any:
    """Z-Image: single stream, Qwen3's last layer but one."""
    from diffusers import ZImagePipeline, ZImageTransformer2DModel

    tokenizer = tiny_words.qwen()
    transformer = ZImageTransformer2DModel(
        in_channels=4, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16, axes_dims=[4, 6, 6], axes_lens=[512, 256, 256]
    ).eval()
    for name in ("x_pad_token", "cap_pad_token"):  # empty memory until weights are loaded
        getattr(transformer, name).data.normal_(std=0.02)
    return ZImagePipeline(
        scheduler=_flow(shift=3.0), vae=_vae(4, use_quant_conv=False, use_post_quant_conv=False, scaling_factor=0.3611, shift_factor=0.1159),
        text_encoder=_qwen3(tokenizer, 3), tokenizer=tokenizer, transformer=transformer,
    )  # fmt: skip


def qwen_image() -> Any:
    """Qwen-Image: double blocks, Qwen2.5-VL, a VAE of films."""
    from diffusers import AutoencoderKLQwenImage, QwenImagePipeline, QwenImageTransformer2DModel
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tokenizer = tiny_words.qwen()
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
            "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"}, "rope_theta": 1000000.0, "max_position_embeddings": 2048,
            "bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16},
        vision_start_token_id=0, vision_end_token_id=1, vision_token_id=2, image_token_id=3, video_token_id=4,
    )  # fmt: skip
    transformer = QwenImageTransformer2DModel(
        in_channels=16, out_channels=4, num_layers=2, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=16, axes_dims_rope=(8, 4, 4)
    ).eval()
    vae = AutoencoderKLQwenImage(base_dim=8, z_dim=4, dim_mult=[1, 2, 2, 2], num_res_blocks=1, latents_mean=[0.0] * 4, latents_std=[1.0] * 4).eval()
    return QwenImagePipeline(
        scheduler=_flow(shift=1.0, use_dynamic_shifting=True), vae=vae, text_encoder=Qwen2_5_VLForConditionalGeneration(config).eval(), tokenizer=tokenizer,
        transformer=transformer,
    )  # fmt: skip


def sana() -> Any:
    """Sana: linear attention, Gemma 2, a deep autoencoder (of 32 in the large, of 8 here)."""
    from diffusers import AutoencoderDC, DPMSolverMultistepScheduler, SanaPipeline, SanaTransformer2DModel
    from transformers import Gemma2Config, Gemma2Model

    tokenizer = tiny_words.gemma()
    transformer = SanaTransformer2DModel(
        in_channels=4, out_channels=4, num_layers=1, num_attention_heads=2, attention_head_dim=8, num_cross_attention_heads=2, cross_attention_head_dim=8,
        cross_attention_dim=16, caption_channels=16, sample_size=32, patch_size=1,
    ).eval()  # fmt: skip
    vae = AutoencoderDC(
        latent_channels=4, attention_head_dim=2, encoder_block_types=("ResBlock",) * 4, decoder_block_types=("ResBlock",) * 4,
        encoder_block_out_channels=(8, 8, 16, 16), decoder_block_out_channels=(8, 8, 16, 16), encoder_layers_per_block=(1,) * 4,
        decoder_layers_per_block=(1,) * 4, encoder_qkv_multiscales=((), (), (), (5,)), decoder_qkv_multiscales=((), (), (), (5,)),
        downsample_block_type="conv", upsample_block_type="interpolate", decoder_norm_types="rms_norm", decoder_act_fns="silu", scaling_factor=0.41407,
    ).eval()  # fmt: skip
    text = Gemma2Model(Gemma2Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        max_position_embeddings=1024,
    )).eval()  # fmt: skip
    return SanaPipeline(
        tokenizer=tokenizer, text_encoder=text, vae=vae, transformer=transformer,
        scheduler=DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
    )  # fmt: skip


FAMILIES: dict[str, Callable[[], Any]] = {
    "sd15": sd15, "sdxl": sdxl, "sd3": sd3, "flux": flux, "flux2-klein": flux2_klein, "z-image": z_image, "qwen-image": qwen_image, "sana": sana,
}  # fmt: skip
