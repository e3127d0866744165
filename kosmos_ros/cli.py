# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The command line ``kosmos-ros``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
import errno
import os
import sys
from typing import NoReturn

from kosmos_ros.commands import (
    batch,
    bench,
    calibrate,
    demo,
    download,
    enclaves,
    exit_codes,
    ground,
    stress,
    verify,
    watch,
)
from kosmos_ros.commands import eval as evaluate
from kosmos_ros.core.errors import InvalidRequestError, KosmosError
from kosmos_ros.ending import end_in_order, run_program

_COMMANDS = (
    *(ground, batch, demo, watch, download, verify),
    *(evaluate, calibrate, bench, stress, enclaves),
)


def make_parser() -> ArgumentParser:
    """Declare all commands."""
    parser = ArgumentParser(
        prog='kosmos-ros',
        description='Ask a camera in words: KOSMOS-2 grounding for ROS 2 and for files.',
        epilog=exit_codes.DESCRIPTION,
    )
    subparsers = parser.add_subparsers(title='commands', required=True, metavar='COMMAND')
    for command in _COMMANDS:
        command.add_parser(subparsers)
    parser.set_defaults(online=False)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, by default that of the process's arguments, and return the exit code."""
    arguments = make_parser().parse_args(argv)
    if not arguments.online:
        # Read by the Hugging Face libraries when they are imported, whichever comes first.
        os.environ['HF_HUB_OFFLINE'] = '1'
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return exit_codes.INTERRUPTED
    except (InvalidRequestError, OSError) as error:
        return _fail(error, exit_codes.BAD_INPUT)
    except KosmosError as error:
        return _fail(error, exit_codes.MODEL_FAILED)
    return code


def _fail(error: Exception, code: int) -> int:
    print(f'kosmos-ros: {_told(error)}', file=sys.stderr)
    return code


def _told(error: Exception) -> str:
    """Return what failed; of the system's errors the file and what is wrong with it."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    if error.filename is not None:
        return f'{os.fsdecode(error.filename)}: {error.strerror}'
    if error.errno not in (errno.EFBIG, errno.ENOSPC, errno.EPIPE):
        return str(error)
    # Files are written with their names. What is left in the buffer would fail once more at exit.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f'standard output: {error.strerror}'


def program() -> NoReturn:
    """Run a command as a process of its own."""
    end_in_order()
    run_program(main)


if __name__ == '__main__':
    program()
