# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Read the small files of a checkpoint: text and JSON, which may hold anything.

A checkpoint may be damaged, or made to do harm. So nothing is opened that could block, nothing is
read that would not fit, and whatever libraries make of it ends as one kind of error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import stat
from typing import Any

from kosmos_ros.core.errors import KosmosError, MissingDependencyError, ModelLoadError

MOST_BYTES = 16_000_000
"""Of a small file, and of the header of weights; KOSMOS-2's tokenizer has 5 MB."""

_MOST_VALUES = 2_000_000


@contextmanager
def load_errors(what: Path | str) -> Iterator[None]:
    """
    Turn whatever is raised into a ``ModelLoadError`` that names the file.

    :param what: the files that are being read.
    """
    try:
        yield
    except (MissingDependencyError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except KosmosError as error:
        if isinstance(error, ModelLoadError) and str(what) in str(error):
            raise
        raise ModelLoadError(f'{what}: {error}') from error
    except MemoryError as error:
        raise ModelLoadError(f'{what} needs more memory than there is') from error
    # tokenizers raises bare Exception, and what goes wrong in its Rust is none at all
    # (PanicException).
    except BaseException as error:
        reason = ' '.join(str(error).split())[:500]
        raise ModelLoadError(
            f'{what} cannot be loaded: {type(error).__name__}: {reason}'
        ) from error


def check_regular(path: Path) -> int:
    """
    Return the size of a file in bytes.

    :raises ModelLoadError: if it is missing, or a folder, pipe or device: those may block.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise ModelLoadError(f'{path} is missing') from error
    except OSError as error:
        raise ModelLoadError(f'{path} is unreadable: {error}') from error
    if not stat.S_ISREG(status.st_mode):
        raise ModelLoadError(f'{path} is no regular file')
    return status.st_size


def read_text(path: Path) -> str:
    """
    Return the text in a small file.

    :raises ModelLoadError: naming the file, if there is none, or it is too large or no UTF-8.
    """
    size = check_regular(path)
    if size > MOST_BYTES:
        raise ModelLoadError(f'{path} has {size} bytes, more than the limit of {MOST_BYTES}')
    with load_errors(path):
        return path.read_text(encoding='utf-8')


def read_json(path: Path) -> dict[str, Any]:
    """
    Return the object in a JSON file.

    :raises ModelLoadError: naming the file, if it is missing, too large or no JSON object.
    """
    text = read_text(path)
    values = sum(map(text.count, ',[{'))
    if values > _MOST_VALUES:
        raise ModelLoadError(f'{path} has {values} values, more than the limit of {_MOST_VALUES}')
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelLoadError(f'{path} is damaged: {error}') from error
    if not isinstance(content, dict):
        raise ModelLoadError(f'{path}: expected a JSON object, got {type(content).__name__}')
    return content


def check_numbers(path: Path, content: object, most: int) -> None:
    """
    Refuse whole numbers for which a library would make that many of something.

    :param content: of a JSON file.
    :raises ModelLoadError: naming the file, the field and the number.
    """
    waiting: list[tuple[str, object]] = [('', content)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((f'{name}.{key}', inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((name, inner) for inner in value)
        elif isinstance(value, int) and abs(value) > most:
            raise ModelLoadError(
                f'{path}: {name[1:][:80]} is beyond the limit of {most}: {str(value)[:40]}'
            )
