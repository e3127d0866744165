# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An OpenGL context without a display: EGL, or OSMesa where EGL is missing."""

from __future__ import annotations

from ctypes.util import find_library
import os
from typing import Protocol

from kosmos_ros.core.errors import MissingDependencyError

_EGL_PACKAGES = 'libegl1 libegl-mesa0 libgl1-mesa-dri libopengl0'
_OSMESA_PACKAGE = 'libosmesa6'


class GlContext(Protocol):
    """The interface of both kinds of context."""

    def make_current(self) -> None:
        """Make it the context of the calling thread."""
        ...

    def free(self) -> None:
        """Release it; nothing can be rendered afterwards."""
        ...


def make_gl_context(width: int, height: int) -> GlContext:
    """
    Return a new context for off-screen rendering up to a size in pixels, not yet current.

    :raises MissingDependencyError: if neither EGL nor OSMesa can be used, naming the packages.
    """
    # Mesa's software rasteriser would otherwise start a thread per core: those cores belong to
    # the model. Hardware drivers ignore it.
    os.environ.setdefault('LP_NUM_THREADS', '0')
    platform = choose_platform()
    try:
        if platform == 'egl':
            from mujoco.egl import GLContext  # noqa: PLC0415  (loads the library)
        else:
            from mujoco.osmesa import GLContext  # noqa: PLC0415
        context: GlContext = GLContext(width, height)
    except (ImportError, AttributeError, RuntimeError) as error:
        raise MissingDependencyError(
            f'the simulated camera could not start {platform} rendering ({error}); '
            f'{_install_hint()}'
        ) from error
    return context


def choose_platform() -> str:
    """Return 'egl' or 'osmesa': by PYOPENGL_PLATFORM, else by what is installed."""
    chosen = os.environ.get('PYOPENGL_PLATFORM', '').lower()
    if chosen in ('egl', 'osmesa'):
        return chosen
    if chosen:
        raise MissingDependencyError(
            f'PYOPENGL_PLATFORM is {chosen!r}; the simulated camera needs egl or osmesa'
        )
    # find_library asks ldconfig; asking by import would leave PyOpenGL bound to a platform that
    # does not work.
    if find_library('EGL') and find_library('OpenGL'):
        return 'egl'
    if find_library('OSMesa'):
        return 'osmesa'
    raise MissingDependencyError(f'the simulated camera needs EGL or OSMesa; {_install_hint()}')


def _install_hint() -> str:
    either, other = (f'apt-get install {names}' for names in (_EGL_PACKAGES, _OSMESA_PACKAGE))
    return f'on Debian or Ubuntu: {either} (or: {other})'
