"""Calls that are tried one after the other, and the table of what each did."""

import time


class Table:
    """What was called, whether it did what it should, and what that was."""

    def __init__(self):
        self.rows = []

    def record(self, client, method, outcome, detail, started):
        milliseconds = (time.perf_counter() - started) * 1000
        self.rows.append((client, method, outcome, detail, milliseconds))
        print(f"{outcome:7} {client:9} {method:40} {milliseconds:8.1f} ms  {detail}", flush=True)

    def attempt(self, client, method, call, refused_with=None):
        """Calls; `refused_with` is what a refusal must say where one is expected: its status, or some of its words."""
        started = time.perf_counter()
        try:
            self.settle(client, method, call(), None, refused_with, started)
        except Exception as problem:  # whatever a client throws is a finding
            self.settle(client, method, None, problem, refused_with, started)

    async def attempt_async(self, client, method, call, refused_with=None):
        started = time.perf_counter()
        try:
            self.settle(client, method, await call(), None, refused_with, started)
        except Exception as problem:
            self.settle(client, method, None, problem, refused_with, started)

    def settle(self, client, method, result, problem, refused_with, started):
        if problem is None:
            outcome = "ok" if refused_with is None else "FAILED"
            detail = str(result)
        else:
            status = problem.status() if hasattr(problem, "status") else type(problem).__name__
            detail = f"{status}: {problem}"
            outcome = "refused" if refused_with is not None and refused_with in detail else "FAILED"
        self.record(client, method, outcome, " ".join(detail.split())[:100], started)

    def failures(self):
        return [row for row in self.rows if row[2] == "FAILED"]
