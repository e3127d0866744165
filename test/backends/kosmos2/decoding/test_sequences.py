# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Who sees whom in a packed row, against sequences that are kept one by one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.backends.kosmos2.decoding.sequences import PackedRow

steps = st.lists(
    st.one_of(
        st.tuples(st.just('start'), st.lists(st.integers(1, 3), min_size=1, max_size=2)),
        st.tuples(st.just('append'), st.lists(st.integers(0, 3), min_size=9, max_size=9)),
        st.tuples(st.just('select'), st.lists(st.integers(0, 8), min_size=1, max_size=4)),
        st.tuples(st.just('shorten'), st.lists(st.integers(0, 4), min_size=9, max_size=9)),
    ),
    max_size=8,
)


def test_dropped_slots_are_as_if_they_had_never_been() -> None:
    row, other = PackedRow(), PackedRow()
    for one, extra in ((row, 3), (other, 0)):
        one.start([4])
        one.append([1 + extra])
    row.drop(3)
    assert np.array_equal(row.append([2]).visible, other.append([2]).visible)
    assert row.slots == other.slots == 7


@given(steps)
def test_each_token_sees_its_own_sequence_and_nothing_else(
    steps: list[tuple[str, list[int]]],
) -> None:
    row = PackedRow()
    sequences: list[list[int]] = []
    for kind, numbers in steps:
        if kind in ('start', 'append'):
            if kind == 'start':
                counts = [0] * len(sequences) + numbers
                appended = row.start(numbers)
                sequences += [[] for _ in numbers]
            else:
                counts = numbers[: len(sequences)]
                appended = row.append(counts)
            expected, places, slot = [], [], row.slots - sum(counts)
            for sequence, count in zip(sequences, counts, strict=True):
                for _ in range(count):
                    places.append(len(sequence))
                    sequence.append(slot)
                    expected.append(list(sequence))
                    slot += 1
            assert appended.places.tolist() == places
            assert appended.ends.tolist() == np.cumsum(counts).tolist()
            assert [np.flatnonzero(line).tolist() for line in appended.visible] == expected
        elif sequences and kind == 'select':
            chosen = [number % len(sequences) for number in numbers]
            row.select(chosen)
            sequences = [list(sequences[index]) for index in chosen]
        elif kind == 'shorten':
            row.shorten(numbers[: len(sequences)])
            sequences = [
                sequence[:length]
                for sequence, length in zip(sequences, numbers[: len(sequences)], strict=True)
            ]
        assert row.lengths.tolist() == [len(sequence) for sequence in sequences]


def test_one_length_for_each_sequence() -> None:
    row = PackedRow()
    row.start([1, 2])
    with pytest.raises(ValueError, match='2 sequences, got 1'):
        row.append([1])
