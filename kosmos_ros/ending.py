# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How programs end: by SIGINT (Ctrl-C), SIGTERM or SIGHUP soon, with a status and no traceback.

A program begins by ``end_at_once``: there is nothing to lose while it imports. Once there is, it
says by ``end_by`` or ``end_in_order`` what is to be done, for which it has ``SECONDS``. While a
native library loads, Python may not heed signals for seconds, and the kernel has to:
``kernel_ends``.

Nothing but the standard library is imported here, and little of it: this comes first.
"""

from __future__ import annotations

import _thread
import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import math
import os
import signal
import sys
import threading
import time
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SECONDS = 1.5
"""After a signal a program has this long to end in order."""

_came: list[tuple[int, float]] = []
"""Signals that end this program, and when by ``time.monotonic``."""


def end_at_once() -> None:
    """From now on a signal ends this process as it is, with 130 for SIGINT and 143 for SIGTERM."""
    _handle(_end_at_once)


def end_by(action: Callable[[int], object], status: int | None = None) -> None:
    """
    Have the first signal do something in the main thread, and further ones nothing.

    :param action: gets the signal; may raise.
    :param status: the process's if it has not ended by itself after ``SECONDS``; None: as above.
    """

    def end(number: int, _: object) -> None:
        _came.append((number, time.monotonic()))
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        # Whatever goes wrong from here on is due to the end.
        sys.unraisablehook = _ignore
        threading.excepthook = _ignore
        # No Thread: its locks may be held where the signal came.
        _thread.start_new_thread(_end_later, (128 + number if status is None else status,))
        action(number)

    _handle(end)


def is_ending() -> bool:
    """Tell whether a signal has come for which ``end_by`` or ``end_in_order`` was waiting."""
    return bool(_came)


def seconds_left() -> float:
    """Return how long this process still has after a signal, infinitely long before one."""
    return _came[0][1] + SECONDS - time.monotonic() if _came else math.inf


def end_in_order() -> None:
    """From now on a signal is an exception in the main thread, so that all is cleaned up."""
    end_by(_raise)


@contextmanager
def kernel_ends() -> Iterator[None]:
    """
    Have the kernel end this process by the signal itself; shells say 130 and 143 then too.

    Nothing where this module does not handle signals, as in programs of others.
    """
    handlers = [(number, signal.getsignal(number)) for number in SIGNALS]
    ours = [one for one in handlers if getattr(one[1], '__module__', '') == __name__]
    for number, _ in ours:
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in ours:
            signal.signal(number, handler)


def run_program(main: Callable[[], int | None]) -> NoReturn:
    """
    Run a program and end the process.

    :param main: returns the exit status; what it raises after a signal is not shown.
    """
    try:
        status: object = main()
    except SystemExit as error:
        status = error.code
    except BaseException:
        if not is_ending():
            raise
        status = 128 + _came[0][0]
    if not isinstance(status, int | None):
        print(status, file=sys.stderr)
        status = 1
    atexit._run_exitfuncs()
    end_process(status or 0)


def end_process(status: int) -> NoReturn:
    """
    End at once.

    Python would first tear down all imported modules, which with torch takes a second, on a busy
    machine several, and may crash while a thread is inside the model.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # nobody may be there to read it
            stream.flush()
    os._exit(status)


def _handle(handler: Callable[[int, object], None]) -> None:
    for number in SIGNALS:
        # nohup has this one ignored, and it is to stay so.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end_at_once(number: int, _: object) -> None:
    os.write(2, b'interrupted\n')
    end_process(128 + number)


def _ignore(_: object) -> None:
    pass


def _end_later(status: int) -> None:
    time.sleep(SECONDS)
    end_process(status)


def _raise(number: int) -> None:
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
