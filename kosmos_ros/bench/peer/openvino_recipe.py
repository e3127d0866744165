# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
OpenVINO's recipe for KOSMOS-2: transformers' greedy generation, with OpenVINO for every pass.

An image's features are computed once, however many questions there are. The keys and values of a
question are of no use for the next one: its generation begins with an empty state.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import openvino
from PIL.Image import Image
import torch
from transformers import AutoConfig, Kosmos2Processor
from transformers.modeling_outputs import CausalLMOutput
from transformers.models.kosmos2.modeling_kosmos2 import Kosmos2TextForCausalLM

from kosmos_ros.bench.peer.export import DECODER, EMBEDDING, IMAGE, part_file

_USUAL = {'PERFORMANCE_HINT': 'LATENCY'}
_EXACT = {'INFERENCE_PRECISION_HINT': 'f32', 'KV_CACHE_PRECISION': 'f32'}


class OpenVinoRecipe:
    """
    Exported models, ready to be asked.

    :param checkpoint: what they were exported from; lends configuration and processor.
    :param exported: folder of the models.
    :param exact: compute in float32 throughout; else in what OpenVINO chooses for this machine.
    """

    def __init__(self, checkpoint: Path, exported: Path, exact: bool = False) -> None:
        core = openvino.Core()
        options = _USUAL | (_EXACT if exact else {})
        self._image, embedding, decoder = (
            core.compile_model(part_file(exported, part), 'CPU', options)
            for part in (IMAGE, EMBEDDING, DECODER)
        )
        self.precision = str(decoder.get_property('INFERENCE_PRECISION_HINT').to_string())
        self._text: Any = _Text(
            AutoConfig.from_pretrained(checkpoint, local_files_only=True).text_config,
            embedding,
            decoder.create_infer_request(),
        )
        self._processor: Any = Kosmos2Processor.from_pretrained(checkpoint, local_files_only=True)
        # Questions about a known image do without the preparation of its pixels.
        self._words: Any = copy(self._processor)
        self._words.image_processor = lambda *_, **__: {}

    def see(self, image: Image) -> torch.Tensor:
        """Return an image's features, float32, (1, queries, embed_dim)."""
        pixels = self._processor.image_processor(image, return_tensors='np')['pixel_values']
        return torch.from_numpy(self._image(pixels)[0])

    def ask(
        self, prompt: str, features: torch.Tensor, max_new_tokens: int, least: int = 0
    ) -> list[int]:
        """
        Answer a prompt about an image.

        :param least: least number of tokens, even if the model would end earlier.
        :returns: the tokens written.
        """
        # What it is asked with besides the words is only seen not to be None.
        inputs = self._words(text=prompt, images=features, return_tensors='pt')
        written = self._text.generate(
            input_ids=inputs['input_ids'],
            attention_mask=inputs['attention_mask'],
            image_embeds=features,
            image_embeds_position_mask=inputs['image_embeds_position_mask'],
            max_new_tokens=max_new_tokens,
            min_new_tokens=least or None,
        )
        text = self._processor.batch_decode(written, skip_special_tokens=True)[0]
        self._processor.post_process_generation(text)
        return [int(token) for token in written[0, inputs['input_ids'].shape[1] :]]


class _Text(Kosmos2TextForCausalLM):
    """The text model of transformers without weights: OpenVINO does its passes."""

    def __init__(self, config: Any, embedding: Any, request: Any) -> None:
        with torch.device('meta'):
            super().__init__(config)
        self._embedding = embedding
        self._request = request
        self._length = 0

    @property
    def device(self) -> torch.device:
        """Where inputs have to be."""
        return torch.device('cpu')

    def _supports_default_dynamic_cache(self) -> bool:
        # Keys and values stay with OpenVINO.
        return False

    def forward(
        self,
        input_ids: torch.Tensor,
        image_embeds: torch.Tensor | None = None,
        image_embeds_position_mask: torch.Tensor | None = None,
        **_: Any,
    ) -> CausalLMOutput:
        """Return the logits of the last token; with image features: of a new text's."""
        embeds = torch.from_numpy(self._embedding(input_ids.numpy())[0])
        if image_embeds is not None and image_embeds_position_mask is not None:
            self._request.reset_state()
            self._length = 0
            embeds[image_embeds_position_mask.bool()] = image_embeds[0]
        positions = self.model.embed_positions.create_position_ids_from_input_ids(
            input_ids, self.config.pad_token_id, self._length
        )
        self._length += input_ids.shape[1]
        order = torch.zeros(1, dtype=torch.int32)
        found = self._request.infer([embeds.numpy(), positions.numpy(), order.numpy()])
        return CausalLMOutput(logits=torch.from_numpy(found[0]))
