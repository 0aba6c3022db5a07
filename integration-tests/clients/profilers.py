"""perf_analyzer and genai-perf, mode by mode, against a running server with the models of this repository; see profilers.sh."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from table import Table

MODEL = Path(__file__).resolve().parents[2] / "model-repository/moving-digits/1"
QUESTION = {"text_input": ["How many digits are there?"], "stream": [True], "sampling_parameters": ['{"max_tokens":"8"}']}
STAGE = "--shape OBSERVED_ATTENTION:4,1,60 --shape KEYS:2,60,4 --shape VALUES:2,60,4 --input-data zero".split()
PATIENCE = 300


class Profilers:
    def __init__(self, folder, analyzer, host, http, grpc, metrics):
        self.folder = folder
        self.http, self.grpc, self.metrics = (f"{host}:{port}" for port in (http, grpc, metrics))
        self.analyzer = analyzer
        programs = folder / "bin"
        programs.mkdir()
        (programs / "perf_analyzer").symlink_to(analyzer)  # genai-perf looks for it on the path
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        (folder / "questions.json").write_text(json.dumps({"data": [QUESTION]}))

    def run(self, *command):
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            raise RuntimeError(f"ended with {done.returncode}: {done.stdout[-300:]}")
        return done.stdout

    def analyze(self, model, protocol, *options):
        url = self.grpc if protocol == "grpc" else self.http
        output = self.run(
            self.analyzer, "-m", model, "--service-kind", "triton", "-i", protocol, "-u", url, "--request-count", 50, *options
        )
        words = re.search(r"Successful request count: (\d+)", output), re.search(r"throughput: [\d.]+ infer/sec", output)
        assert all(words), output[-300:]
        assert int(words[0].group(1)) >= 50, words[0].group()
        return f"{words[0].group()}, {words[1].group()}"

    def generate(self, *options):
        self.run(
            Path(sys.executable).parent / "genai-perf",
            *("profile", "-m", "moving-digits", "--tokenizer", MODEL, "--artifact-dir", "artifacts"),
            *("--synthetic-input-tokens-mean", 20, "--output-tokens-mean", 8),
            *("--request-count", 20, "--concurrency", 2, *options),
        )
        report = json.loads(next(self.folder.glob("artifacts/**/profile_export_genai_perf.json")).read_text())
        requests = report["request_count"]["avg"]
        for file in sorted(self.folder.glob("artifacts/**/*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        assert requests == 20, f"{requests} of 20 requests count"
        latency = report["request_latency"]
        first = report.get("time_to_first_token")
        words = f"{requests:.0f} requests, {latency['p50']:.0f} {latency['unit']} at the median"
        return words + (f", first token after {first['p50']:.0f} {first['unit']}" if first else "")


def rows(profilers):
    streamed = ("--streaming", "--input-data", "questions.json", "--shape", "text_input:1")
    metrics = ("--collect-metrics", "--metrics-url", f"{profilers.metrics}/metrics")
    picture = "--image-width-mean 112 --image-width-stddev 0 --image-height-mean 112 --image-height-stddev 0".split()
    # It leaves answers without text out of its counts, so each goes on to its end.
    openai = ("-u", f"http://{profilers.http}", "--extra-inputs", "ignore_eos:true")
    analyze, generate = profilers.analyze, profilers.generate
    yield "perf_a.", "http", lambda: analyze("kv_compression", "http", "--concurrency-range", 2, *STAGE)
    yield "perf_a.", "grpc, async", lambda: analyze("kv_compression", "grpc", "--concurrency-range", 4, "--async", *STAGE)
    yield "perf_a.", "http, metrics", lambda: analyze("kv_compression", "http", *metrics, *STAGE)
    yield "perf_a.", "grpc, streaming, decoupled", lambda: analyze("moving-digits", "grpc", *streamed)
    yield (
        "genai",
        "vllm backend, streaming",
        lambda: generate("--backend", "vllm", "--endpoint-type", "kserve", "--streaming", "-u", profilers.grpc),
    )
    yield (
        "genai",
        "openai multimodal, streaming",
        lambda: generate("--endpoint-type", "multimodal", "--streaming", *picture, *openai),
    )
    yield "genai", "openai multimodal", lambda: generate("--endpoint-type", "multimodal", *picture, *openai)
    yield "genai", "openai chat, streaming", lambda: generate("--endpoint-type", "chat", "--streaming", *openai)
    yield "genai", "openai completions", lambda: generate("--endpoint-type", "completions", *openai)
    yield "genai", "generate", lambda: generate("--endpoint-type", "generate", *openai)


def find_analyzer():
    """The program itself: the script of the same name in the environment only calls it."""
    if "PERF_ANALYZER" in os.environ:
        return Path(os.environ["PERF_ANALYZER"]).resolve()
    for file in metadata.files("perf-analyzer") or []:
        if file.name == "perf_analyzer" and "perf_analyzer/bin" in str(file):
            return Path(file.locate()).resolve()
    return None


def main():
    host, http, grpc, metrics = (sys.argv[1:] + ["127.0.0.1", "8000", "8001", "8002"][len(sys.argv) - 1 :])[:4]
    analyzer = find_analyzer()
    if analyzer is None:
        print(
            "perf_analyzer cannot run here: its wheel wants glibc 2.38, and this system has",
            " ".join(os.confstr("CS_GNU_LIBC_VERSION").split()),
        )
        print("genai-perf runs it for every mode, so none can. GrpcIT, DemonstrationIT and OpenAiIT make the same calls.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        profilers = Profilers(Path(folder), analyzer, host, http, grpc, metrics)
        version = profilers.run(analyzer, "--version").splitlines()[-1]
        print(version, "| genai-perf", metadata.version("genai-perf"), "against", host)
        table = Table()
        for client, mode, call in rows(profilers):
            table.attempt(client, mode, call)
    failures = table.failures()
    print(f"{len(table.rows) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"in {time.perf_counter() - started:.1f} s")
    sys.exit(code)
