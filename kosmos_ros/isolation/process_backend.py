# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A backend whose model is in another process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
import functools
from typing import Any, TypeVar
import weakref

from kosmos_ros.core.errors import ModelEndedError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import (
    EncodedFrame,
    GeneratedToken,
    Generation,
    Located,
    LocateQuery,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.model.grammar import GrammarIds, Prompt
from kosmos_ros.core.plain import from_plain
from kosmos_ros.isolation.child_process import AnsweringProcess, ChildEndedError
from kosmos_ros.isolation.memory import ReusedMemory
from kosmos_ros.isolation.model_values import (
    EncodeReply,
    GenerateReply,
    HeldFrame,
    LoadedFacts,
    LocateReply,
)

T = TypeVar('T')

_WORDS = 1
"""Of the two connections, the one for looking words up."""

_REMEMBERED = 4096


class _Frame:
    """A frame that the other process holds until this is gone."""

    def __init__(self, held: HeldFrame, release: Callable[[int], None]) -> None:
        self.number = held.number
        self.nbytes = held.nbytes
        weakref.finalize(self, release, held.number).atexit = False


class _Vocabulary:
    """The tokenizer in the other process; what it was asked is remembered."""

    def __init__(self, ids: GrammarIds, ask: Callable[..., Any]) -> None:
        self.ids = ids
        self._decode = functools.lru_cache(_REMEMBERED)(functools.partial(ask, str, 'decode'))
        self._knows = functools.lru_cache(_REMEMBERED)(functools.partial(ask, bool, 'knows'))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the plain text of ids, leading space kept; control tokens have none."""
        return str(self._decode(tuple(token_ids))) if token_ids else ''

    def knows(self, word: str) -> bool:
        """Tell whether a word is made of pieces that mean something."""
        return bool(self._knows(word))


class ProcessBackend:
    """
    Has another process run a model, as ``Backend``.

    All of its methods raise ``ModelEndedError`` if that process is gone.

    :param child: runs ``model_child.main``.
    :param factory: what makes the backend there, ``module:function``; called with the settings.
    :param settings: can be pickled.
    :raises KosmosError: as raised by the factory.
    :raises ModelEndedError: if the process ends before the model is loaded.
    """

    def __init__(self, child: AnsweringProcess, factory: str, settings: object) -> None:
        self._child = child
        self._released: deque[int] = deque()
        self._memory = ReusedMemory()
        self.loaded = self._ask(LoadedFacts, 'load', factory, settings)
        """What the model is, and how it runs."""
        self._vocabulary = _Vocabulary(
            self.loaded.ids, functools.partial(self._ask, connection=_WORDS)
        )

    @property
    def model_name(self) -> str:
        """Hub id or folder of the model."""
        return self.loaded.model_name

    @property
    def vocabulary(self) -> _Vocabulary:
        """The model's tokenizer."""
        return self._vocabulary

    @property
    def calibration(self) -> Calibration:
        """The checkpoint's calibration."""
        return self.loaded.calibration

    def warm_up(self) -> None:
        """Do once what would make the first answers slower."""
        self._ask(object, 'warm_up')

    def encode(self, images: Sequence[RgbImage]) -> tuple[_Frame, ...]:
        """Have images encoded; their pixels go through shared memory."""
        shapes = [image.shape for image in images]
        try:
            file = self._memory.put(images)
            files = [] if file is None else [file]
            reply = self._call(EncodeReply, 'encode', shapes, files=files)
        except BaseException:
            self._memory.forget()
            raise
        if reply.kept:
            self._memory.forget()
        return tuple(_Frame(one, self._released.append) for one in reply.frames)

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        """Have all queries answered."""
        frames = [_as_frame(query.frame) for query in queries]
        asked = [
            (frame.number, query.phrase) for frame, query in zip(frames, queries, strict=True)
        ]
        reply = self._call(
            LocateReply, 'locate', asked, max_boxes, alternatives, should_stop=should_stop
        )
        sizes = {one.number: one.nbytes for one in reply.frames}
        for frame in frames:
            frame.nbytes = sizes.get(frame.number, frame.nbytes)
        return reply.located

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Have a prompt continued; tokens come one by one."""
        mine = _as_frame(frame)
        reply = self._call(
            GenerateReply,
            'generate',
            mine.number,
            prompt,
            max_new_tokens,
            should_stop=should_stop,
            on_event=lambda token: on_token(self._read(GeneratedToken, token)),
        )
        mine.nbytes = reply.frame.nbytes
        return reply.generation

    def _call(self, kind: type[T], name: str, *arguments: object, **options: Any) -> T:
        """Ask the model, and have it forget the frames that are not used any more."""
        released = [self._released.popleft() for _ in range(len(self._released))]
        return self._ask(kind, name, released, *arguments, **options)

    def _ask(self, kind: type[T], name: str, *arguments: object, **options: Any) -> T:
        try:
            value = self._child.ask(name, *arguments, **options).value
        except ChildEndedError as error:
            raise ModelEndedError(str(error)) from error
        return self._read(kind, value)

    def _read(self, kind: type[T], value: object) -> T:
        try:
            return from_plain(kind, value)
        except ValueError as error:
            self._child.end(f'it answered what cannot be read: {error}')
            raise ModelEndedError(self._child.problem) from error


def _as_frame(frame: EncodedFrame) -> _Frame:
    """
    Return a frame with its type.

    :raises TypeError: if another backend made it.
    """
    if not isinstance(frame, _Frame):
        raise TypeError(f'expected a frame of this backend, got {type(frame).__name__}')
    return frame
