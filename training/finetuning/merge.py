# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Merges an adapter again, weaker: ``python -m training.finetuning.merge``.

    python -m training.finetuning.merge --adapter my_model/adapter --scale 0.7 --to my_model_70

Between the old model (scale 0) and the fine-tuned one (scale 1) lie models that have learned less
and forgotten less. It takes seconds, so several scales can be tried with ``kosmos-ros eval``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import os
from pathlib import Path
import sys

from kosmos_ros.core.errors import InvalidRequestError, KosmosError


def merge(adapter: Path, scale: float, to: Path, dtype: str = 'float16') -> None:
    """
    Write a model folder.

    :param adapter: folder of an adapter; it names the model it was trained on.
    :param scale: 0 is that model, 1 the fine-tuned one.
    :raises KosmosError: if a folder or the scale is wrong.
    """
    import torch  # noqa: PLC0415
    from transformers import Kosmos2Processor  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.backends.checkpoint.small_files import read_json  # noqa: PLC0415
    from kosmos_ros.backends.checkpoint.weights import load_weights  # noqa: PLC0415
    from training.finetuning.adapters import merge_adapter, require_peft  # noqa: PLC0415
    from training.finetuning.result import save_model  # noqa: PLC0415

    if not 0.0 <= scale <= 1.5:
        raise InvalidRequestError(f'--scale must be within 0..1.5, got {scale}')
    require_peft()
    origin = find_checkpoint(str(read_json(adapter / 'adapter_config.json')[_BASE]))
    base = load_weights(origin, 'none', torch.device('cpu'), torch.float32)
    merged = merge_adapter(base, adapter, scale)
    processor = Kosmos2Processor.from_pretrained(origin, backend='pil', local_files_only=True)
    save_model(merged, processor, origin, to, dtype)


_BASE = 'base_model_name_or_path'


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line and merge; return the exit code."""
    os.environ['HF_HUB_OFFLINE'] = '1'
    parser = argparse.ArgumentParser(
        prog='python -m training.finetuning.merge', description='Merge an adapter, weaker.'
    )
    parser.add_argument('--adapter', type=Path, required=True, help='folder of the adapter')
    parser.add_argument('--scale', type=float, default=0.7, help='0..1.5 (default: %(default)s)')
    parser.add_argument('--to', type=Path, required=True, help='model folder to write')
    parser.add_argument(
        '--save-dtype', default='float16', choices=('float16', 'bfloat16', 'float32')
    )
    arguments = parser.parse_args(argv)
    try:
        merge(arguments.adapter, arguments.scale, arguments.to, arguments.save_dtype)
    except KosmosError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    print(f'saved {arguments.to}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
