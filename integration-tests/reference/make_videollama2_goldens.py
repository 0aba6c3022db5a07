"""Writes tiny random VideoLLaMA2 checkpoints of both generations and what the original code computes with them.

    git clone https://github.com/DAMO-NLP-SG/VideoLLaMA2 CHECKOUT
    python3 make_videollama2_goldens.py CHECKOUT ../../backend/src/test/resources/golden/videollama2

Needs Python 3.11, torch (any 2.x, CPU), transformers==4.40.0, tokenizers==0.19.1, timm==1.0.3, einops==0.6.1,
sentencepiece==0.1.99, protobuf, numpy, pillow==11.3.0, safetensors: an environment of its own. What is written:

    mistral/, qwen2/     checkpoints as the originals are laid out (bfloat16), the vision tower's configuration in a folder beside
                         them, where the original finds it too
    cases.json           for each case: frames chosen, hashes of pixel values, prompt, token ids, logits of the prompt's last token
                         and of greedy steps; of some, vision features, connector output and spliced embeddings,
                         and logits under sparse attention masks
    sampling.json        frame numbers of both versions of the code

Clips and pictures are computed (see `frame`), so that none is stored. They reach the original as a folder of png files, which it
samples as it samples a file, or as a list of pictures.
"""
import argparse
import base64
import hashlib
import importlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import safetensors
import sentencepiece
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file

import videollama2_reference

EARLIER = "1232384b1d71c8b41517bfa29f75c5f1b2496dc6"  # the last commit before version 1.5
SEED = 2
STEPS = 4
VOCABULARY = 384
DECODER = dict(
    vocab_size=VOCABULARY, hidden_size=64, intermediate_size=88, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=4096, rope_theta=1e6, tie_word_embeddings=False, hidden_act="silu")
MULTIMODAL = dict(
    mm_vision_select_layer=-2, mm_vision_select_feature="patch", image_aspect_ratio="pad", use_mm_proj=True,
    tune_mm_mlp_adapter=False, freeze_mm_mlp_adapter=False, tokenizer_padding_side="right", torch_dtype="bfloat16")
CLIP = dict(hidden_size=32, intermediate_size=44, num_hidden_layers=3, num_attention_heads=2, image_size=56, patch_size=14,
            hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=16)
SIGLIP = dict(hidden_size=36, intermediate_size=44, num_hidden_layers=3, num_attention_heads=3, image_size=76, patch_size=14,
              hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6)
ALL = 2**31 - 1
SPARSE = [  # first layer, spatial, temporal, window
    (0, True, True, ALL), (2, True, True, ALL), (1, True, True, 1), (1, True, False, ALL), (0, False, True, ALL)]
QUESTION = "What moves in the video, and where does it go?"
CORPUS = [
    QUESTION, "What is in the picture?", "You are a helpful, respectful and honest assistant.", "Describe the video.",
    "Always answer as helpfully as possible, while being safe.", "[INST] <<SYS>>", "<</SYS>>", "[/INST]",
    "If a question does not make any sense, explain why instead of answering something not correct.",
    "a red square moves to the left, a blue one moves up and a green circle stays where it is"]
MISTRAL_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ '[INST] ' + message['content'] + '\\n\\n' }}"
    "{% elif message['role'] == 'user' %}{% if loop.index0 == 0 or messages[loop.index0 - 1]['role'] != 'system' %}{{ '[INST] ' }}"
    "{% endif %}{{ message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}")
