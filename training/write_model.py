"""The model file and its card, the same bytes for the same training."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis import features
from drumwatch.analysis.model.model_file import FORMAT, TYPES, VECTOR_NAMES
from drumwatch.core.records import LABELS
from training.corpus import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from training.corpus import Example


def write(
    folder: Path,
    arrays: Mapping[str, np.ndarray],
    reference_sounds: Mapping[str, np.ndarray],
    card: Mapping[str, Any],
) -> str:
    """model.npz, memory.npz and model.json; the id that they go by."""
    packed, packed_reference = pack(arrays, compressed=False), pack(reference_sounds, compressed=True)
    sha256 = hashlib.sha256(packed).hexdigest()
    model_id = f"dw{FORMAT}-{sha256[:8]}"
    sums = {"sha256": sha256, "memory_sha256": hashlib.sha256(packed_reference).hexdigest()}
    whole = {"format": FORMAT, "id": model_id, **sums, **common(), **card}
    (folder / "model.npz").write_bytes(packed)
    (folder / "memory.npz").write_bytes(packed_reference)
    (folder / "model.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return model_id


def pack(arrays: Mapping[str, np.ndarray], *, compressed: bool) -> bytes:
    """The bytes of an .npz; uncompressed for what every worker reads when it starts, as that takes a fifth of the time."""
    packed = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def common() -> dict[str, Any]:
    return {
        "labels": LABELS,
        "types": TYPES,
        "groups": GROUPS,
        "features_version": features.VERSION,
        "features": VECTOR_NAMES,
    }


def trained_on(examples: Sequence[Example], corpus_print: str) -> dict[str, Any]:
    """What the model was trained on, in numbers and licences."""
    return {
        "sounds": len(examples),
        "packs": len({example.pack for example in examples}),
        "families": len({example.family for example in examples}),
        "per group": dict(sorted(Counter(GROUPS[example.group] for example in examples).items())),
        "corpus": corpus_print,
        "licences": "Only numbers derived from the sounds are stored, no audio. Each pack states its licence: "
        + "; ".join(sorted({example.licence.split(";")[0].split(" (")[0] for example in examples})),
    }
