"""Tiny random pipelines of every family, built from configurations and saved as real ones are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import pre_tokenizers

PIXELS = 32
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
_BETAS = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())


def write_pipeline(family: str, folder: Path) -> Path:
    """A pipeline of `FAMILIES` in a folder of diffusers' format, and its path."""
    torch.manual_seed(0)
    pipe = FAMILIES[family](folder)
    pipe.save_pretrained(folder)
    return folder


def stable_diffusion(folder: Path, **unet: Any) -> Any:
    """Stable Diffusion, SD-Turbo: one CLIP."""
    return diffusers.StableDiffusionPipeline(
        vae=_vae(4),
        text_encoder=transformers.CLIPTextModel(_clip()),
        tokenizer=_clip_tokenizer(folder),
        unet=_unet(cross_attention_dim=32, **unet),
        scheduler=diffusers.EulerDiscreteScheduler(**_BETAS, timestep_spacing="trailing"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxs(folder: Path) -> Any:
    """SDXS: the same with a tiny autoencoder and a UNet without a middle."""
    pipe = stable_diffusion(folder, mid_block_type=None)
    channels = (8, 8)
    tiny = diffusers.AutoencoderTiny(
        encoder_block_out_channels=channels,
        decoder_block_out_channels=channels,
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
        latent_channels=4,
    )
    pipe.register_modules(vae=tiny)
    return pipe


def lcm(folder: Path) -> Any:
    """LCM: the UNet is told the guidance."""
    other = stable_diffusion(folder, time_cond_proj_dim=16)
    parts = {name: part for name, part in other.components.items() if name != "scheduler"}
    scheduler = diffusers.LCMScheduler(**_BETAS, clip_sample=False)
    return diffusers.LatentConsistencyModelPipeline(
        **parts, scheduler=scheduler, requires_safety_checker=False
    )


def sdxl(folder: Path) -> Any:
    """SDXL: two CLIPs, and sizes."""
    unet = _unet(
        cross_attention_dim=64,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 32,
        use_linear_projection=True,
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(4),
        text_encoder=transformers.CLIPTextModel(_clip()),
        text_encoder_2=transformers.CLIPTextModelWithProjection(_clip()),
        tokenizer=_clip_tokenizer(folder),
        tokenizer_2=_clip_tokenizer(folder),
        unet=unet,
        scheduler=diffusers.EulerDiscreteScheduler(**_BETAS),
        add_watermarker=False,
    )


def flux(folder: Path) -> Any:
    """FLUX.1: T5 and CLIP's pooled."""
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
    )
    return diffusers.FluxPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0),
        vae=_vae(4, shift_factor=0.05),
        text_encoder=transformers.CLIPTextModel(_clip()),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=transformers.T5EncoderModel(
            transformers.T5Config(
                vocab_size=len(_BYTES) + 3, d_model=32, d_ff=37, d_kv=8, num_heads=4, num_layers=2
            )
        ),
        tokenizer_2=_t5_tokenizer(),
        transformer=transformer,
    )


def flux2_klein(folder: Path) -> Any:
    """FLUX.2 klein: three layers of Qwen3, as deep as the real one has to be for them."""
    transformer = diffusers.Flux2Transformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * 16,
        timestep_guidance_channels=32,
        axes_dims_rope=[4, 4, 4, 4],
        guidance_embeds=False,
    )
    vae = diffusers.AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 8),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
        sample_size=32,
    )
    vae.bn.running_mean.normal_()
    vae.bn.running_var.uniform_(0.5, 2)
    return diffusers.Flux2KleinPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=transformers.Qwen3ForCausalLM(_qwen3(layers=28)),
        tokenizer=_qwen_tokenizer(folder),
        transformer=transformer,
        is_distilled=False,
    )


def z_image(folder: Path) -> Any:
    """Z-Image: the hidden layer before Qwen3's last."""
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 4, 8],
        axes_lens=[1024, 64, 64],
    )
    for token in (transformer.x_pad_token, transformer.cap_pad_token):
        torch.nn.init.normal_(token)
    return diffusers.ZImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(4, shift_factor=0.05),
        text_encoder=transformers.Qwen3Model(_qwen3(layers=2)),
        tokenizer=_qwen_tokenizer(folder),
        transformer=transformer,
    )


def qwen_image(folder: Path) -> Any:
    """Qwen-Image: the text half of Qwen2.5-VL."""
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.1, -0.2, 0.3, 0.0],
        latents_std=[0.5, 1.0, 1.5, 2.0],
    )
    text = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e6},
        "vocab_size": len(_BYTES) + 3,
    }
    vision = {
        "depth": 1,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_heads": 2,
        "out_hidden_size": 16,
    }
    config = transformers.Qwen2_5_VLConfig(text_config=text, vision_config=vision)
    return diffusers.QwenImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(config),
        tokenizer=_qwen_tokenizer(folder),
        transformer=transformer,
    )


FAMILIES: dict[str, Callable[[Path], Any]] = {
    "stable_diffusion": stable_diffusion,
    "sdxs": sdxs,
    "lcm": lcm,
    "sdxl": sdxl,
    "flux": flux,
    "flux2_klein": flux2_klein,
    "z_image": z_image,
    "qwen_image": qwen_image,
}


def _unet(**changes: Any) -> Any:
    middle = {"mid_block_type": "UNetMidBlock2DCrossAttn", **changes}
    return diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=PIXELS // 2,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4,
        norm_num_groups=2,
        **middle,
    )


def _vae(channels: int, **changes: Any) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=channels,
        norm_num_groups=2,
        sample_size=PIXELS,
        **changes,
    )


def _clip() -> Any:
    return transformers.CLIPTextConfig(
        hidden_size=32,
        projection_dim=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=2 * len(_BYTES) + 2,
        bos_token_id=2 * len(_BYTES),
        eos_token_id=2 * len(_BYTES) + 1,
        pad_token_id=1,
    )


def _qwen3(layers: int) -> Any:
    return transformers.Qwen3Config(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        vocab_size=len(_BYTES) + 3,
        max_position_embeddings=2048,
    )


def _clip_tokenizer(folder: Path) -> Any:
    """Letters, each also as the end of a word: CLIP's vocabulary without its merges."""
    words = [*_BYTES, *(f"{letter}</w>" for letter in _BYTES), "<|startoftext|>", "<|endoftext|>"]
    vocab, merges = _vocabulary(folder, words)
    return transformers.CLIPTokenizer(vocab, merges, model_max_length=77)


def _qwen_tokenizer(folder: Path) -> Any:
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocab, merges = _vocabulary(folder, [*_BYTES, *special])
    return transformers.Qwen2Tokenizer(
        vocab,
        merges,
        pad_token="<|endoftext|>",
        additional_special_tokens=special[1:],
        chat_template=CHAT,
        model_max_length=2048,
    )


def _vocabulary(folder: Path, words: list[str]) -> tuple[Any, Any]:
    return {word: number for number, word in enumerate(words)}, []


def _t5_tokenizer() -> Any:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -9.0), *((b, -5.0) for b in _BYTES)]
    return transformers.T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)
