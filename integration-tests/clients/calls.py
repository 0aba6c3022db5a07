"""What the clients are asked, in terms of the models of this repository; `kind` is a module of tritonclient."""

import inspect

import numpy as np

STREAMED = "moving-digits"  # decoupled
SINGLE = "kv_compression"
TOKENS = 60
STAGE_PARAMETERS = {"recent_tokens": 2, "sink_tokens": 1}


def stage_arrays():
    """OBSERVED_ATTENTION [4, 1, T], KEYS [2, T, 4], VALUES [2, T, 4]"""
    random = np.random.default_rng(3)
    return {
        "OBSERVED_ATTENTION": random.random((4, 1, TOKENS), dtype=np.float32),
        "KEYS": random.random((2, TOKENS, 4), dtype=np.float32),
        "VALUES": random.random((2, TOKENS, 4), dtype=np.float32),
    }


def stage_inputs(kind, arrays, **options):
    inputs = []
    for name, array in arrays.items():
        tensor = kind.InferInput(name, array.shape, "FP32")
        tensor.set_data_from_numpy(array, **options)
        inputs.append(tensor)
    return inputs


def check_stage(result, arrays, keys=None):
    """The kept rows are the rows of the input; returns a word on it."""
    indices = result.as_numpy("KEPT_INDICES")
    kept = result.as_numpy("KEYS") if keys is None else keys
    for head in range(2):
        np.testing.assert_array_equal(kept[head], arrays["KEYS"][head][indices[head]])
    return f"kept {indices.shape[1]} of {TOKENS}"


def equal(result, wanted):
    """What a call said, or will say where it is awaited, if that is what it should."""
    if inspect.isawaitable(result):

        async def awaited():
            return equal(await result, wanted)

        return awaited()
    assert result == wanted, f"{result!r} instead of {wanted!r}"
    return result


def prompt(kind, text, tokens=None):
    """The inputs of a question, and its parameters."""
    question = kind.InferInput("text_input", [1], "BYTES")
    question.set_data_from_numpy(np.array([text.encode()], dtype=object))
    stream = kind.InferInput("stream", [1], "BOOL")
    stream.set_data_from_numpy(np.array([True]))
    return [question, stream], {"max_tokens": tokens, "ignore_eos": True} if tokens else {}


def piece(result):
    """The text of a response, or nothing for an empty one."""
    text = result.as_numpy("text_output")
    return "" if text is None else b"".join(text.flatten()).decode()


def is_final(result):
    return result.get_response().parameters["triton_final_response"].bool_param
