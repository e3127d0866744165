# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The child's side: what each child does first, and answering the parent's requests.

It ends with its parent, even while a library holds the interpreter's lock: the kernel sends it a
signal when the parent's end of a pipe closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import faulthandler
import fcntl
from importlib import import_module
import json
import logging
import mmap
import os
from pathlib import Path
import pickle
import resource
import select
import signal
import socket
import sys
from typing import NoReturn

from kosmos_ros.isolation.channel import ClosedError, ProcessChannel
from kosmos_ros.isolation.replies import EVENT, RESULT, written, written_error

RECORD = '\x1e'
"""Begins a line on standard error that holds a log record."""

_OOM_SCORE = Path('/proc/self/oom_score_adj')
_OOM_PREFERENCE = '500'
"""Of 1000: the kernel ends this process before the node, which can start it anew."""


class AnswerWithFile:
    """
    What a handler may return beside a plain value: a value with a file.

    :param file: descriptor, closed when it has been sent.
    """

    def __init__(self, value: object, file: int) -> None:
        self.value = value
        self.file = file


class ParentLink:
    """The child's end of its connections to the parent."""

    def __init__(self, channels: tuple[ProcessChannel, ...], stop: mmap.mmap) -> None:
        self.channels = channels
        self._stop = stop

    def should_stop(self) -> bool:
        """Tell whether the parent asks for an early end of the present request."""
        return self._stop[0] != 0

    def tell(self, value: object) -> None:
        """Send something before the result of the present request."""
        self.channels[0].send(written(EVENT, value))


Handlers = Mapping[str, Callable[..., object]]
"""By name, what answers a request; its arguments are the request's, then those files' numbers."""


def main() -> NoReturn:
    """Run the function that the command line names, ``module:function``, with the link."""
    _, _, entry, lifeline, stop, *channels = sys.argv
    _end_with_parent(int(lifeline))
    for number in (signal.SIGINT, signal.SIGTERM):  # of a terminal, to all: the parent decides
        signal.signal(number, signal.SIG_IGN)
    _prefer_for_oom()
    _lift_memory_limit()
    faulthandler.enable()
    _log_to_parent()
    sys.argv = [entry]
    link = ParentLink(
        tuple(ProcessChannel(socket.socket(fileno=int(one))) for one in channels),
        mmap.mmap(int(stop), 1, prot=mmap.PROT_READ),
    )
    function_of(entry)(link)
    os._exit(0)


def function_of(name: str) -> Callable[..., object]:
    """
    Return a function by its name, ``module:function``.

    :raises ImportError: if there is no such module.
    :raises AttributeError: if it has no such function.
    """
    module, _, function = name.partition(':')
    found: Callable[..., object] = getattr(import_module(module), function)
    return found


def serve(channel: ProcessChannel, handlers: Handlers) -> None:
    """Answer requests until the parent closes the connection."""
    while True:
        try:
            message = channel.receive()
        except ClosedError:
            return
        if message is None:
            continue
        name, arguments = pickle.loads(message.data)  # noqa: S301  the parent's
        try:
            result = handlers[name](*arguments, *message.files)
        except BaseException as error:  # noqa: BLE001  panics of other languages among them
            channel.send(written_error(error))
            if not isinstance(error, Exception):
                os._exit(1)
            continue
        if isinstance(result, AnswerWithFile):
            channel.send(written(RESULT, result.value), [result.file])
            os.close(result.file)
        else:
            channel.send(written(RESULT, result))


def _end_with_parent(lifeline: int) -> None:
    """Have the kernel end this process, by SIGIO, when the other end of a pipe closes."""
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(lifeline, 0)
    if poll.poll(0):  # closed before
        os._exit(1)


def _prefer_for_oom() -> None:
    try:
        _OOM_SCORE.write_text(_OOM_PREFERENCE)
    except OSError as error:  # not in every container
        logging.getLogger(__name__).debug('cannot write %s: %s', _OOM_SCORE, error)


def _lift_memory_limit() -> None:
    """Undo what the parent has set for itself and handed down."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


class _RecordLines(logging.Handler):
    """Writes records to standard error, for the parent's log."""

    def emit(self, record: logging.LogRecord) -> None:
        line = json.dumps([record.levelno, self.format(record)])
        os.write(sys.stderr.fileno(), f'{RECORD}{line}\n'.encode())


def _log_to_parent() -> None:
    logging.getLogger().addHandler(_RecordLines())
    logging.getLogger('kosmos_ros').setLevel(logging.DEBUG)
