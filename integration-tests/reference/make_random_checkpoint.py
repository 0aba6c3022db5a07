"""Writes a Qwen2.5-VL checkpoint with random weights and a tiny vision tower: for measurements, never for answers.

    python3 make_random_checkpoint.py OUT          # decoder of the shape of Qwen2.5-0.5B: 1.4 GB

The layout is what transformers' save_pretrained writes, in float32. Tokenizer, preprocessors and special ids are those
of an existing checkpoint (the demonstration's), so that a server can load the result.
"""
import argparse
import json
import math
import shutil
from pathlib import Path

import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from clips import CHECKPOINT

COPIED = ("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "video_preprocessor_config.json",
          "generation_config.json")
SPECIAL_IDS = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")


def mrope_section(head_width):
    """Shares of the rotary frequencies for time, height and width, as in the released models: 2, 3 and 3 eighths."""
    if head_width % 16:
        raise ValueError(f"the head width must be a multiple of 16, got {head_width}")
    return [head_width // 8, head_width * 3 // 16, head_width * 3 // 16]


def configure(args, like):
    """The model's configuration; `like` is the parsed config.json of the checkpoint whose tokenizer is used."""
    tokens = like["text_config"]
    text = dict(
        vocab_size=args.vocab, hidden_size=args.hidden, intermediate_size=args.intermediate,
        num_hidden_layers=args.layers, num_attention_heads=args.heads, num_key_value_heads=args.key_value_heads,
        max_position_embeddings=32768, rms_norm_eps=1e-6, rope_theta=1e6, use_sliding_window=False,
        rope_scaling={"type": "mrope", "mrope_section": mrope_section(args.hidden // args.heads)},
        tie_word_embeddings=True, **{key: tokens[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")})
    vision = dict(
        depth=2, hidden_size=64, num_heads=4, intermediate_size=128, window_size=112, fullatt_block_indexes=[1],
        out_hidden_size=args.hidden, tokens_per_second=2)
    return Qwen2_5_VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=True,
                            **{key: like[key] for key in SPECIAL_IDS})


@torch.no_grad()
def randomize(model, layers, seed):
    """Draws all weights anew: hidden states keep their scale through any depth, and no bias or norm is trivial."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.dim() == 1:
            is_norm = name.endswith("weight")
            weight.normal_(1.0 if is_norm else 0.0, 0.1 if is_norm else 0.02, generator=generator)
            continue
        scale = 1 / math.sqrt(weight[0].numel())
        if name.endswith(("o_proj.weight", "down_proj.weight", "attn.proj.weight")):
            scale /= math.sqrt(2 * layers)
        weight.normal_(0, scale, generator=generator)


def main():
    parser = argparse.ArgumentParser(description="Writes a Qwen2.5-VL checkpoint with random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--hidden", type=int, default=896, help="default: %(default)s")
    parser.add_argument("--layers", type=int, default=24, help="default: %(default)s")
    parser.add_argument("--heads", type=int, default=14, help="default: %(default)s")
    parser.add_argument("--key-value-heads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--intermediate", type=int, default=4864, help="default: %(default)s")
    parser.add_argument("--vocab", type=int, default=4096, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--like", type=Path, default=CHECKPOINT,
                        help="checkpoint whose tokenizer and preprocessors are copied (default: %(default)s)")
    args = parser.parse_args()
    config = configure(args, json.loads((args.like / "config.json").read_text()))
    model = Qwen2_5_VLForConditionalGeneration(config)
    randomize(model, args.layers, args.seed)
    model.save_pretrained(args.out)
    for name in COPIED:
        shutil.copyfile(args.like / name, args.out / name)
    print(f"{args.out}: {sum(p.numel() for p in model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