QWEN_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def frame(index, width, height):
    """A picture that a few lines of any language draw: smooth enough to resize, different in every frame and channel."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((37 * index + 3 * y + 5 * x + 71 * c + 13 * ((x * y + index) % 17)) % 256).astype(np.uint8)


def mistral_tokenizer(folder):
    """A SentencePiece model with bytes to fall back to, as Mistral's is, and its two forms."""
    os.chdir(folder)  # the model remembers the paths it was trained with
    corpus = Path("corpus.txt")
    corpus.write_text("\n".join(CORPUS * 8))
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix="tokenizer", vocab_size=VOCABULARY, model_type="bpe",
        byte_fallback=True, character_coverage=1.0, add_dummy_prefix=True, remove_extra_whitespaces=False,
        normalization_rule_name="identity", split_digits=True, bos_id=1, eos_id=2, unk_id=0, pad_id=-1, minloglevel=2)
    corpus.unlink()
    Path("tokenizer.vocab").unlink()
    tokenizer = transformers.LlamaTokenizer(str(Path(folder, "tokenizer.model")), legacy=True, add_bos_token=True)
    tokenizer.chat_template = MISTRAL_TEMPLATE
    tokenizer.save_pretrained(folder)
    transformers.LlamaTokenizerFast.from_pretrained(folder, legacy=True)._tokenizer.save(str(Path(folder, "tokenizer.json")))


def qwen_tokenizer(folder):
    """A byte-level tokenizer as Qwen2's is, and its two forms."""
    from tokenizers import ByteLevelBPETokenizer
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(CORPUS * 8, vocab_size=VOCABULARY - 8, min_frequency=2)
    trained.save_model(str(folder))
    tokenizer = transformers.Qwen2Tokenizer(str(Path(folder, "vocab.json")), str(Path(folder, "merges.txt")))
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.eos_token = "<|im_end|>"
    tokenizer.chat_template = QWEN_TEMPLATE
    tokenizer.save_pretrained(folder)
    transformers.Qwen2TokenizerFast.from_pretrained(folder)._tokenizer.save(str(Path(folder, "tokenizer.json")))


def build(name, out, package):
    """A checkpoint folder. Returns nothing: what is measured is read from the disk again."""
    folder = out / name
    folder.mkdir(parents=True)
    mistral = name == "mistral"
    tower = "tiny-clip" if mistral else "tiny-siglip"
    (mistral_tokenizer if mistral else qwen_tokenizer)(folder)
    (folder / tower).mkdir()
    if mistral:
        transformers.CLIPVisionConfig(**CLIP).save_pretrained(folder / tower)
        transformers.CLIPImageProcessor(size=dict(shortest_edge=56), crop_size=dict(height=56, width=56)).save_pretrained(
            folder / tower)
    else:
        transformers.SiglipVisionConfig(**SIGLIP).save_pretrained(folder / tower)
        transformers.SiglipImageProcessor(size=dict(height=76, width=76), image_mean=[0.5] * 3, image_std=[0.5] * 3
                                          ).save_pretrained(folder / tower)
    config = dict(
        DECODER, **MULTIMODAL, mm_vision_tower=tower, num_frames=8 if mistral else 16,
        mm_hidden_size=(CLIP if mistral else SIGLIP)["hidden_size"],
        mm_projector_type="stc_connector" if mistral else "stc_connector_v35")
    if mistral:
        config.update(model_type="videollama2_mistral", architectures=["Videollama2MistralForCausalLM"], rms_norm_eps=1e-5,
                      sliding_window=None, bos_token_id=1, eos_token_id=2)
    else:
        config.update(model_type="videollama2_qwen2", architectures=["Videollama2Qwen2ForCausalLM"], rms_norm_eps=1e-6,
                      use_sliding_window=False, sliding_window=4096, max_window_layers=4,
                      bos_token_id=VOCABULARY - 8, eos_token_id=json.loads((folder / "added_tokens.json").read_text())["<|im_end|>"])
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    os.chdir(folder)
    model_class = package.model.VLLMs[config["model_type"]]
    loaded = model_class(package.model.VLLMConfigs[config["model_type"]](**config))
    videollama2_reference.fill(loaded, torch.Generator().manual_seed(SEED))
    save_file({key: value.bfloat16().contiguous() for key, value in loaded.state_dict().items()
               if not key.endswith("position_ids")}, folder / "model.safetensors", metadata=dict(format="pt"))


