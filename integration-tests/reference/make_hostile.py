"""Writes small media files that a server must refuse, or survive, without harm.

    python3 make_hostile.py

Writes integration-tests/src/test/resources/hostile/; HOSTILE says what each file is.
"""
import argparse
import io
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

import mp4
from clips import ROOT

OUT = ROOT / "integration-tests" / "src" / "test" / "resources" / "hostile"
HOURS_3 = 3 * 60 * 60  # seconds


def random_bytes():
    """No container at all, whatever the name says."""
    return np.random.default_rng(0).bytes(4096)


def clip(index_first):
    """A harmless clip of 16 frames, to be cut."""
    frames = np.random.default_rng(1).integers(0, 256, (16, 56, 56, 3), dtype=np.uint8)
    return mp4.encode(frames, index_first=index_first)


def cut(data):
    """The first 60 percent of a file."""
    return data[: len(data) * 6 // 10]


def three_hours_of_frames():
    """A picture of one pixel, every two seconds for three hours: 5400 frames in little more than their index."""
    return mp4.encode(np.zeros((HOURS_3 // 2, 1, 1, 3), np.uint8), fps="1/2", pixels="yuv444p")


def three_hours_in_two_frames():
    """Two frames, the second three hours after the first."""
    return mp4.encode(np.zeros((2, 28, 28, 3), np.uint8), fps=Fraction(1, HOURS_3))


def png_chunk(kind, body):
    """A chunk of a PNG file with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(side=20000):
    """A valid black PNG of one bit a pixel: 50 kB that become 400 million pixels."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = bytes((1 + (side + 7) // 8) * side)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows, 9))
            + png_chunk(b"IEND", b""))


def audio_only(rate=8000):
    """One second of a 440 Hz tone as AAC in mp4: a sound file without a video stream."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.int16)[None]
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


HOSTILE = {
    "not-a-video.mp4": random_bytes,
    "empty.mp4": lambda: b"",
    "cut-index-first.mp4": lambda: cut(clip(index_first=True)),  # promises 16 frames and holds some
    "cut-index-last.mp4": lambda: cut(clip(index_first=False)),  # holds frames and no index to find them by
    "three-hours-of-frames.mp4": three_hours_of_frames,
    "three-hours-in-two-frames.mp4": three_hours_in_two_frames,
    "huge.png": huge_png,
    "audio-only.mp4": audio_only,
}


def main():
    parser = argparse.ArgumentParser(description="Writes media files that a server must refuse or survive.")
    parser.add_argument("--out", type=Path, default=OUT, help="default: %(default)s")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, make in HOSTILE.items():
        data = make()
        (args.out / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
