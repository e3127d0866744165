# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Check and measure on a GPU what no other machine can: ``make gpu-check``, unattended.

Each step is a process with a time of its own; ``gpu_check.json`` and ``gpu_check.html`` hold what
each found, or why it did not run. With ``--device cpu`` the same steps run as far as a CPU goes,
to try the program itself.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
import json
import logging
from pathlib import Path
from statistics import median
import subprocess
import sys
import time
from typing import Any

from kosmos_ros.core.files import write_text
from kosmos_ros.results import page

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 450
"""All steps together; what does not fit in is not run."""

TESTS = ('test/backends/kosmos2/decoding', 'test/backends/checkpoint', 'test/backends/linears')
"""Tests of what depends on the device."""

FORMATS: Mapping[str, Mapping[str, Any]] = {
    'bfloat16': {'dtype': 'bfloat16'},
    'float16': {'dtype': 'float16'},
    '8 bit': {'quantization': '8bit'},
    '4 bit': {'quantization': '4bit'},
}
_REPEATS = 10
_VIEWS = 64

Found = dict[str, Any]


def run_tests(_: Namespace) -> Found:
    """Run the tests; those that need a CUDA device are skipped where there is none."""
    command = [sys.executable, '-m', 'pytest', '-q', '-rs', '-p', 'no:cacheprovider', *TESTS]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = ended.stdout.splitlines()
    skipped = [line for line in lines if line.startswith('SKIPPED')]
    return {'passed': ended.returncode == 0, 'result': lines[-1:], 'skipped': skipped}


def make_weights(arguments: Namespace) -> Found:
    """Make the full-size checkpoint of random weights, unless it is there or another is asked."""
    if arguments.model:
        return {'model': arguments.model}
    from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint  # noqa: PLC0415

    random_checkpoint(_weights(arguments), '', lambda _: None)
    return {'model': str(_weights(arguments))}


def measure_format(arguments: Namespace, name: str) -> Found:
    """Time queries and captions in a number format, with single steps recorded and not."""
    import torch  # noqa: PLC0415

    from kosmos_ros.backends.factory import load_backend  # noqa: PLC0415
    from kosmos_ros.bench.measure.ours import OurModel  # noqa: PLC0415
    from kosmos_ros.bench.measure.variant import location_tokens  # noqa: PLC0415
    from kosmos_ros.bench.plan import CAPTION_TOKENS, PHRASES, SCENE  # noqa: PLC0415
    from kosmos_ros.core.types import GroundingRequest, Task  # noqa: PLC0415

    start = time.perf_counter()
    backend: Any = load_backend(_model(arguments), device=arguments.device, **FORMATS[name])
    loaded = time.perf_counter() - start
    model, image = OurModel(backend, CAPTION_TOKENS), _picture(SCENE)
    known = model.new_frame()
    request = GroundingRequest('', Task.DESCRIBE)

    def caption() -> str:
        return model.grounder.ground(image, request, source=model.new_frame()).text

    found: Found = {
        'precision': model.precision,
        'load seconds': loaded,
        'first query': _median(lambda: model.locate(image, PHRASES[:1], model.new_frame(), 1)),
        'later query': _median(lambda: model.locate(image, PHRASES[:1], known, 1)),
        'location tokens': location_tokens(model, image, PHRASES),
        'single steps recorded': backend.single_steps_recorded,
        'caption, recorded': _median(caption),
    }
    text = caption()
    backend.record_no_steps()
    found |= {'caption, eager': _median(caption), 'texts equal': caption() == text}
    if torch.cuda.is_available():
        found['peak bytes'] = torch.cuda.max_memory_allocated()
    return found


def halve(arguments: Namespace) -> Found:
    """Have a batch of images not fit into the memory that is left, and compare the answers."""
    import torch  # noqa: PLC0415

    from kosmos_ros.backends.factory import load_backend  # noqa: PLC0415
    from kosmos_ros.bench.plan import SCENE  # noqa: PLC0415

    if not torch.cuda.is_available():
        return {'not_run': 'a CPU has no memory of its own to run out of'}
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger('kosmos_ros').addHandler(handler)
    backend: Any = load_backend(_model(arguments), device=arguments.device, dtype='bfloat16')
    views = [_picture(SCENE)] * _VIEWS
    torch.cuda.empty_cache()
    before = torch.cuda.memory_reserved()
    whole = backend.encode(views)
    most = torch.cuda.max_memory_reserved() - before
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((before + 0.7 * most) / total)
    halves = backend.encode(views)
    apart = max(
        float((one.image_embeds - other.image_embeds).abs().max())
        for one, other in zip(whole, halves, strict=True)
    )
    return {'halved': sum('half' in text for text in messages), 'furthest apart': apart}


