"""tritonclient.grpc.aio.InferenceServerClient"""

import asyncio

import tritonclient.grpc as grpcclient

import calls
from control_calls import control_calls
from shared_tensors import SharedTensors


async def run(table, client, cancellations):
    async def attempt(method, call, refused_with=None):
        await table.attempt_async("grpc.aio", method, call, refused_with)

    for method, call, refused_with in control_calls(client):
        await attempt(method, call, refused_with)
    await attempt("infer", lambda: infer(client))
    await attempt("infer (8 at a time)", lambda: together(client))
    await attempt("infer (cancelled)", lambda: cancelled_infer(client))
    await attempt("infer (decoupled model)", lambda: client.infer(calls.STREAMED, calls.prompt(grpcclient, "hi")[0]), "UNIMPLEMENTED")
    await attempt("register_system_shared_memory, infer", lambda: shared(client))
    await attempt("stream_infer", lambda: stream(client))
    await attempt("stream_infer (cancelled)", lambda: cancelled_stream(client, cancellations))


async def infer(client):
    arrays = calls.stage_arrays()
    result = await client.infer(calls.SINGLE, calls.stage_inputs(grpcclient, arrays), parameters=calls.STAGE_PARAMETERS)
    return calls.check_stage(result, arrays)


async def together(client):
    return (await asyncio.gather(*(infer(client) for _ in range(8))))[0] + ", 8 times"


async def cancelled_infer(client):
    """The stage computes in one go and cannot be stopped; the client must not wait, and the server must serve on."""
    task = asyncio.create_task(infer(client))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled, then " + await infer(client)
    raise AssertionError("answered although it was cancelled")


async def shared(client):
    tensors = SharedTensors(grpcclient, "/purekv_clients_aio")
    try:
        await client.register_system_shared_memory("tensors", tensors.key, tensors.bytes)
        words = tensors.check(await client.infer(calls.SINGLE, tensors.inputs(), outputs=tensors.outputs()))
        await client.unregister_system_shared_memory("tensors")
        return words
    finally:
        tensors.close()


async def questions(count, tokens=None):
    for number in range(count):
        inputs, parameters = calls.prompt(grpcclient, "How many digits are there?", tokens)
        yield {
            "model_name": calls.STREAMED,
            "inputs": inputs,
            "request_id": str(number),
            "parameters": parameters,
            "enable_empty_final_response": True,
        }


async def stream(client):
    finished, responses = set(), 0
    async for result, error in client.stream_infer(questions(4)):
        if error:
            raise error
        responses += 1
        if calls.is_final(result):
            finished.add(result.get_response().id)
    assert finished == {"0", "1", "2", "3"}, finished
    return f"{responses} responses of {len(finished)} requests"


async def cancelled_stream(client, cancellations):
    before = cancellations.count()
    responses = client.stream_infer(questions(1, tokens=1000))
    async for _, error in responses:
        if error:
            raise error
        break
    assert responses.cancel() is True
    return await asyncio.to_thread(cancellations.await_more, before)
