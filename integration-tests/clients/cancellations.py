"""What the server itself counts of requests that were cancelled."""

import time
import urllib.request

COUNTER = "purekv:requests_cancelled_total"
PATIENCE = 30


class Cancellations:
    def __init__(self, metrics):
        """`metrics`: HOST:PORT of the server's metrics."""
        self.url = f"http://{metrics}/metrics"

    def count(self):
        with urllib.request.urlopen(self.url, timeout=PATIENCE) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(COUNTER + "{"))

    def await_more(self, before):
        """Waits until the server has counted one more than `before`."""
        deadline = time.monotonic() + PATIENCE
        while self.count() <= before:
            assert time.monotonic() < deadline, f"{COUNTER} is still {before:g}"
            time.sleep(0.05)
        return f"the server counts {self.count() - before:g} more cancelled"
