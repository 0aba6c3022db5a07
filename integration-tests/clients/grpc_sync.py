"""tritonclient.grpc.InferenceServerClient"""

import queue

import tritonclient.grpc as grpcclient
from tritonclient.utils import InferenceServerException

import calls
from control_calls import control_calls
from shared_tensors import SharedTensors

PATIENCE = 60


def run(table, client, cancellations):
    def attempt(method, call, refused_with=None):
        table.attempt("grpc", method, call, refused_with)

    for method, call, refused_with in control_calls(client):
        attempt(method, call, refused_with)
    attempt("infer", lambda: infer(client))
    attempt("infer (gzip)", lambda: infer(client, compression_algorithm="gzip"))
    attempt("infer (deflate)", lambda: infer(client, compression_algorithm="deflate"))
    attempt("infer (outputs, classes)", lambda: classified(client))
    attempt("infer (decoupled model)", lambda: client.infer(calls.STREAMED, calls.prompt(grpcclient, "hi")[0]), "UNIMPLEMENTED")
    attempt("infer (missing input)", lambda: client.infer(calls.SINGLE, []), "INVALID_ARGUMENT")
    attempt("async_infer", lambda: async_infer(client))
    attempt("register_system_shared_memory, infer", lambda: shared(client))
    attempt("start_stream, async_stream_infer", lambda: stream(client))
    attempt("async_stream_infer (8 at a time)", lambda: many(client))
    attempt("async_stream_infer (errors)", lambda: errors(client))
    attempt("stop_stream (cancel_requests)", lambda: cancelled_stream(client, cancellations))


def infer(client, **options):
    arrays = calls.stage_arrays()
    result = client.infer(
        calls.SINGLE,
        calls.stage_inputs(grpcclient, arrays),
        request_id="1",
        parameters=calls.STAGE_PARAMETERS,
        priority=1,
        timeout=10_000_000,
        **options,
    )
    assert result.get_response().id == "1"
    return calls.check_stage(result, arrays)


def classified(client):
    wanted = grpcclient.InferRequestedOutput("KEPT_INDICES", class_count=2)
    result = client.infer(calls.SINGLE, calls.stage_inputs(grpcclient, calls.stage_arrays()), outputs=[wanted])
    return result.as_numpy("KEPT_INDICES").tolist()


def async_infer(client):
    arrays = calls.stage_arrays()
    answers = queue.Queue()
    for _ in range(4):
        client.async_infer(calls.SINGLE, calls.stage_inputs(grpcclient, arrays), lambda result, error: answers.put((result, error)))
    for _ in range(4):
        result, error = answers.get(timeout=PATIENCE)
        if error:
            raise error
        words = calls.check_stage(result, arrays)
    return f"4 times {words}"


def shared(client):
    tensors = SharedTensors(grpcclient, "/purekv_clients_grpc")
    try:
        client.register_system_shared_memory("tensors", tensors.key, tensors.bytes)
        words = tensors.check(client.infer(calls.SINGLE, tensors.inputs(), outputs=tensors.outputs()))
        client.unregister_system_shared_memory("tensors")
        return words
    finally:
        tensors.close()


def ask(client, request_id, tokens=None, **options):
    inputs, parameters = calls.prompt(grpcclient, "How many digits are there?", tokens)
    client.async_stream_infer(
        options.pop("model", calls.STREAMED), inputs, request_id=request_id, parameters=parameters, **options
    )


def stream(client):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    ask(client, "one", enable_empty_final_response=True)
    pieces = []
    while True:
        result, error = answers.get(timeout=PATIENCE)
        if error:
            raise error
        pieces.append(calls.piece(result))
        if calls.is_final(result):
            break
    client.stop_stream()
    return f"{len(pieces)} responses: {''.join(pieces)!r}"


def many(client):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for number in range(8):
        ask(client, str(number), enable_empty_final_response=True)
    finished, order = set(), []
    while len(finished) < 8:
        result, error = answers.get(timeout=PATIENCE)
        if error:
            raise error
        order.append(result.get_response().id)
        if calls.is_final(result):
            finished.add(result.get_response().id)
    client.stop_stream()
    return f"{len(order)} responses of {len(finished)} requests, {sum(a != b for a, b in zip(order, order[1:]))} changes"


def errors(client):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    ask(client, "bad", model="none")
    _, error = answers.get(timeout=PATIENCE)
    assert isinstance(error, InferenceServerException), error
    ask(client, "good", enable_empty_final_response=True)
    result, later = answers.get(timeout=PATIENCE)
    assert later is None and result.get_response().id == "good"
    client.stop_stream()
    return f"{error.message()}, and the stream went on"


def cancelled_stream(client, cancellations):
    before = cancellations.count()
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    ask(client, "long", tokens=1000)
    answers.get(timeout=PATIENCE)
    client.stop_stream(cancel_requests=True)
    words = cancellations.await_more(before)
    taken, errors = 1, []
    while not answers.empty():
        _, error = answers.get()
        taken += 1
        if error:
            errors.append(error)
    assert taken < 1000, taken
    assert all("CANCELLED" in str(error.status()) for error in errors), errors
    return f"{words}, after {taken} of 1000 responses"
