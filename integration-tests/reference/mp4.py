"""Writes and reads H.264 mp4 files in memory, through PyAV."""
import io
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CRF = 34
"""The digits stay readable and their noisy background, which is most of the bits, mostly goes."""


def encode(frames, fps=2, crf=CRF, pixels="yuv420p", index_first=True):
    """Encodes frames (n, height, width, 3) uint8 RGB, sides even; one thread, so that equal frames give equal bytes.

    :param index_first: whether the index (the moov box) stands before the pictures or after them
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")  # on disk, since moving the index to the front reads the file again
        options = {"movflags": "+faststart"} if index_first else {}
        with av.open(path, "w", format="mp4", options=options) as container:
            stream = container.add_stream("libx264", rate=Fraction(fps))
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = pixels
            # Macroblock trees are off: with them x264 gives other bytes on every run, even on one thread.
            stream.options = {"crf": str(crf), "preset": "slow", "threads": "1", "x264-params": "mbtree=0"}
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()


def decode(data):
    """Decodes the first video stream.

    :return: all frames (n, height, width, 3) uint8 RGB, and the container's average frames per second
    """
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return np.stack(frames), float(stream.average_rate)
