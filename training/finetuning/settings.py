# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Settings of a fine-tuning: plain values, importable without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import InvalidRequestError

COCO, FLICKR30K = 'coco', 'flickr30k'
REFCOCO = ('refcoco', 'refcoco+', 'refcocog')
FORMATS = (COCO, *REFCOCO, FLICKR30K)

PARTS = ('text', 'connector', 'vision')
"""Parts of the model that may have adapters: decoder, what links it to the vision tower, that."""

SOFT, EXACT = 'soft', 'exact'
"""A location token's target: a Gaussian over the cells around the corner, or the one cell."""

_NOT_OF_THE_RUN = ('to', 'device', 'threads', 'resume', 'measure', 'check_scenes', 'save_dtype')
"""Settings that may change when a run goes on."""


@dataclass(frozen=True)
class Settings:
    """
    What to fine-tune, on what, and how.

    ``batch`` are images of a step and ``questions`` those about each of them, at most;
    ``accumulate`` passes make a step. ``rate`` is the highest learning rate. ``rank``, ``alpha``,
    ``dropout`` and ``parts`` are those of LoRA (Hu et al. 2021); with ``full`` all weights are
    trained instead. ``mix_scenes`` simulated scenes with their usual questions are learned beside
    the user's images, so that less is forgotten. ``held_out`` (0..1) is the share of images that
    are measured rather than learned, where ``validation_split`` names none; ``measure`` is how
    many of them at most, ``check_scenes`` how many simulated scenes with the old questions.
    """

    model: str
    format: str
    folder: Path
    to: Path
    images: Path | None = None
    split: str = ''
    split_by: str = ''
    validation_split: str = ''
    held_out: float = 0.2
    epochs: int = 10
    batch: int = 8
    questions: int = 6
    accumulate: int = 1
    rate: float = 0.0
    weight_decay: float = 0.01
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    parts: tuple[str, ...] = PARTS
    full: bool = False
    targets: str = ''
    describe: bool = False
    mirror: bool = True
    mix_scenes: int = 0
    checkpointing: bool = False
    dtype: str = 'auto'
    save_dtype: str = 'float16'
    device: str = 'auto'
    threads: int = 0
    measure: int = 100
    check_scenes: int = 0
    seed: int = 0
    resume: bool = False

    def __post_init__(self) -> None:
        """
        Reject invalid values.

        :raises InvalidRequestError: naming the option, what it needs and what it got.
        """
        if self.format not in FORMATS:
            raise InvalidRequestError(
                f'--format must be one of {", ".join(FORMATS)}, got {self.format!r}'
            )
        for name in ('epochs', 'batch', 'questions', 'accumulate', 'rank', 'alpha', 'measure'):
            if getattr(self, name) < 1:
                raise InvalidRequestError(f'--{name} must be 1 or more, got {getattr(self, name)}')
        for name in ('mix_scenes', 'check_scenes', 'threads', 'rate', 'weight_decay'):
            if getattr(self, name) < 0:
                raise InvalidRequestError(
                    f'--{name.replace("_", "-")} must be 0 or more, got {getattr(self, name)}'
                )
        if not 0.0 < self.held_out < 1.0:
            raise InvalidRequestError(
                f'--held-out is a share between 0 and 1, got {self.held_out}: without images '
                'that are not learned nobody knows whether the model became better'
            )
        if not 0.0 <= self.dropout < 1.0:
            raise InvalidRequestError(f'--dropout must be within 0..1, got {self.dropout}')
        unknown = sorted(set(self.parts) - set(PARTS))
        if unknown or not self.parts:
            raise InvalidRequestError(
                f'--parts names some of {", ".join(PARTS)}, got {", ".join(self.parts) or "none"}'
            )
        if self.targets not in ('', SOFT, EXACT):
            raise InvalidRequestError(f'--targets must be {SOFT} or {EXACT}, got {self.targets!r}')

    @property
    def is_small(self) -> bool:
        """Tell whether it is the embedded model, which differs from the large one."""
        return self.model == EMBEDDED_MODEL

    @property
    def location_targets(self) -> str:
        """Return ``targets``, or those that the model was trained with."""
        return self.targets or (SOFT if self.is_small else EXACT)

    @property
    def highest_rate(self) -> float:
        """Return ``rate``, or the default for the model and its trained part."""
        if self.rate:
            return self.rate
        if self.full:
            return 5e-4 if self.is_small else 1e-5
        return 3e-3 if self.is_small else 2e-4

    @property
    def run_folder(self) -> Path:
        """Return the folder of log, curve and checkpoint."""
        return self.to / 'finetuning'

    @property
    def adapter_folder(self) -> Path:
        """Return the folder of the adapter."""
        return self.to / 'adapter'

    def plain(self) -> dict[str, object]:
        """Return the settings in types of JSON."""
        values = asdict(self)
        values['folder'] = str(self.folder.expanduser().resolve())
        values['to'] = str(self.to)
        values['images'] = str(self.images) if self.images else ''
        values['parts'] = list(self.parts)
        return values

    def of_the_run(self) -> dict[str, object]:
        """Return the settings that must be the same when a run is resumed."""
        return {name: v for name, v in self.plain().items() if name not in _NOT_OF_THE_RUN}