class Original:
    """One checkpoint in the original code."""

    def __init__(self, folder, package):
        os.chdir(folder)
        config = transformers.AutoConfig.from_pretrained(folder)
        self.model = package.model.VLLMs[config.model_type].from_pretrained(folder, config=config, torch_dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder, use_fast=False)
        if self.tokenizer.pad_token is None and self.tokenizer.unk_token is not None:
            self.tokenizer.pad_token = self.tokenizer.unk_token
        self.processor = self.model.get_vision_tower().image_processor
        self.package = package

    def pixels(self, case):
        """Pixel values by the original's process_image or process_video."""
        options = dict(aspect_ratio="pad" if case["padding"] == "pad" else None)
        mm = self.package.mm_utils
        with tempfile.TemporaryDirectory() as folder:
            count, width, height = case["media"]
            pictures = [Image.fromarray(frame(i, width, height)) for i in range(count)]
            if case["kind"] == "image":
                pictures[0].save(Path(folder, "image.png"))
                return mm.process_image(str(Path(folder, "image.png")), self.processor, **options)
            if case["kind"] == "frames":
                return mm.process_video(pictures, self.processor, num_frames=case["frames"], **options)
            if case["kind"] == "gif":
                few = [picture.quantize(32) for picture in pictures]
                few[0].save(Path(folder, "clip.gif"), save_all=True, append_images=few[1:], duration=100, disposal=1)
                case["gif"] = base64.b64encode(Path(folder, "clip.gif").read_bytes()).decode()
                return mm.process_video(str(Path(folder, "clip.gif")), self.processor, num_frames=case["frames"], **options)
            for i, picture in enumerate(pictures):
                picture.save(Path(folder, f"{i:03}.png"))
            return mm.process_video(folder, self.processor, num_frames=case["frames"], **options)

    def run(self, case):
        """Answers by mm_infer, greedily, and keeps what passes through it."""
        self.model.config.num_frames = case["frames"]
        pixels = None if case["kind"] == "text" else self.pixels(case)
        seen = {}
        generate = type(self.model).generate

        def watched(model, ids, **kwargs):
            seen.update(ids=ids, images=kwargs["images"], mask=kwargs["attention_mask"])
            kwargs.pop("stopping_criteria")  # end tokens stop as well
            seen["tokens"] = generate(model, ids, **kwargs)
            return seen["tokens"]

        self.model.generate = watched.__get__(self.model)
        modal = {"image": "image", "text": "text"}.get(case["kind"], "video")
        apply = self.tokenizer.apply_chat_template

        def templated(*args, **kwargs):
            case["prompt"] = apply(*args, **kwargs)
            return case["prompt"]

        self.tokenizer.apply_chat_template = templated
        try:
            self.package.mm_infer(pixels, case["question"], self.model, self.tokenizer, modal=modal, max_new_tokens=STEPS)
        finally:
            del self.model.generate, self.tokenizer.apply_chat_template
        self.measure(case, pixels, seen["ids"], seen["images"], seen["tokens"][0].tolist())

    def run_earlier(self, case, mm_utils):
        """Prompt and ids as before version 1.5; the model itself is the same."""
        self.model.config.num_frames = case["frames"]
        conversation = importlib.import_module("videollama2.conversation").conv_templates["llama2"].copy()
        modal = "image" if case["kind"] == "image" else "video"
        pixels = None if case["kind"] == "text" else self.pixels(case)
        if case["kind"] == "video":
            count, width, height = case["media"]
            chosen = [Image.fromarray(frame(i, width, height)) for i in frames_before(count, case["frames"])]
            pixels = mm_utils.process_video(chosen, self.processor, aspect_ratio=case["padding"], num_frames=case["frames"])
        tag = "" if case["kind"] == "text" else f"<{modal}>\n"
        conversation.append_message(conversation.roles[0], tag + case["question"])
        conversation.append_message(conversation.roles[1], None)
        case["prompt"] = conversation.get_prompt()
        index = {"image": -200, "video": -201}[modal]
        ids = mm_utils.tokenizer_MMODAL_token(case["prompt"], self.tokenizer, index, return_tensors="pt").unsqueeze(0)
        images = None if pixels is None else [(pixels, modal)]
        with torch.inference_mode():
            tokens = self.model.generate(ids, images=images, attention_mask=torch.ones_like(ids), do_sample=False,
                                         max_new_tokens=STEPS, pad_token_id=self.tokenizer.eos_token_id)
        self.measure(case, pixels, ids, images, tokens[0].tolist())

    @torch.inference_mode()
    def measure(self, case, pixels, ids, images, tokens):
        case["ids"] = ids[0].tolist()
        case["tokens"] = tokens
        embeddings = self.model.get_model().embed_tokens(ids) if images is None else \
            self.model.prepare_inputs_labels_for_multimodal(ids, None, None, None, images)[3]
        case["length"] = embeddings.shape[1]
        answer = self.model.get_model().embed_tokens(torch.tensor([tokens[:-1]]))
        # The parent's forward: the own one looks for pictures where there are embeddings already.
        logits = self.model(inputs_embeds=torch.cat([embeddings, answer], 1)).logits[0, -len(tokens):]
        assert logits.argmax(-1).tolist() == tokens, case["name"]
        case["logits"] = [[float(f"{value:.7g}") for value in row] for row in logits.tolist()]
        if pixels is not None:
            case["pixelsSha256"] = hashlib.sha256(np.ascontiguousarray(pixels.numpy().astype("<f4")).tobytes()).hexdigest()
        if case.pop("whole", False):
            features = self.model.get_vision_tower()(pixels)
            case["features"] = floats(features)
            case["connected"] = floats(self.model.encode_images_or_videos(images)[0])
            case["embeddings"] = floats(embeddings[0])
            case["sparse"] = [self.sparse(case["ids"], embeddings, first, *reach) for first, *reach in SPARSE]

    def sparse(self, ids, embeddings, first, spatial, temporal, window):
        """Logits of the last token when the layers from `first` on see by a spatial-temporal pattern: that is no part of the
        original, so it comes in as their attention mask."""
        tokens = embeddings.shape[1]
        start = next(i for i, each in enumerate(ids) if each < 0)
        count = tokens - len(ids) + 1
        side = self.model.get_vision_tower().num_patches_per_side
        side = side // 2 + 1 if self.model.config.mm_projector_type == "stc_connector" else side // 2
        offset = np.arange(tokens) - start
        visual = (offset >= 0) & (offset < count)
        back = offset[:, None] // side**2 - offset[None] // side**2
        within = np.eye(tokens, dtype=bool)
        if spatial:
            within |= back == 0
        if temporal:
            within |= (offset[:, None] % side**2 == offset[None] % side**2) & (back >= 1) & (back <= window)
        allowed = torch.from_numpy(np.tril(~visual[:, None] | ~visual[None] | within))
        mask = torch.zeros(1, 1, tokens, tokens).masked_fill(~allowed, float("-inf"))
        hooks = [layer.register_forward_pre_hook(
            lambda _, args, kwargs: (args, {**kwargs, "attention_mask": mask}), with_kwargs=True)
            for layer in self.model.get_model().layers[first:]]
        logits = self.model(inputs_embeds=embeddings).logits[0, -1]
        for hook in hooks:
            hook.remove()
        return dict(firstLayer=first, spatial=spatial, temporal=temporal, window=window,
                    logits=[float(f"{value:.7g}") for value in logits.tolist()])


