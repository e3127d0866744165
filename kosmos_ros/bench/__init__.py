# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Benchmark: the cost of answers, compared with the usual recipe and the limit set by memory.

All that is compared is measured in one run, each variant of a model in its own process, one after
the other.
"""
