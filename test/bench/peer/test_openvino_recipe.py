# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Exported models answer, and later questions about an image begin anew.

Spans ``bench.peer.export`` and ``bench.peer.openvino_recipe``.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
import pytest

from kosmos_ros.bench.measure.recipe import CAPTION_PROMPT, phrase_prompt


@pytest.mark.usefixtures('installed')
def test_bfloat16_and_int8_answer(tmp_path: Path, embedded: Path, picture: Path) -> None:
    from kosmos_ros.bench.peer.export import export, part_file  # noqa: PLC0415
    from kosmos_ros.bench.peer.openvino_recipe import OpenVinoRecipe  # noqa: PLC0415

    sizes = []
    for weights in ('bfloat16', 'int8'):
        exported = export(embedded, tmp_path, weights)
        sizes.append(part_file(exported, 'decoder').with_suffix('.bin').stat().st_size)
        recipe = OpenVinoRecipe(embedded, exported)
        with Image.open(picture) as image:
            features = recipe.see(image.convert('RGB'))
        # <object>, two corners, </object>, </s>
        located = recipe.ask(phrase_prompt('the pink bowl'), features, 128)
        assert len(located) == 5
        assert len(recipe.ask(CAPTION_PROMPT, features, 7, least=7)) == 7
        assert recipe.ask(phrase_prompt('the pink bowl'), features, 128) == located
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.usefixtures('installed')
def test_attention_over_states_is_one_operation(tmp_path: Path, small: Path) -> None:
    import openvino  # noqa: PLC0415

    from kosmos_ros.bench.peer.export import DECODER, export, part_file  # noqa: PLC0415

    exported = export(small, tmp_path, 'bfloat16')
    decoder = openvino.Core().compile_model(part_file(exported, DECODER), 'CPU')
    kinds = [
        operation.get_rt_info()['layerType'].astype(str)
        for operation in decoder.get_runtime_model().get_ops()
    ]
    assert kinds.count('ScaledDotProductAttention') == 2
