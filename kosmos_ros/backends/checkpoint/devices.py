# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Choose the device that a model runs on, by trying it."""

from __future__ import annotations

import logging
import warnings

import torch

from kosmos_ros.core.errors import ModelLoadError

_logger = logging.getLogger(__name__)

CPU = torch.device('cpu')


def choose_device(name: str) -> torch.device:
    """
    Return the device of a name such as ``auto`` or ``cuda:1``.

    ``auto`` is the first CUDA device if it computes correctly, else the CPU; a device that is
    there and fails is named in a warning.

    :raises ModelLoadError: if a device was asked for that is not on this machine or fails.
    """
    if name == 'cpu':
        return CPU
    device = torch.device('cuda', 0 if name == 'auto' else torch.device(name).index or 0)
    count, complaint = _count_devices()
    if name == 'auto':
        fault = complaint if count == 0 else _fault_of(device)
        if fault:
            _logger.warning('the GPU cannot be used, the model runs on the CPU: %s', fault)
        return device if count and not fault else CPU
    if device.index >= count:
        raise ModelLoadError(
            f'device {name!r} was asked for, but torch {torch.__version__} sees {count} CUDA '
            f'devices here{f" ({complaint})" if complaint else ""}; use device auto or cpu'
        )
    fault = _fault_of(device)
    if fault:
        raise ModelLoadError(f'device {name!r} does not work: {fault}')
    return device


def _count_devices() -> tuple[int, str]:
    """Return the number of CUDA devices, and torch's complaint if the driver is broken."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return count, '; '.join(str(warning.message) for warning in caught) if not count else ''


def _fault_of(device: torch.device) -> str:
    """Return why a small product fails on a device, empty if it comes out right."""
    try:
        ones = torch.ones((16, 16), device=device)
        total = float((ones @ ones).sum())
    # torch's errors of the driver, the device and its memory are RuntimeErrors; a build without a
    # library raises AssertionError.
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0]
    return '' if total == 16.0**3 else f'a sum that is {16**3} came out as {total}'
