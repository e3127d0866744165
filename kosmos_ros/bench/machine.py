# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The machine that figures are measured on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
import os
from pathlib import Path
import platform
import re
import sys
import time
from typing import Any

from kosmos_ros.core.errors import KosmosError

_FLAGS = (
    *('avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'avx512_fp16', 'avx_vnni'),
    *('amx_bf16', 'amx_int8', 'asimd', 'bf16', 'i8mm'),
)
"""CPU features that decide how fast a precision is."""

_PACKAGES = ('torch', 'transformers', 'bitsandbytes', 'numpy')
_VARIABLES = ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OMP_WAIT_POLICY', 'GOMP_SPINCOUNT')


class BenchError(KosmosError, RuntimeError):
    """Something cannot be measured on this machine."""


def machine() -> dict[str, Any]:
    """Describe this machine and its software, in types of JSON."""
    info = _read('/proc/cpuinfo')
    flags = _field(info, 'flags|Features').split()
    return {
        'cpu': _field(info, 'model name') or platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'flags': [flag for flag in _FLAGS if flag in flags],
        'memory_bytes': _kilobytes('/proc/meminfo', 'MemTotal'),
        'virtual': 'hypervisor' in flags,
        'load_average': os.getloadavg()[0],
        'system': platform.platform(),
        'python': platform.python_version(),
        'packages': {name: _version(name) for name in _PACKAGES},
        'environment': {name: os.environ[name] for name in _VARIABLES if name in os.environ},
    }


class Load:
    """
    How busy the machine is from now on until ``data`` is asked for.

    ``waited`` is the share of that time in which some thread was ready to run and had no core, of
    this process's or another one's; None where the kernel does not count it.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._average = os.getloadavg()[0]
        self._waited = _waited()

    def data(self) -> dict[str, Any]:
        """Return it in types of JSON."""
        now = _waited()
        seconds = max(time.monotonic() - self._start, 1e-6)
        waited = None if now is None or self._waited is None else (now - self._waited) / seconds
        return {'average': [self._average, os.getloadavg()[0]], 'waited': waited}


def _waited() -> float | None:
    """Return for how many seconds in all some thread waited for a core, see kernel's psi.rst."""
    found = re.search(r'some .*total=(\d+)', _read('/proc/pressure/cpu'))
    return int(found[1]) / 1e6 if found else None


def available_memory() -> int:
    """Return the bytes that a new process may take without swapping."""
    return _kilobytes('/proc/meminfo', 'MemAvailable')


def peak_memory() -> int:
    """Return the most bytes that this process had resident so far, mapped files included."""
    return _kilobytes('/proc/self/status', 'VmHWM')


def peak_gpu_memory() -> int:
    """Return the most bytes that PyTorch had reserved on this process's GPU; 0: it used none."""
    torch: Any = sys.modules.get('torch')  # who has not imported it has used no GPU by it
    return int(torch.cuda.max_memory_reserved()) if torch and torch.cuda.is_initialized() else 0


def memory_without_files(pid: int | None = None) -> int:
    """Return the bytes a process (this one) holds now, without mapped files; 0: it is gone."""
    return _kilobytes(f'/proc/{pid or "self"}/status', 'RssAnon')


def _kilobytes(path: str, name: str) -> int:
    """Return a number of kB as bytes."""
    return 1024 * int((_field(_read(path), name) or '0').split()[0])


def _field(text: str, name: str) -> str:
    """Return the value of the first line with a name; empty if there is none."""
    found = re.search(rf'^(?:{name})\s*:(.*)$', text, re.MULTILINE)
    return found[1].strip() if found else ''


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding='utf-8')
    except OSError:
        return ''


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ''
