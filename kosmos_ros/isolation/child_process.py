# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A child process that answers requests, seen from its parent.

It is a fresh interpreter, which inherits neither threads nor locks nor memory. What it prints goes
to the log. Whatever it does, the parent waits for it no longer than it wants to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
import json
import logging
import mmap
import os
from pathlib import Path
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, NamedTuple

from kosmos_ros.isolation import replies
from kosmos_ros.isolation.channel import ClosedError, GarbledError, ProcessChannel
from kosmos_ros.isolation.child import RECORD

_BOOT = (
    "import sys; sys.path[:] = sys.argv[1].split('\\n'); "
    'from kosmos_ros.isolation.child import main; main()'
)
_POLL_SECONDS = 0.01
_REAP_SECONDS = 1.0
_LONGEST_LINE = 20_000

_logger = logging.getLogger(__name__)


class ChildEndedError(Exception):
    """The child is gone, and with it the answer; the text says how it ended."""


class Result(NamedTuple):
    """The value that a child answered, of JSON, and the file that came with it, if any."""

    value: Any
    files: tuple[int, ...]


def _nothing(*_: Any) -> None:
    pass


class AnsweringProcess:
    """
    A child and the connections to it; safe to use from several threads.

    Requests over one connection wait for each other.

    :param name: what it is called in errors and the log, such as "the model's process".
    :param entry: the function that it runs, ``module:function``; called with its ``ParentLink``.
    :param connections: how many there are.
    :raises ChildEndedError: if it cannot be started.
    """

    def __init__(self, name: str, entry: str, connections: int = 1) -> None:
        self._name = name
        self._end_reason = ''
        self._locks = [threading.Lock() for _ in range(connections)]
        pairs = [socket.socketpair() for _ in range(connections)]
        stop = os.memfd_create('kosmos_ros', os.MFD_CLOEXEC)
        os.ftruncate(stop, 1)
        self._stop = mmap.mmap(stop, 1)
        read, self._lifeline = os.pipe()
        inherited = [read, stop, *(theirs.fileno() for _, theirs in pairs)]
        command = [sys.executable, '-c', _BOOT, '\n'.join(sys.path), entry, *map(str, inherited)]
        try:
            self._process = subprocess.Popen(
                command,
                pass_fds=inherited,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding='utf-8',
                errors='replace',
            )
        except OSError as error:
            os.close(self._lifeline)
            for ours, _ in pairs:
                ours.close()
            raise ChildEndedError(f'{name} cannot be started: {error}') from error
        finally:
            for file in (read, stop):
                os.close(file)
            for _, theirs in pairs:
                theirs.close()
        self._channels = [ProcessChannel(ours) for ours, _ in pairs]
        threading.Thread(target=self._forward_log, name='child log', daemon=True).start()
        self._activity: tuple[str, ...] = ()
        self._active_at = time.monotonic()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def problem(self) -> str:
        """How it ended; empty while it runs."""
        has_ended = bool(self._end_reason) or self._process.poll() is not None
        return self._how_it_ended() if has_ended else ''

    def ask(
        self,
        name: str,
        *arguments: object,
        files: Sequence[int] = (),
        connection: int = 0,
        seconds: float | None = None,
        should_stop: Callable[[], bool] | None = None,
        on_event: Callable[[Any], None] = _nothing,
    ) -> Result:
        """
        Have the child do something, and wait for it.

        :param name: what, as its ``child.Handlers`` name it.
        :param arguments: what can be pickled.
        :param files: descriptors to send along; they stay open here.
        :param seconds: the longest that it may take before the child is ended; None: no limit.
        :param should_stop: asked again and again; once true, the child is asked to stop, and its
            answer is waited for all the same.
        :param on_event: called with what the child tells before its answer.
        :raises KosmosError: as raised by the child.
        :raises ChildEndedError: if it ends before it answers, or is ended.
        """
        request = pickle.dumps((name, arguments))
        with self._locks[connection]:
            channel = self._channels[connection]
            if should_stop is not None:
                self._stop[0] = should_stop()
            try:
                channel.send(request, files)
                return self._answer(channel, seconds, should_stop, on_event)
            except (ClosedError, GarbledError) as error:
                if isinstance(error, GarbledError):
                    self.end(f'it sent what cannot be read: {error}')
                raise ChildEndedError(self._how_it_ended()) from error

    def end(self, reason: str) -> None:
        """End the child at once, which ends all waiting for it."""
        if self._process.poll() is None:
            self._end_reason = self._end_reason or reason
            self._process.kill()
            # It may take seconds to free its memory, and only then closes its end.
            for channel in self._channels:
                channel.shut()

    def close(self) -> None:
        """End the child if it runs, and give back what it took."""
        self.end('it is not needed any more')
        for lock, channel in zip(self._locks, self._channels, strict=True):
            with lock:
                channel.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def seconds_idle(self) -> float:
        """Return for how long it has neither computed nor read, as far as this was asked."""
        activity = self._look()
        if activity != self._activity:
            self._activity, self._active_at = activity, time.monotonic()
        return time.monotonic() - self._active_at

    def resident_bytes(self) -> int:
        """Return its resident memory; 0 where it is unknown."""
        try:
            pages = Path(f'/proc/{self.pid}/statm').read_text().split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * mmap.PAGESIZE

    def _answer(
        self,
        channel: ProcessChannel,
        seconds: float | None,
        should_stop: Callable[[], bool] | None,
        on_event: Callable[[Any], None],
    ) -> Result:
        deadline = None if seconds is None else time.monotonic() + seconds
        failure: Exception | None = None
        while True:
            message = channel.receive(_POLL_SECONDS if should_stop or deadline else None)
            kind, value = (None, None) if message is None else replies.read(message.data)
            if message is not None and kind == replies.RESULT and failure is None:
                return Result(value, message.files)
            if kind in (replies.RESULT, replies.ERROR):
                raise failure or replies.error_of(value)
            if message is not None and failure is None:
                try:
                    on_event(value)
                except Exception as error:  # noqa: BLE001  raised once the child has stopped
                    failure = error
            if failure is not None or (should_stop is not None and should_stop()):
                self._stop[0] = 1
            if deadline is not None and time.monotonic() > deadline:
                self.end(f'it took more than {seconds:g} s')

    def _how_it_ended(self) -> str:
        """Wait for the end, which is near, and describe it."""
        if self._end_reason:
            return f'{self._name} was ended: {self._end_reason}'
        try:
            code = self._process.wait(_REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self.end('it closed its connection')
            return f'{self._name} does not answer any more'
        if code == -signal.SIGKILL:
            cause = 'SIGKILL, probably by the kernel for want of memory'
            return f'{self._name} was ended by {cause}'
        if code < 0:
            return f'{self._name} was ended by {signal.Signals(-code).name}'
        return f'{self._name} ended by itself, with the exit status {code}'

    def _look(self) -> tuple[str, ...]:
        """Return what grows while it works: page faults, times of computing, bytes read."""
        try:
            stat = Path(f'/proc/{self.pid}/stat').read_text().rpartition(')')[2].split()
            read = Path(f'/proc/{self.pid}/io').read_text().split()[1]
        except (OSError, IndexError):
            return ()
        return (stat[9], stat[11], stat[12], read)  # proc(5): majflt, utime, stime, rchar

    def _forward_log(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        with stream:
            while line := stream.readline(_LONGEST_LINE):
                self._log_line(line.rstrip())

    def _log_line(self, line: str) -> None:
        level, text = _record(line)
        if level is not None:
            _logger.log(level, '%s', text)
        elif line:
            _logger.warning('%s: %s', self._name, line)


def _record(line: str) -> tuple[int | None, str]:
    """Return the level and the text of a log record, None for other lines."""
    if line.startswith(RECORD):
        with suppress(TypeError, ValueError, RecursionError):
            level, text = json.loads(line[1:])
            return int(level), str(text)
    return None, ''
