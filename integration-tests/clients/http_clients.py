"""Every public method of tritonclient.http and tritonclient.http.aio against a running server; see http.sh."""

import asyncio
import sys
import time
from importlib import metadata

import tritonclient.http as httpclient
import tritonclient.http.aio as aioclient

import http_async
import http_sync
from table import Table


def main():
    url = sys.argv[1]
    print("tritonclient", metadata.version("tritonclient"), "aiohttp", metadata.version("aiohttp"), "against", url)
    table = Table()
    with httpclient.InferenceServerClient(url, concurrency=4) as client:
        http_sync.run(table, client, url)
    asyncio.run(asynchronous(table, url))
    failures = table.failures()
    print(f"{len(table.rows) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


async def asynchronous(table, url):
    async with aioclient.InferenceServerClient(url) as client:
        await http_async.run(table, client, url)


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"in {time.perf_counter() - started:.1f} s")
    sys.exit(code)