def floats(tensor):
    """Shape, and the numbers as little-endian float32."""
    return dict(shape=list(tensor.shape), base64=base64.b64encode(tensor.numpy().astype("<f4").tobytes()).decode())


def case(name, kind, frames, media=None, padding="none", question=QUESTION, **more):
    return dict(name=name, kind=kind, frames=frames, media=media, padding=padding, question=question, **more)


def cases(frames):
    """Media are (frames, width, height)."""
    return [
        case("clip", "video", frames, (20, 53, 37), whole=True),
        case("clip-padded", "video", frames, (20, 37, 53), padding="pad"),
        case("clip-shorter-than-asked", "video", frames, (3, 64, 64)),
        case("clip-of-one-frame", "video", frames, (1, 30, 80)),
        case("frames-padded-with-black", "frames", frames, (5, 41, 60), padding="pad"),
        case("frames-all-taken", "frames", frames, (frames + 2, 60, 41)),
        case("gif-shorter-than-asked", "gif", frames, (4, 40, 30)),
        case("picture-wide", "image", frames, (1, 90, 31)),
        case("picture-tall", "image", frames, (1, 31, 90), padding="pad", question="What is in the picture?"),
        case("text", "text", frames, question="Naïve – 日本? \U0001f600 12345"),
    ]