def steps() -> dict[str, Callable[[Namespace], Found]]:
    """Return what is done, by name, in order."""

    def of(name: str) -> Callable[[Namespace], Found]:
        return lambda arguments: measure_format(arguments, name)

    return {
        'weights': make_weights,
        **{name: of(name) for name in FORMATS},
        'out of memory': halve,
        'tests': run_tests,
    }


def check(arguments: Namespace) -> Found:
    """Run each step in a process of its own, and return what they found."""
    from kosmos_ros.bench.machine import machine  # noqa: PLC0415

    begin, found = time.monotonic(), {}
    gpu = subprocess.run(
        [sys.executable, '-c', _GPU], capture_output=True, text=True, check=False
    ).stdout.strip()
    for name in steps():
        left = SECONDS - (time.monotonic() - begin)
        print(f'{name} ...', file=sys.stderr, flush=True)
        if arguments.device != 'cpu' and not gpu:
            found[name] = {'not_run': 'PyTorch sees no CUDA device here'}
        else:
            found[name] = _step(arguments, name, left)
    return {'gpu': gpu, 'device': arguments.device, 'machine': machine(), 'steps': found}


_GPU = 'import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else "")'


def report(found: Found) -> str:
    """Return a page of what the steps found."""
    body = [page.tiles([(found['gpu'] or 'none', 'GPU'), (found['device'], 'device')])]
    for name, result in found['steps'].items():
        shown = {key: value for key, value in result.items() if key != 'location tokens'}
        rows = [[key, _told(value)] for key, value in shown.items()]
        body.append(page.details(f'{name}: {_outcome(result)}', page.table(['', ''], rows)))
    return page.page('kosmos_ros on a GPU', body)


def main(argv: list[str] | None = None) -> int:
    """Check, save and say where; 1 if a step failed, also where none could run."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('--device', default='cuda', choices=['cuda', 'cpu'])
    parser.add_argument('--model', default='', help='default: random weights of full size')
    parser.add_argument('--output', type=Path, default=Path('gpu_check_output'))
    parser.add_argument('--step', help='do this step alone and print its result as JSON')
    arguments = parser.parse_args(argv)
    if arguments.step:
        print(json.dumps(steps()[arguments.step](arguments)))
        return 0
    arguments.output.mkdir(parents=True, exist_ok=True)
    found = check(arguments)
    write_text(arguments.output / 'gpu_check.json', json.dumps(found, indent=1) + '\n')
    write_text(arguments.output / 'gpu_check.html', report(found))
    for name, result in found['steps'].items():
        print(f'{name}: {_outcome(result)}')
    print(f'saved gpu_check.json and gpu_check.html in {arguments.output}')
    return int(any(_outcome(result) != 'done' for result in found['steps'].values()))


def _step(arguments: Namespace, name: str, seconds: float) -> Found:
    given = ['--device', arguments.device, '--model', arguments.model]
    command = [sys.executable, '-m', 'scripts.gpu_check', '--step', name, *given]
    command += ['--output', str(arguments.output)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=max(seconds, 1), check=False
        )
    except subprocess.TimeoutExpired:
        return {'not_run': f'no time was left of {SECONDS} s'}
    if ended.returncode:
        return {'failed': (ended.stderr.strip().splitlines() or ['without a word'])[-1]}
    found: Found = json.loads(ended.stdout.splitlines()[-1])
    return found


def _outcome(result: Found) -> str:
    for key, words in (('not_run', 'not run'), ('failed', 'failed')):
        if key in result:
            return f'{words}: {result[key]}'
    return 'done' if result.get('passed', True) else 'failed'


def _told(value: Any) -> str:
    return f'{value:.4g}' if isinstance(value, float) else str(value)


def _median(work: Callable[[], object]) -> float:
    """Return the median of repeated seconds, after one that does not count."""
    seconds = []
    for _ in range(_REPEATS + 1):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])


def _picture(seed: int) -> Any:
    import numpy as np  # noqa: PLC0415

    return np.random.default_rng(seed).integers(0, 255, (480, 640, 3), np.uint8)


def _weights(arguments: Namespace) -> Path:
    return Path(arguments.output, 'random_checkpoint').absolute()


def _model(arguments: Namespace) -> str:
    return arguments.model or str(_weights(arguments))


if __name__ == '__main__':
    sys.exit(main())
