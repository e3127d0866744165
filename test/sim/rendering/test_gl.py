# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A machine that cannot render is told what to install."""

from __future__ import annotations

import pytest

from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.sim.rendering import gl


def test_missing_libraries_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('PYOPENGL_PLATFORM', raising=False)
    monkeypatch.setattr(gl, 'find_library', lambda name: None)

    with pytest.raises(MissingDependencyError, match=r'apt-get install libegl1 .*libosmesa6'):
        gl.make_gl_context(64, 64)


def test_a_platform_without_off_screen_rendering_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv('PYOPENGL_PLATFORM', 'glx')

    with pytest.raises(MissingDependencyError, match=r"'glx'.*egl or osmesa"):
        gl.make_gl_context(64, 64)


def test_osmesa_is_the_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('PYOPENGL_PLATFORM', raising=False)
    monkeypatch.setattr(gl, 'find_library', {'OSMesa': 'libOSMesa.so.8'}.get)

    assert gl.choose_platform() == 'osmesa'


def test_egl_is_the_first_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('PYOPENGL_PLATFORM', raising=False)
    monkeypatch.setattr(gl, 'find_library', lambda name: f'lib{name}.so')

    assert gl.choose_platform() == 'egl'
