# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Check and measure on a GPU what no other machine can: ``make gpu-check``, unattended.

Each step is a process with a time of its own. ``gpu_check.json`` and ``gpu_check.html`` are
written anew after each one and hold what it found, or why it did not run. With ``--device cpu``
the same steps run as far as a CPU goes, to try the program itself.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
import json
from pathlib import Path
import sys

from kosmos_ros.bench.machine import machine
from kosmos_ros.core.files import write_text
from scripts.gpu_check.report import compared, outcome, report
from scripts.gpu_check.run import check, do_step
from scripts.gpu_check.steps import SECONDS, STEPS
from scripts.gpu_check.task import Found, Task


def main(argv: list[str] | None = None) -> int:
    """Check, save and say where; 1 if a step failed, or on a GPU did not run."""
    parser = ArgumentParser(prog='python -m scripts.gpu_check', description=__doc__)
    parser.add_argument(
        '--device', default='cuda', choices=['cuda', 'cpu'], help='default: %(default)s'
    )
    parser.add_argument('--model', default='', help='default: random weights of full size')
    parser.add_argument(
        '--output', type=Path, default=Path('gpu_check_output'), help='default: %(default)s'
    )
    parser.add_argument(
        '--seconds', type=float, default=SECONDS, help='for all steps (default: %(default).0f)'
    )
    parser.add_argument('--step', choices=[*STEPS], help='do this step alone, without a limit')
    arguments = parser.parse_args(argv)
    task = Task(arguments.device, arguments.model, arguments.output.absolute())
    task.output.mkdir(parents=True, exist_ok=True)
    if arguments.step:
        return do_step(task, arguments.step)
    about = {
        'when': datetime.now().astimezone().isoformat(timespec='seconds'),
        'device': task.device,
        'model': task.model or 'random weights of full size',
        'machine': machine(),
    }
    found: dict[str, Found] = {}

    def keep(steps: dict[str, Found]) -> None:
        found.update(steps)
        name = list(steps)[-1]
        print(f'{name}: {outcome(steps[name])}', flush=True)
        whole = about | {'steps': steps, 'agreement': compared(steps)}
        write_text(task.output / 'gpu_check.json', json.dumps(whole, indent=1) + '\n')
        write_text(task.output / 'gpu_check.html', report(whole))

    check(task, keep, arguments.seconds)
    print(f'saved gpu_check.json and gpu_check.html in {arguments.output}')
    missing = ('failed', 'not_run') if task.device == 'cuda' else ('failed',)
    return int(any(key in result for key in missing for result in found.values()))


if __name__ == '__main__':
    sys.exit(main())
