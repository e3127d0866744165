# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A model that does the worst on demand: while it loads, or when it is asked for a fault."""

from __future__ import annotations

from collections.abc import Sequence
import ctypes
import os
import resource
import signal
import sys

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.backend import Located, LocateQuery
from kosmos_ros.core.types import Box

FACTORY = 'faults:make'
CUBE = located('the red cube', Box(0.25, 0.25, 0.5, 0.75))
WRITTEN = {'<grounding> An image of': ' a table.'}


class Panic(BaseException):
    """As other languages' libraries raise it."""


def hang() -> None:
    """Hold the interpreter's lock, so that no other thread of the process can do anything."""
    ctypes.PyDLL(None).sleep(3600)


def take_memory() -> None:
    """Take memory until there is no more, as under a limit of a container."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, before[1]))
    try:
        bytearray(1 << 32)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def panic() -> None:
    raise Panic('index out of range')


def fail() -> None:
    raise KeyError('weights')


FAULTS = {
    'hang': hang,
    'segmentation fault': lambda: ctypes.string_at(0),
    'abort': os.abort,
    'kill': lambda: os.kill(os.getpid(), signal.SIGKILL),
    'memory': take_memory,
    'panic': panic,
    'exit': lambda: sys.exit(3),
    'fail': fail,
    'chatter': lambda: os.write(2, b'one line\nanother \xff\n' + b'x' * 100_000 + b'\n'),
}


class FaultyBackend(ScriptedBackend):
    """Finds the red cube; a phrase that names a fault provokes it."""

    def locate(self, queries: Sequence[LocateQuery], *limits: object) -> tuple[Located, ...]:
        for query in queries:
            FAULTS.get(query.phrase, lambda: None)()
            if query.phrase == 'grey':
                return (Located(float(query.frame.image.mean()) / 255, ()),)
        return super().locate(queries, *limits)


def make(settings: ModelSettings) -> FaultyBackend:
    """Make the backend; a model that is named like a fault provokes it."""
    if settings.model == 'missing':
        raise ModelLoadError('there is no model.safetensors')
    FAULTS.get(settings.model, lambda: None)()
    return FaultyBackend({'the red cube': CUBE}, WRITTEN)
