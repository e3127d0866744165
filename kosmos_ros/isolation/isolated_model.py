# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A model that is loaded into a process of its own, as often as need be."""

from __future__ import annotations

import threading

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelEndedError
from kosmos_ros.isolation.child_process import AnsweringProcess, ChildEndedError
from kosmos_ros.isolation.process_backend import ProcessBackend

FACTORY = 'kosmos_ros.backends.factory:make_backend_of_process'
"""What loads models in the other process, unless told otherwise."""

_NAME = "the model's process"


class IsolatedModel:
    """
    Loads a model and keeps watch over its process; safe to use from several threads.

    :param settings: which model runs how.
    :param factory: what loads it there, ``module:function``; called with the settings.
    """

    def __init__(self, settings: ModelSettings, factory: str = FACTORY) -> None:
        self._settings = settings
        self._factory = factory
        self._lock = threading.Lock()
        self._child: AnsweringProcess | None = None
        self._is_closed = False

    def load(self) -> ProcessBackend:
        """
        Load the model into a new process, and end the one before.

        :raises KosmosError: if the model cannot be loaded.
        :raises ModelEndedError: if the process ended meanwhile, or this is closed.
        """
        self._close_child()
        with self._lock:
            if self._is_closed:
                raise ModelEndedError('the model is not needed any more')
            try:
                child = self._child = AnsweringProcess(
                    _NAME, 'kosmos_ros.isolation.model_child:main', connections=2
                )
            except ChildEndedError as error:
                raise ModelEndedError(str(error)) from error
        return ProcessBackend(child, self._factory, self._settings)

    def problem(self) -> str:
        """Return why the process can answer nothing any more; empty while it can."""
        child = self._child
        return '' if child is None else child.problem

    def seconds_idle(self) -> float:
        """Return for how long the process has neither computed nor read."""
        child = self._child
        return 0.0 if child is None else child.seconds_idle()

    def resident_bytes(self) -> int:
        """Return the resident memory of the process, 0 if there is none."""
        child = self._child
        return 0 if child is None else child.resident_bytes()

    def end(self, reason: str) -> None:
        """End the process, whatever it does, and with it what waits for it."""
        child = self._child
        if child is not None:
            child.end(reason)

    def close(self) -> None:
        """End the process for good."""
        with self._lock:
            self._is_closed = True
        self.end('it is not needed any more')
        self._close_child()

    def _close_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()
