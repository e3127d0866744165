# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Search for inputs that break what reads untrusted ones: ``python test/fuzz --runs 100000``.

Each target is a module beside this one, whose ``read(data)`` raises whatever is a fault. Inputs
are found by atheris, guided by which code they reach, from those in ``inputs/``; one that
breaks something is kept in ``--output`` and shown, to be added to those when it is mended.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
import hashlib
import importlib
from pathlib import Path
import subprocess
import sys

from corpus import corpus

TARGETS = ('model_output', 'queries', 'images', 'files')
_SLOWEST = 10
"""Seconds for one input; more is a fault."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets, one after the other; return 1 if something broke."""
    parser = argparse.ArgumentParser(prog='python test/fuzz', description=__doc__)
    parser.add_argument('targets', nargs='*', metavar='target', help=', '.join(TARGETS))
    parser.add_argument('--runs', type=int, default=20_000, help='inputs for each target')
    parser.add_argument('--output', type=Path, default=Path('fuzz_output'), help='folder')
    options = parser.parse_args(arguments)
    if unknown := set(options.targets).difference(TARGETS):
        parser.error(f'there is no target {", ".join(sorted(unknown))}')
    targets = options.targets or TARGETS
    if len(targets) == 1:
        return _fuzz(targets[0], options.runs, options.output / targets[0])
    ends = []
    for target in targets:  # libFuzzer ends the process
        print(f'{target}:', flush=True)
        command = [sys.argv[0], target, f'--runs={options.runs}', f'--output={options.output}']
        ends.append(subprocess.run([sys.executable, *command], check=False).returncode)
    return int(any(ends))


def _fuzz(target: str, runs: int, output: Path) -> int:
    try:
        import atheris  # noqa: PLC0415
    except ImportError:
        print('fuzzing needs the Python package atheris, which cannot be had for every system')
        return 1
    found = output / 'found'
    found.mkdir(parents=True, exist_ok=True)
    for data in corpus(target):
        (found / hashlib.sha256(data).hexdigest()).write_bytes(data)
    with atheris.instrument_imports(include=['kosmos_ros']):
        read: Callable[[bytes], None] = importlib.import_module(target).read
    limits = [f'-runs={runs}', f'-timeout={_SLOWEST}', '-rss_limit_mb=4096', '-max_len=1200']
    quiet = ['-print_final_stats=1', '-verbosity=0', f'-artifact_prefix={output}/']
    atheris.Setup([sys.argv[0], *limits, *quiet, str(found)], read)
    atheris.Fuzz()
    return 0


if __name__ == '__main__':
    sys.exit(main())
