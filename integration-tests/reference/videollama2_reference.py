"""Imports VideoLLaMA2's own code from a checkout, without what a CPU does not need, and builds tiny random checkpoints for it.

Used by make_videollama2_goldens.py and videollama2_benchmark.py; see the former for versions. What is not the original:

    decord, cv2, imageio, torchvision   stand-ins; clips come as folders of frames, which the original reads by Pillow
    flash attention                     eager attention, which is its definition; for times torch's fused one where there is one
    half precision and .cuda()          float32 where the weights are
"""
import importlib.abc
import importlib.machinery
import subprocess
import sys
import types
from pathlib import Path

import torch
import transformers
from PIL import Image, ImageSequence


class Attributes(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class Anything(metaclass=Attributes):
    """Stands for a function or class that is imported and never used."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return args[0] if args and callable(args[0]) else Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __class_getitem__(cls, item):
        return cls

    def __or__(self, other):
        return self


def stand_in(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (Anything,), {})


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    NAMES = ("torchvision", "decord", "cv2", "imageio", "moviepy", "scenedetect")

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.NAMES:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__version__ = "0.20.0"
        module.__getattr__ = stand_in
        return module

    def exec_module(self, module):
        if module.__name__ == "imageio":
            module.get_reader = gif_frames
        if module.__name__ == "cv2":
            module.COLOR_RGBA2RGB = 0
            module.cvtColor = lambda frame, code: frame[:, :, :3]


def gif_frames(path):
    """All frames of a gif as RGBA arrays, as imageio gives them."""
    import numpy as np
    return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(Image.open(path))]


def load(checkout, fused=False):
    """The original package, ready for a CPU; `fused` takes torch's fused attention for the decoder, as the original does there."""
    sys.meta_path.insert(0, StandIns())
    sys.path.insert(0, str(checkout))

    def eager(cls, config, *args, **kwargs):
        config._attn_implementation = "sdpa" if fused and cls._supports_sdpa else "eager"
        return config

    transformers.PreTrainedModel._autoset_attn_implementation = classmethod(eager)
    torch.Tensor.cuda = lambda self, *args, **kwargs: self
    torch.Tensor.half = lambda self, *args, **kwargs: self
    return importlib.import_module("videollama2")


def earlier(checkout, commit, path):
    """A module of an earlier commit, under a name of its own."""
    source = subprocess.run(["git", "-C", str(checkout), "show", f"{commit}:{path}"], check=True,
                            capture_output=True, text=True).stdout
    module = types.ModuleType("videollama2.earlier_" + Path(path).stem)
    module.__package__ = "videollama2"
    constants = importlib.import_module("videollama2.constants")
    old = types.ModuleType("constants_of_the_commit")
    exec(subprocess.run(["git", "-C", str(checkout), "show", f"{commit}:videollama2/constants.py"], check=True,
                        capture_output=True, text=True).stdout, old.__dict__)
    kept = dict(constants.__dict__)
    constants.__dict__.update({key: value for key, value in old.__dict__.items() if not key.startswith("__")})
    exec(compile(source, path, "exec"), module.__dict__)
    constants.__dict__.clear()
    constants.__dict__.update(kept)
    return module


def commit(checkout):
    return subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], check=True, capture_output=True,
                          text=True).stdout.strip()


def fill(model, generator):
    """Draws every weight so that it matters: matrices large enough, norms and biases away from one and zero."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.normal_(1.0 if name.endswith("weight") else 0.0, 0.2, generator=generator)
            else:
                # A connector has ten such products, one behind the other.
                weight.normal_(0.0, 1.2 / weight[0].numel() ** 0.5, generator=generator)
            weight.copy_(weight.bfloat16().float())
    return model
