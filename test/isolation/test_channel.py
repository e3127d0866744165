# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Messages between two processes, whatever the other one sends."""

from __future__ import annotations

from collections.abc import Iterator
import os
import socket

import pytest

from kosmos_ros.isolation.channel import ClosedError, GarbledError, MAX_MESSAGE, ProcessChannel


@pytest.fixture
def ends() -> Iterator[tuple[ProcessChannel, socket.socket]]:
    ours, theirs = socket.socketpair()
    channel = ProcessChannel(ours)
    yield channel, theirs
    channel.close()
    theirs.close()


def test_messages_and_files_arrive_whole_and_in_order(ends) -> None:
    channel, theirs = ends
    other = ProcessChannel(theirs)
    read, write = os.pipe()
    other.send(b'first')
    assert channel.receive(0.0) == (b'first', ())
    other.send(b'', [read])
    message = channel.receive(10.0)
    os.write(write, b'!')
    assert (message.data, os.read(message.files[0], 1)) == (b'', b'!')
    for file in (read, write, *message.files):
        os.close(file)


def test_half_a_message_is_none_yet(ends) -> None:
    channel, theirs = ends
    assert channel.receive(0.0) is None
    theirs.sendall(b'\0\0\0\3a')
    assert channel.receive(0.01) is None
    theirs.sendall(b'bc\0\0\0\1d')
    assert [channel.receive(10.0).data, channel.receive(10.0).data] == [b'abc', b'd']


def test_an_end_is_noticed(ends) -> None:
    channel, theirs = ends
    theirs.close()
    with pytest.raises(ClosedError):
        channel.receive()
    with pytest.raises(ClosedError):
        channel.send(b'hello?')


def test_who_waits_is_woken_by_shutting(ends) -> None:
    channel, theirs = ends
    channel.shut()
    for end in (channel, ProcessChannel(theirs)):
        with pytest.raises(ClosedError):
            end.receive()
    channel.close()
    channel.shut()


def test_what_is_too_large_is_refused(ends) -> None:
    channel, theirs = ends
    theirs.sendall((MAX_MESSAGE + 1).to_bytes(4, 'big'))
    with pytest.raises(GarbledError, match='more than'):
        channel.receive(10.0)


def test_what_brings_too_many_files_is_refused(ends) -> None:
    channel, theirs = ends
    socket.send_fds(theirs, [b'\0\0\0\1'], [0])
    assert channel.receive(0.0) is None
    socket.send_fds(theirs, [b'x'], [0])
    with pytest.raises(GarbledError, match='more files'):
        channel.receive(10.0)
