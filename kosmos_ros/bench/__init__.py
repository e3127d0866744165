# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What an answer costs here, beside what the usual recipe costs and what the memory allows.

Everything that is compared is measured in one run, each variant of a model in a process of its
own, one after the other.
"""
