# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Some rows of the output matrix are some columns of all logits."""

import copy

import numpy as np
import pytest
import torch

from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.model.grammar import CELL_COUNT


@pytest.fixture(params=['tied', 'untied'])
def head(loaded: LoadedModel, request: pytest.FixtureRequest) -> OutputHead:
    """Return the output of a model whose input and output matrix are the same, or not."""
    model = loaded.model
    if request.param == 'untied':
        model = copy.deepcopy(model)
        model.text_model.config.tie_word_embeddings = False
        weight = torch.randn_like(model.text_model.lm_head.weight)
        model.text_model.lm_head.weight = torch.nn.Parameter(weight)
    return OutputHead(model, loaded.vocabulary)


@pytest.fixture
def hidden(loaded: LoadedModel) -> torch.Tensor:
    """Return hidden states of two sequences at three places."""
    torch.manual_seed(3)
    return torch.randn((2, 3, loaded.model.text_model.config.embed_dim))


def test_rows_are_part_of_all_logits(head: OutputHead, hidden: torch.Tensor) -> None:
    full = head.full(hidden)
    assert full.shape == (2, 3, head.width)
    tokens = (7, 3, 200)
    assert torch.allclose(head.rows(hidden, tokens), full[..., tokens], atol=1e-4)
    assert torch.allclose(head.rows(hidden, slice(5, 9)), full[..., 5:9], atol=1e-4)


def test_probabilities_are_among_what_was_asked_for(
    head: OutputHead, loaded: LoadedModel, hidden: torch.Tensor
) -> None:
    among_all = head.full_log(hidden).exp().numpy()
    assert among_all.sum(axis=-1) == pytest.approx(1.0, abs=1e-4)
    first = loaded.vocabulary.ids.first_cell
    cells = among_all[..., first : first + CELL_COUNT]
    given_a_cell = np.exp(head.log_cells(hidden))
    assert given_a_cell == pytest.approx(cells / cells.sum(axis=-1, keepdims=True), abs=1e-4)
    assert np.exp(head.log_rows(hidden, [4, 2])).sum(axis=-1) == pytest.approx(1.0, abs=1e-5)


def test_half_precision_gives_float32(loaded: LoadedModel, hidden: torch.Tensor) -> None:
    head = OutputHead(copy.deepcopy(loaded.model).bfloat16(), loaded.vocabulary)
    assert head.full(hidden.bfloat16()).dtype == torch.float32
    # A layer may compute in another format than the matrix is kept in.
    assert head.rows(hidden, [1]).dtype == torch.float32


def test_failures_are_model_errors(head: OutputHead) -> None:
    with pytest.raises(ModelError):
        head.full(torch.zeros(3))
    with pytest.raises(ModelError):
        head.log_cells(torch.zeros(3))
