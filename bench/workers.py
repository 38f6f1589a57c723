"""Calls carried out in child processes, each within limits of time and of memory."""

import multiprocessing
import resource
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
Failure = Literal["", "timeout", "memory", "crash"]

_CALLS = 200
"""Calls after which a child is replaced, so that what some leave behind is no burden to others."""

# New interpreters, not forks: whatever threads the libraries of this process run, children begin without.
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Bounds:
    """What one call may take: seconds of wall time, bytes of memory beyond what its process began with."""

    seconds: float
    memory: int
    processes: int = 2


class Outcome(NamedTuple, Generic[Task, Result]):
    """What became of a call: its result, or why there is none and what was said of it."""

    task: Task
    result: Result | None
    failure: Failure = ""
    message: str = ""


def run(
    work: Callable[[Task], Result], tasks: Iterable[Task], bounds: Bounds
) -> Iterator[Outcome[Task, Result]]:
    """Carry out `work` for every task, and give what became of each as it ends, in any order.

    work: a function of a module, so that children find it. A child that takes too long is killed.
    """
    waiting = iter(tasks)
    workers = [_Worker(work, bounds) for _ in range(bounds.processes)]
    try:
        busy = [worker for worker in workers if worker.take(waiting)]
        while busy:
            patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
            ready = set(wait([worker.connection for worker in busy], patience))
            for worker in list(busy):
                if worker.connection not in ready and time.monotonic() < worker.deadline:
                    continue
                yield worker.outcome(answered=worker.connection in ready)
                if not worker.take(waiting):
                    busy.remove(worker)
    finally:
        for worker in workers:
            worker.end()


class _Worker(Generic[Task, Result]):
    """A child process, and the call it is at."""

    def __init__(self, work: Callable[[Task], Result], bounds: Bounds) -> None:
        self._work, self._bounds = work, bounds
        self._begin()

    def _begin(self) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_serve, args=(theirs, self._work, self._bounds.memory), daemon=True
        )
        self._process.start()
        theirs.close()
        self._calls = 0
        self.connection.recv()  # it has imported what it needs: from here on the time is the call's own

    def take(self, tasks: Iterator[Task]) -> bool:
        """Begin the next task; False where there is none left."""
        for task in tasks:
            if self._calls >= _CALLS:
                self.end()
                self._begin()
            self._calls += 1
            self._task = task
            self.deadline = time.monotonic() + self._bounds.seconds
            self.connection.send(task)
            return True
        return False

    def outcome(self, *, answered: bool) -> Outcome[Task, Result]:
        """What became of the task: a child that died, or says nothing in time, is replaced."""
        failure: Failure = "timeout"
        message = f"not done after {self._bounds.seconds:g} s"
        if answered:
            try:
                return Outcome(self._task, *self.connection.recv())
            except EOFError:
                self._process.join()
                failure, message = "crash", f"its process ended with {self._process.exitcode}"
        self.end()
        self._begin()
        return Outcome(self._task, None, failure, message)

    def end(self) -> None:
        """Stop the child, whatever it is at."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: Connection, work: Callable[[Any], Any], memory: int) -> None:
    """What a child does: answer each task with (result, failure, message)."""
    _limit(memory)
    connection.send(None)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            answer = (work(task), "", "")
        except MemoryError:
            answer = (None, "memory", f"more than {memory // 2**20:,} MiB of memory")
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
            answer = (None, "crash", f"{type(error).__name__}: {error} ({place})")
        connection.send(answer)


def _limit(memory: int) -> None:
    """Let this process have so much memory beyond what it has, where the system tells that."""
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        limit = int(sizes.read_text().split()[0]) * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
