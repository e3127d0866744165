# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Messages between a process and its child, over a socket.

A message is bytes behind their length, and files (shared memory) may come with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
import os
import select
import socket
import struct
import time
from typing import NamedTuple

MAX_MESSAGE = 16_000_000
"""Bytes; pixels go through shared memory, so that messages are small."""

_MAX_FILES = 1
_LENGTH = struct.Struct('!I')
_CHUNK = 65536


class ClosedError(Exception):
    """The process at the other end is gone, or wants no more of it."""


class GarbledError(Exception):
    """What came is nothing that this package sends."""


class Message(NamedTuple):
    """A message and the descriptors of its files, which the receiver has to close."""

    data: bytes
    files: tuple[int, ...] = ()


class ProcessChannel:
    """
    One end of a connection; used by one thread at a time.

    :param connection: a connected stream socket of the family AF_UNIX.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._buffer = bytearray()
        self._files: list[int] = []

    def send(self, data: bytes, files: Sequence[int] = ()) -> None:
        """
        Send a message; the files stay open here.

        :raises ClosedError: if the other end is closed.
        """
        try:
            if files:
                socket.send_fds(self._connection, [_LENGTH.pack(len(data))], files)
                self._connection.sendall(data)
            else:
                self._connection.sendall(_LENGTH.pack(len(data)) + data)
        except ConnectionError as error:
            raise ClosedError from error

    def receive(self, seconds: float | None = None) -> Message | None:
        """
        Wait for a message.

        :param seconds: how long; None: as long as it takes.
        :returns: None if it has not come, as a whole, by then.
        :raises ClosedError: if the other end is closed.
        :raises GarbledError: if what comes is larger than allowed.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while (message := self._take()) is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not self._poll.poll(None if left is None else 1000 * left):
                return None
            self._read()
        return message

    def shut(self) -> None:
        """Have whoever waits at either end get ``ClosedError``; may be called by any thread."""
        with suppress(OSError):  # closed already
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end."""
        self._connection.close()
        self._drop_files()

    def _read(self) -> None:
        try:
            data, files, *_ = socket.recv_fds(self._connection, _CHUNK, _MAX_FILES)
        except ConnectionError as error:
            raise ClosedError from error
        self._files += files
        if len(self._files) > _MAX_FILES:
            self._drop_files()
            raise GarbledError('more files than asked for')
        if not data:
            raise ClosedError
        self._buffer += data

    def _take(self) -> Message | None:
        """Take a message out of what has been read, if it is complete."""
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > MAX_MESSAGE:
            raise GarbledError(f'a message of {length} bytes, more than {MAX_MESSAGE}')
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        message = Message(bytes(self._buffer[_LENGTH.size : end]), tuple(self._files))
        del self._buffer[:end]
        self._files = []
        return message

    def _drop_files(self) -> None:
        for file in self._files:
            os.close(file)
        self._files = []
