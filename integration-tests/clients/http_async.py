"""tritonclient.http.aio.InferenceServerClient"""

import asyncio

import tritonclient.http as httpclient

import calls
from http_control import control_calls
from shared_tensors import SharedTensors


async def run(table, client, url):
    async def attempt(method, call, refused_with=None):
        await table.attempt_async("http.aio", method, call, refused_with)

    traces = (await client.get_trace_settings())["trace_file"] != ""
    for method, call, refused_with in control_calls(client, traces):
        await attempt(method, call, refused_with)
    await attempt("infer (binary)", lambda: infer(client))
    await attempt("infer (JSON)", lambda: as_json(client))
    for coding in ("gzip", "deflate"):
        await attempt(f"infer ({coding} both ways)", lambda: compressed(client, coding))
    await attempt("infer (8 at a time)", lambda: together(client))
    await attempt("infer (cancelled)", lambda: cancelled(client))
    await attempt("infer (missing input)", lambda: client.infer(calls.SINGLE, []), "400")
    await attempt("register_system_shared_memory, infer", lambda: shared(client))


async def infer(client, **options):
    arrays = calls.stage_arrays()
    result = await client.infer(
        calls.SINGLE, calls.stage_inputs(httpclient, arrays), parameters=calls.STAGE_PARAMETERS, **options
    )
    return calls.check_stage(result, arrays)


async def as_json(client):
    arrays = calls.stage_arrays()
    outputs = [httpclient.InferRequestedOutput(name, binary_data=False) for name in ("KEPT_INDICES", "KEYS")]
    tensors = calls.stage_inputs(httpclient, arrays, binary_data=False)
    return calls.check_stage(await client.infer(calls.SINGLE, tensors, outputs=outputs), arrays)


async def compressed(client, coding):
    return await infer(client, request_compression_algorithm=coding, response_compression_algorithm=coding)


async def together(client):
    return (await asyncio.gather(*(infer(client) for _ in range(8))))[0] + ", 8 times"


async def cancelled(client):
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
    tensors = SharedTensors(httpclient, "/purekv_clients_http_aio")
    try:
        await client.register_system_shared_memory("tensors", tensors.key, tensors.bytes)
        words = tensors.check(await client.infer(calls.SINGLE, tensors.inputs(), outputs=tensors.outputs()))
        await client.unregister_system_shared_memory("tensors")
        return words
    finally:
        tensors.close()
