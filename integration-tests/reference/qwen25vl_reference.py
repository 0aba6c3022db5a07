"""What the reference implementation answers to a question about a video.

    python3 qwen25vl_reference.py CHECKPOINT VIDEO.mp4 "Which digit flashes?" [--verify]

Every step is the reference's own code or its rule, in float32 on the CPU:

- frames: all are decoded to RGB, then chosen by the rule of qwen-vl-utils 0.0.14 with the checkpoint's own bounds;
- pixels: the slow image processor of transformers 4.57.6 (Pillow's bicubic);
- prompt: the checkpoint's chat template and tokenizer;
- model: Qwen2_5_VLForConditionalGeneration of transformers 4.57.6, with explicit position ids, because that version
  truncates the seconds between two slices to whole numbers and later ones place the text after a video elsewhere;
- answer: greedy, until one of the end tokens of generation_config.json.
"""
import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, DynamicCache, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

import mp4

MAX_NEW_TOKENS = 64


@dataclass(frozen=True)
class Video:
    """A sampled video, ready for the vision tower."""

    indices: list  # which frames of the file were taken
    frames: np.ndarray  # (n, height, width, 3) uint8, as decoded
    patches: torch.Tensor  # (t * h * w, 1176)
    grid: tuple  # (t, h, w), in patches
    seconds_per_grid: float  # between two slices of the grid


@dataclass(frozen=True)
class Answer:
    """A greedy answer and how it came about."""

    prompt_ids: list
    step_logits: np.ndarray  # (answer tokens, vocabulary): what each answer token was chosen from
    token_ids: list  # with the end token, if there was one
    text: str

    def smallest_margin(self):
        """Distance between the two best logits at the least certain step: how much noise the answer bears."""
        best = np.sort(self.step_logits, axis=1)[:, -2:]
        return float((best[:, 1] - best[:, 0]).min())


