# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The cache holds what a growing concatenation would hold."""

import pytest
import torch

from kosmos_ros.backends.kosmos2.decoding.key_value_cache import KeyValueCache

LAYERS, HEADS, SIZE = 2, 3, 4


def states(tokens: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return random keys and values of some tokens."""
    return torch.randn((LAYERS, 2, HEADS, tokens, SIZE)).to(dtype)


def run(cache: KeyValueCache, new: torch.Tensor) -> list[torch.Tensor]:
    """Do what the layers of a model do; return what each gets, keys and values stacked."""
    cache.make_room(new.shape[3])
    return [
        torch.cat(cache.update(new[layer, :1], new[layer, 1:], layer)) for layer in range(LAYERS)
    ]


def test_it_grows_without_losing_anything() -> None:
    torch.manual_seed(0)
    cache = KeyValueCache(LAYERS)
    everything = states(0)
    for tokens in (70, 1, 57, 1, 1, 200, 3):
        new = states(tokens)
        everything = torch.cat([everything, new], dim=3)
        for layer, found in enumerate(run(cache, new)):
            assert torch.equal(found, everything[layer])
    assert torch.equal(cache.take(60, 140), everything[..., 60:140, :])


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
def test_what_was_taken_can_be_put_first(dtype: torch.dtype) -> None:
    first, second, new = states(5, dtype), states(67, dtype), states(1, dtype)
    cache = KeyValueCache(LAYERS)
    cache.put(first)
    cache.put(second)
    everything = torch.cat([first, second, new], dim=3)
    for layer, found in enumerate(run(cache, new)):
        assert found.dtype == dtype
        assert torch.equal(found, everything[layer])


def test_dropped_tokens_are_overwritten() -> None:
    cache = KeyValueCache(LAYERS)
    kept, dropped, new = states(3), states(2), states(4)
    run(cache, kept)
    run(cache, dropped)
    cache.drop(2)
    for layer, found in enumerate(run(cache, new)):
        assert torch.equal(found, torch.cat([kept[layer], new[layer]], dim=2))


def test_a_copy_stays_as_it_was() -> None:
    cache = KeyValueCache(LAYERS)
    new = states(3)
    run(cache, new)
    taken = cache.take(0, 3)
    run(cache, states(100))
    assert taken.is_contiguous()
    assert taken.untyped_storage().nbytes() == taken.nbytes
    assert torch.equal(taken, new)


def test_what_was_reserved_is_there() -> None:
    cache = KeyValueCache(LAYERS)
    cache.reserve(300)
    views = []
    for tokens in (67, 200, 32):
        cache.make_room(tokens)
        new = states(tokens)
        views.append(cache.update(new[0, :1], new[0, 1:], 0)[0])
    assert len({view.untyped_storage().data_ptr() for view in views}) == 1


def test_nothing_can_be_taken_from_an_empty_one() -> None:
    with pytest.raises(RuntimeError, match='nothing went through'):
        KeyValueCache(LAYERS).take(0, 1)
