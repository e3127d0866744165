# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The tokenizer and processor of the embedded model.

A Unigram vocabulary that covers any text: known words are one token, other words are spelled with
characters, and non-ASCII characters with bytes. Input is lower-cased and stripped of accents, and
hyphens become spaces, so ``the Red-Cube`` reads as ``the red cube``. Ids 4..67 are never text: the
processor puts them where the image goes.
"""

from __future__ import annotations

from functools import lru_cache
import string

from tokenizers import decoders, normalizers, pre_tokenizers, processors, Tokenizer
from tokenizers.models import Unigram
from transformers import CLIPImageProcessorPil, Kosmos2Processor, PreTrainedTokenizerFast

from training.texts.words import known_words

BOS, PAD, EOS, UNK = range(4)
IMAGE_SLOTS = 64
IMAGE_SIZE = 224
SPECIAL_TOKENS = ('<s>', '<pad>', '</s>', '<unk>')
PUNCTUATION = ',.:?!;\'-()/"'
WORD_SCORE, CHARACTER_SCORE, SLOT_SCORE = -3.0, -12.0, -99.0
SPACE = '▁'


def vocabulary() -> list[tuple[str, float]]:
    """Return the pieces with their scores, which decide between ways to split a word."""
    pieces = dict.fromkeys(SPECIAL_TOKENS, 0.0)
    pieces |= {f'<image_slot_{slot:02d}>': SLOT_SCORE for slot in range(IMAGE_SLOTS)}
    pieces |= {SPACE + word: WORD_SCORE for word in known_words()}
    pieces |= dict.fromkeys(PUNCTUATION, WORD_SCORE)
    characters = string.ascii_lowercase + string.digits + SPACE + '&%+#@*=_'
    pieces |= dict.fromkeys(characters, CHARACTER_SCORE)
    pieces |= {f'<0x{byte:02X}>': CHARACTER_SCORE for byte in range(256)}
    return list(pieces.items())


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Build the tokenizer without the tags, which the processor adds."""
    tokenizer = Tokenizer(Unigram(vocabulary(), unk_id=UNK, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace('-', ' '),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme='never', split=True)
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(SPACE, prepend_scheme='never', split=True)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single='<s> $A </s>',
        pair='<s> $A </s> $B </s>',
        special_tokens=[('<s>', BOS), ('</s>', EOS)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **dict(
            zip(('bos_token', 'pad_token', 'eos_token', 'unk_token'), SPECIAL_TOKENS, strict=True)
        ),
        padding_side='left',
        model_max_length=1024,
        clean_up_tokenization_spaces=False,
        model_input_names=['input_ids', 'attention_mask'],
    )


def build_processor() -> Kosmos2Processor:
    """Build the processor: 224x224 squashed (never cropped), bicubic, tags and cells added."""
    images = CLIPImageProcessorPil(
        size={'height': IMAGE_SIZE, 'width': IMAGE_SIZE},
        crop_size={'height': IMAGE_SIZE, 'width': IMAGE_SIZE},
        do_center_crop=False,
        do_resize=True,
        resample=3,
    )
    return Kosmos2Processor(images, build_tokenizer())


@lru_cache(maxsize=1)
def shared_processor() -> Kosmos2Processor:
    """Return one processor for the whole process; treat it as read-only."""
    return build_processor()


@lru_cache(maxsize=100_000)
def encode_text(text: str) -> tuple[int, ...]:
    """Return the ids of text without tags; a leading space counts."""
    return tuple(shared_processor().tokenizer.encode(text, add_special_tokens=False))


def token_id(token: str) -> int:
    """
    Return the id of one token spelled as in the vocabulary.

    :raises ValueError: if there is no such token.
    """
    number = shared_processor().tokenizer.convert_tokens_to_ids(token)
    if number == UNK and token != '<unk>':  # noqa: S105
        raise ValueError(f'the vocabulary has no token {token!r}')
    return int(number)