def sample_indices(total, video_fps, rule):
    """Frames that qwen-vl-utils takes of a video: evenly spread, both ends included, an even number of them."""
    low, high = -(-rule["min_frames"] // 2) * 2, min(rule["max_frames"], total) // 2 * 2
    count = int(min(max(total / video_fps * rule["fps"], low), high, total)) // 2 * 2
    if count < 2:
        raise ValueError(f"a video needs at least 2 frames, got {total}")
    return torch.linspace(0, total - 1, count).round().long().tolist()


def position_ids(grid, before, after, seconds_per_grid, tokens_per_second):
    """M-RoPE positions (3, n) of a prompt with one video, by the rule of the first release.

    Text after the video starts at the largest position so far plus one.
    """
    t, h, w = grid[0], grid[1] // 2, grid[2] // 2
    times = (torch.arange(t).float() * seconds_per_grid * tokens_per_second).long()
    video = torch.stack(torch.meshgrid(times, torch.arange(h), torch.arange(w), indexing="ij")).reshape(3, -1) + before
    text_before = torch.arange(before).expand(3, -1)
    text_after = (torch.arange(after) + int(video.max()) + 1).expand(3, -1)
    return torch.cat([text_before, video, text_after], 1)


def read_config(checkpoint):
    """Reads config.json, also as transformers 5 writes it: 4.57.6 looks for rope_theta and rope_scaling."""
    raw = json.loads(Path(checkpoint, "config.json").read_text())
    text = raw.get("text_config", raw)
    rope = text.pop("rope_parameters", None)
    if rope is not None:
        text["rope_theta"] = rope["rope_theta"]
        text["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    return Qwen2_5_VLConfig(**raw)


def load_model(checkpoint):
    """The model in float32, with torch's fused attention."""
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        checkpoint, config=read_config(checkpoint), dtype=torch.float32, attn_implementation="sdpa").eval()


class Reference:
    """One loaded checkpoint."""

    def __init__(self, checkpoint):
        checkpoint = Path(checkpoint)
        self.model = load_model(checkpoint)
        self.config = self.model.config
        self.tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        self.video_rule = json.loads((checkpoint / "video_preprocessor_config.json").read_text())
        ends = json.loads((checkpoint / "generation_config.json").read_text())["eos_token_id"]
        self.end_ids = set(ends if isinstance(ends, list) else [ends])

    def read_video(self, data):
        """Decodes, samples, resizes and flattens an mp4 file."""
        frames, video_fps = mp4.decode(data)
        indices = sample_indices(len(frames), video_fps, self.video_rule)
        rule = self.video_rule
        patches, grid = Qwen2VLImageProcessor()._preprocess(
            list(frames[indices]), size=rule["size"], resample=rule["resample"], do_resize=True, do_rescale=True,
            rescale_factor=rule["rescale_factor"], do_normalize=True, image_mean=rule["image_mean"],
            image_std=rule["image_std"], patch_size=rule["patch_size"], merge_size=rule["merge_size"],
            temporal_patch_size=rule["temporal_patch_size"], do_convert_rgb=True)
        sampled_fps = len(indices) / len(frames) * video_fps
        seconds_per_grid = rule["temporal_patch_size"] / sampled_fps
        return Video(indices, frames[indices], torch.from_numpy(patches), grid, seconds_per_grid)

    def prompt_ids(self, question, video):
        """Token ids of the prompt, every visual token present as its placeholder."""
        content = [{"type": "video"}, {"type": "text", "text": question}]
        text = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True)
        placeholder = self.tokenizer.convert_ids_to_tokens(self.config.video_token_id)
        visual_tokens = video.grid[0] * video.grid[1] * video.grid[2] // 4
        return self.tokenizer(text.replace(placeholder, placeholder * visual_tokens))["input_ids"]

    def prompt_positions(self, ids, video):
        """Positions (3, 1, n) of a prompt."""
        before = ids.index(self.config.video_token_id)
        after = len(ids) - before - ids.count(self.config.video_token_id)
        rate = self.config.vision_config.tokens_per_second
        return position_ids(video.grid, before, after, video.seconds_per_grid, rate)[:, None]

    @torch.inference_mode()
    def answer(self, data, question):
        """The greedy answer to a question about an mp4 file."""
        return self.answer_video(self.read_video(data), question)

    @torch.inference_mode()
    def answer_video(self, video, question):
        """The same for a video that was read before."""
        ids = self.prompt_ids(question, video)
        position = self.prompt_positions(ids, video)
        cache, rows, tokens = DynamicCache(), [], []
        step = dict(input_ids=torch.tensor([ids]), pixel_values_videos=video.patches,
                    video_grid_thw=torch.tensor([video.grid]))
        while len(tokens) < MAX_NEW_TOKENS:
            out = self.model(**step, position_ids=position, past_key_values=cache, use_cache=True, logits_to_keep=1)
            rows.append(out.logits[0, -1])
            tokens.append(int(rows[-1].argmax()))
            if tokens[-1] in self.end_ids:
                break
            position = position.max().add(1).expand(3, 1, 1)
            step = dict(input_ids=torch.tensor([tokens[-1:]]))
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        return Answer(ids, torch.stack(rows).numpy(), tokens, text)

    @torch.inference_mode()
    def cache_error(self, data, question):
        """Largest difference between the logits of cached decoding and of one plain pass over prompt and answer."""
        video = self.read_video(data)
        answer = self.answer_video(video, question)
        rows, ids = answer.step_logits, answer.prompt_ids + answer.token_ids[:-1]
        plain = self.model(
            input_ids=torch.tensor([ids]), pixel_values_videos=video.patches, video_grid_thw=torch.tensor([video.grid]),
            position_ids=self.prompt_positions(ids, video), use_cache=False, logits_to_keep=len(rows)).logits
        return float(np.abs(plain[0].numpy() - rows).max())


def main():
    parser = argparse.ArgumentParser(description="Prints the reference's answer to a question about a video.")
    parser.add_argument("checkpoint", type=Path, help="a Qwen2.5-VL checkpoint directory")
    parser.add_argument("video", type=Path)
    parser.add_argument("question")
    parser.add_argument("--verify", action="store_true", help="also compare with a plain pass that uses no cache")
    args = parser.parse_args()
    reference, data = Reference(args.checkpoint), args.video.read_bytes()
    print(reference.answer(data, args.question).text)
    if args.verify:
        print(f"largest logit difference from a pass without cache: {reference.cache_error(data, args.question):.2e}")


if __name__ == "__main__":
    main()
