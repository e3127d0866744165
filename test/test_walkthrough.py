# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The walk-through runs, and says what is written in it.

Spans ``examples``.
"""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

import pytest

nbclient = pytest.importorskip('nbclient', reason='notebooks need nbclient and ipykernel')
nbformat = pytest.importorskip('nbformat')
pytest.importorskip('ipykernel')

EXAMPLES = Path(__file__).parents[1] / 'examples'
NUMBER = re.compile(r'\d+(\.\d+)?')


def said(notebook: Any) -> list[str]:
    """Return what each cell printed, without numbers, which other machines round otherwise."""
    printed = (
        ''.join(
            output['text']
            for output in cell.get('outputs', [])
            if output['output_type'] == 'stream' and output['name'] == 'stdout'
        )
        for cell in notebook.cells
    )
    return [NUMBER.sub('N', text) for text in printed]


@pytest.mark.timeout(900)
def test_the_walk_through_runs_on_the_embedded_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('IPYTHONDIR', 'JUPYTER_RUNTIME_DIR', 'JUPYTER_CONFIG_DIR'):
        monkeypatch.setenv(name, str(tmp_path / name))
    written, notebook = (
        nbformat.read(EXAMPLES / 'walkthrough.ipynb', as_version=4) for _ in range(2)
    )
    # Its own assertions compare this package with transformers; an error in a cell is one here.
    nbclient.NotebookClient(
        notebook, timeout=600, resources={'metadata': {'path': str(EXAMPLES)}}
    ).execute()
    assert any(said(written))
    assert said(notebook) == said(written)
    drawn = [
        output
        for cell in notebook.cells
        for output in cell.get('outputs', [])
        if 'image/png' in output.get('data', {})
    ]
    assert len(drawn) == 2


def test_it_has_nine_steps_each_with_transformers_beside_it() -> None:
    cells = nbformat.read(EXAMPLES / 'walkthrough.ipynb', as_version=4).cells[1:]
    headings = [re.match(r'## (\d)\. ', cell.source) for cell in cells[::4]]
    assert [found and found[1] for found in headings] == list('123456789')
    assert {cell.source for cell in cells[2::4]} == {'With transformers alone:'}
    assert {cell.cell_type for cell in (*cells[1::4], *cells[3::4])} == {'code'}
