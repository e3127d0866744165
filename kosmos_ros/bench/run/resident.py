# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A model that stays loaded and is asked one question at a time, to be compared with another one.

``python -m kosmos_ros.bench.run.resident JOB.json`` reads a question's name from each line of its
input and answers with the seconds that it took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import json
from pathlib import Path
import subprocess
import sys
import time
from types import MappingProxyType

from kosmos_ros.bench.jobs import environment_of, read_job, WorkerJob, write_job
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import KosmosError

PROGRAM = ('-m', 'kosmos_ros.bench.run.resident')
FIRST, LATER, CAPTION, WRITTEN, SHORT = 'first', 'later', 'caption', 'written', 'short'
"""Questions; the last two are the recipe's, of as many tokens as on the card, and of fewer."""

SHORT_TOKENS = 5

Questions = Mapping[str, Callable[[int], object]]
"""What each question does, given how often it was asked before."""


class Resident(Closing):
    """A process that holds a model, seen from its parent; started when it is first asked."""

    def __init__(self, job: WorkerJob, name: str) -> None:
        self._job = job
        self._name = name
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: str) -> float:
        """
        Return the seconds that a question took.

        :raises BenchError: with the reason, if there is no answer.
        """
        process = self._process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise BenchError(f'{self._name} has no connection')
        try:
            process.stdin.write(f'{question}\n')
            process.stdin.flush()
        except BrokenPipeError as error:
            raise BenchError(self._last_words()) from error
        line = process.stdout.readline()
        if not line:
            raise BenchError(self._last_words())
        answer = json.loads(line)
        if 'error' in answer:
            raise BenchError(answer['error'])
        return float(answer['seconds'])

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @property
    def _log(self) -> Path:
        return Path(self._job.folder, 'logs', f'{self._name}.log')

    def _start(self) -> subprocess.Popen[str]:
        task = write_job(self._job, self._name)
        with self._log.open('w', encoding='utf-8') as log:
            return subprocess.Popen(
                [sys.executable, *PROGRAM, str(task)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding='utf-8',
                env=environment_of(self._job),
            )

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding='utf-8', errors='replace').split('\n')
        last = next((line.strip() for line in reversed(lines) if line.strip()), 'without a word')
        return f'{self._name} ended: {last}'


def questions_of_recipe(job: WorkerJob) -> Questions:
    """Load the recipe of the model card."""
    from PIL import Image  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.measure import recipe as card  # noqa: PLC0415
    from kosmos_ros.bench.plan import AS_WRITTEN, IN_PICTURE, PHRASES  # noqa: PLC0415

    recipe = card.Recipe(find_checkpoint(job.model), job.options['dtype'])
    image = Image.open(job.options['picture']).convert('RGB')
    prompts = [card.phrase_prompt(phrase) for phrase in PHRASES[:IN_PICTURE]]

    def write(prompts: list[str], tokens: int) -> Callable[[int], object]:
        return lambda index: recipe.ask(prompts[index % len(prompts)], image, tokens, tokens)

    recipe.ask(prompts[0], image, 2)
    return {
        WRITTEN: write(prompts, AS_WRITTEN),
        SHORT: write(prompts, SHORT_TOKENS),
        CAPTION: write([card.CAPTION_PROMPT], job.options['caption_tokens']),
    }


def questions_of_openvino(job: WorkerJob) -> Questions:
    """Load OpenVINO's recipe from the models that were exported to the folder ``exported``."""
    from PIL import Image  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.measure.recipe import CAPTION_PROMPT, phrase_prompt  # noqa: PLC0415
    from kosmos_ros.bench.peer.openvino_recipe import OpenVinoRecipe  # noqa: PLC0415
    from kosmos_ros.bench.plan import AS_WRITTEN, IN_PICTURE, PHRASES  # noqa: PLC0415

    recipe = OpenVinoRecipe(find_checkpoint(job.model), Path(job.options['exported']))
    image = Image.open(job.options['picture']).convert('RGB')
    prompts = [phrase_prompt(phrase) for phrase in PHRASES[:IN_PICTURE]]
    known = recipe.see(image)

    def first(prompts: list[str], tokens: int) -> Callable[[int], object]:
        return lambda index: recipe.ask(
            prompts[index % len(prompts)], recipe.see(image), tokens, tokens
        )

    def later(tokens: int) -> Callable[[int], object]:
        return lambda index: recipe.ask(prompts[index % len(prompts)], known, tokens, tokens)

    recipe.ask(prompts[0], known, 2)
    return {
        f'{FIRST} {WRITTEN}': first(prompts, AS_WRITTEN),
        f'{LATER} {WRITTEN}': later(AS_WRITTEN),
        f'{FIRST} {SHORT}': first(prompts, SHORT_TOKENS),
        f'{LATER} {SHORT}': later(SHORT_TOKENS),
        CAPTION: first([CAPTION_PROMPT], job.options['caption_tokens']),
    }


def questions_of_ours(job: WorkerJob) -> Questions:
    """Load the model as this package does."""
    from kosmos_ros.backends.factory import make_backend  # noqa: PLC0415
    from kosmos_ros.backends.settings import ModelSettings  # noqa: PLC0415

    settings = ModelSettings(model=job.model, device='cpu', **job.options['settings'])
    # Before anything that imports torch: the factory chooses how its threads wait.
    backend = make_backend(settings)
    from kosmos_ros.bench.measure.ours import OurModel, phrase_of  # noqa: PLC0415
    from kosmos_ros.core.images.images import load_image  # noqa: PLC0415
    from kosmos_ros.core.types import GroundingRequest, Task  # noqa: PLC0415

    model = OurModel(backend, job.options['caption_tokens'])
    image, known = load_image(Path(job.options['picture'])), model.new_frame()
    for _ in range(2):
        model.locate(image, ('the first thing',), known, 1)
    return {
        FIRST: lambda index: model.locate(image, (phrase_of(index),), model.new_frame(), 1),
        LATER: lambda index: model.locate(image, (phrase_of(index),), known, 1),
        CAPTION: lambda _: model.grounder.ground(
            image, GroundingRequest('', Task.DESCRIBE), source=model.new_frame()
        ),
    }


KINDS: Mapping[str, Callable[[WorkerJob], Questions]] = MappingProxyType(
    {
        'recipe': questions_of_recipe,
        'openvino': questions_of_openvino,
        'ours': questions_of_ours,
    }
)


def main(arguments: list[str]) -> int:
    """Answer until the input ends."""
    # What libraries print must not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    job = read_job(Path(arguments[0]))
    try:
        questions = KINDS[job.kind](job)
        asked = dict.fromkeys(questions, 0)
        for line in sys.stdin:
            name = line.strip()
            start = time.perf_counter()
            questions[name](asked[name])
            seconds = time.perf_counter() - start
            asked[name] += 1
            print(json.dumps({'seconds': seconds}), file=answers, flush=True)
    except (KosmosError, ImportError, MemoryError, ValueError) as error:
        print(json.dumps({'error': str(error) or type(error).__name__}), file=answers, flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