def frames_before(duration, count):
    """The uniform sampling inside process_video of the earlier commit, which cannot be called for itself."""
    seg = float(duration - 1) / count
    return [(int(np.round(seg * i)) + int(np.round(seg * (i + 1)))) // 2 for i in range(count)]


def sampling(mm_utils):
    """Frame numbers for (frames of the clip, frames asked for)."""
    return [dict(clip=clip, frames=count, now=mm_utils.frame_sample(clip, "uniform", num_frames=count).tolist(),
                 before=frames_before(clip, count))
            for clip in (1, 2, 3, 7, 8, 16, 17, 31, 100, 250, 997, 3001) for count in (1, 8, 16, 32)]


def main():
    parser = argparse.ArgumentParser(description="Writes goldens by VideoLLaMA2's own code.")
    parser.add_argument("checkout", type=Path, help="a git checkout of the original repository")
    parser.add_argument("out", type=Path, help="backend/src/test/resources/golden/videollama2")
    args = parser.parse_args()
    checkout, out = args.checkout.resolve(), args.out.resolve()
    package = videollama2_reference.load(checkout)
    earlier = videollama2_reference.earlier(checkout, EARLIER, "videollama2/mm_utils.py")
    torch.manual_seed(SEED)
    shutil.rmtree(out, ignore_errors=True)
    for name in ("mistral", "qwen2"):
        build(name, out, package)
    written = {}
    for name, frames in (("mistral", 8), ("qwen2", 16)):
        original = Original(out / name, package)
        written[name] = cases(frames)
        if name == "mistral":
            written[name] += [case("one-frame", "video", 1, (9, 53, 37)), case("sixteen-frames", "video", 16, (40, 53, 37))]
        for each in written[name]:
            original.run(each)
            print(name, each["name"], each["length"], each["tokens"])
        if name == "mistral":
            written["mistral-before"] = [
                case("clip", "video", frames, (20, 53, 37), padding="pad"),
                case("picture", "image", frames, (1, 90, 31), padding="pad"), case("text", "text", frames)]
            for each in written["mistral-before"]:
                original.run_earlier(each, earlier)
                print("mistral-before", each["name"], each["length"], each["tokens"])
    versions = dict(
        commit=videollama2_reference.commit(checkout), earlier=EARLIER, python=sys.version.split()[0], torch=torch.__version__,
        transformers=transformers.__version__, timm=__import__("timm").__version__, sentencepiece=sentencepiece.__version__,
        numpy=np.__version__, pillow=Image.__version__, safetensors=safetensors.__version__)
    (out / "cases.json").write_text(json.dumps(dict(versions=versions, cases=written)))
    (out / "sampling.json").write_text(json.dumps(sampling(package.mm_utils)))


if __name__ == "__main__":
    main()
