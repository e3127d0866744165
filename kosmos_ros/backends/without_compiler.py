# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Import transformers and load a model without PyTorch's compiler.

transformers imports ``torch._dynamo`` for decorators that matter to compiled functions only, and
``torch.distributed`` for models that are spread over machines; PyTorch itself imports the compiler
when weights are first made. That is a third of the time from a command to its answer. This package
compiles nothing and runs a model on one device, so in processes of its own a stand-in takes the
compiler's place meanwhile, and transformers is told that this PyTorch is built without
``torch.distributed``, as some are.

After that the stand-in is gone: whoever needs the compiler imports the real one. transformers
keeps what it was told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
import sys
from types import ModuleType
from typing import Any

COMPILER = 'torch._dynamo'
_TRACING = f'{COMPILER}._trace_wrapped_higher_order_op'
_TRACING_CLASS = 'TransformGetItemToIndex'


@contextmanager
def without_compiler() -> Iterator[None]:
    """
    Load within; nothing is changed where the compiler is imported already.

    What the libraries want of the compiler beyond decorators has the real one imported.
    """
    if COMPILER in sys.modules:
        yield
        return
    import torch  # noqa: PLC0415

    with _stand_ins(torch), _single_device(torch.distributed):
        yield


@contextmanager
def _stand_ins(torch: ModuleType) -> Iterator[None]:
    """Have modules in the compiler's place, and take them away again."""
    compiler = _Compiler(COMPILER)
    # Its modules are found where they are.
    compiler.__path__ = [f'{folder}/_dynamo' for folder in torch.__path__]
    tracing = _StandIn(_TRACING)
    setattr(tracing, _TRACING_CLASS, _real_tracing)
    sys.modules |= {COMPILER: compiler, _TRACING: tracing}
    try:
        yield
    finally:
        _remove_stand_ins()


@contextmanager
def _single_device(distributed: Any) -> Iterator[None]:
    """Have ``torch.distributed`` say that it is not part of this build."""
    is_available: Callable[[], bool] = distributed.is_available
    distributed.is_available = _no
    try:
        yield
    finally:
        distributed.is_available = is_available


class _StandIn(ModuleType):
    """A module that is not what its name says."""


class _Compiler(_StandIn):
    """
    Takes the place of ``torch._dynamo`` while functions are decorated.

    Its decorators say how a function is compiled, and change nothing where none is. All else is
    what the real one has, which is imported then.
    """

    @staticmethod
    def disable(function: Any = None, *_: object, **__: object) -> Any:
        """Return the function, or a decorator that does."""
        return _unchanged if function is None else function

    @staticmethod
    def assume_constant_result(function: Any) -> Any:
        """Return the function."""
        return function

    @staticmethod
    def allow_in_graph(function: Any) -> Any:
        """Return the function."""
        return function

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        return getattr(_real(COMPILER), name)


def _remove_stand_ins() -> None:
    for name in (COMPILER, _TRACING):
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


def _real(name: str) -> ModuleType:
    """Import a module of the compiler."""
    _remove_stand_ins()
    return import_module(name)


def _real_tracing(*arguments: Any) -> Any:
    """Make an object of the real class; while it is used, something is compiled."""
    return getattr(_real(_TRACING), _TRACING_CLASS)(*arguments)


def _unchanged(function: Any) -> Any:
    return function


def _no() -> bool:
    return False
