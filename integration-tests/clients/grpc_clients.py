"""Every public method of tritonclient.grpc and tritonclient.grpc.aio against a running server; see grpc.sh."""

import asyncio
import sys
import time
from importlib import metadata

import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as aioclient

import grpc_async
import grpc_sync
from cancellations import Cancellations
from table import Table


def main():
    url = sys.argv[1]
    cancellations = Cancellations(sys.argv[2])
    print("tritonclient", metadata.version("tritonclient"), "grpcio", metadata.version("grpcio"), "against", url)
    table = Table()
    with grpcclient.InferenceServerClient(url) as client:
        grpc_sync.run(table, client, cancellations)
    asyncio.run(asynchronous(table, url, cancellations))
    failures = table.failures()
    print(f"{len(table.rows) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


async def asynchronous(table, url, cancellations):
    async with aioclient.InferenceServerClient(url) as client:
        await grpc_async.run(table, client, cancellations)


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"in {time.perf_counter() - started:.1f} s")
    sys.exit(code)
