"""The manifest guards itself as well as the files: no flipped byte of it goes unseen."""

import json
from pathlib import Path

import numpy as np
import pytest

from model.bundle import Bundle, BundleError, ModelPart, read_bundle, write_bundle
from model.scoring import calibrated, pair_scores


def write(folder: Path, slope: float = 8.0, **fields: object) -> Path:
    codes = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)
    score = pair_scores(codes[:1], codes[:1])
    test = {"cell_line": "c0", "drug": "d0", "score": score.item(), "probability": calibrated(score, slope, 0).item()}
    card = {"calibration": {"slope": slope, "intercept": 0.0}, "self_test": [test]}
    manifest = {"name": "tiny", "default_model": "m", "dataset": {}, "metrics": {"m": {"LPO": 0.8}}, **fields}
    tables = [[{"id": f"{side}{i}"} for i in range(2)] for side in "cd"]
    write_bundle(folder, Bundle(manifest, *tables, {"m": ModelPart("m", codes, codes, b"graph", card)}))
    return folder


def same_json(a: bytes, b: bytes) -> bool:
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


def test_any_flipped_byte_of_the_manifest_that_changes_its_meaning_is_refused(tmp_path):
    path = write(tmp_path / "bundle") / "manifest.json"
    whole = path.read_bytes()
    for place in range(len(whole)):
        flipped = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        if same_json(flipped, whole):  # the 17th digit of a number may not matter
            continue
        path.write_bytes(flipped)
        with pytest.raises(BundleError, match=r"manifest\.json"):
            read_bundle(path.parent)


def test_another_calibration_is_another_version(tmp_path):
    one, two = (read_bundle(write(tmp_path / str(slope), slope)) for slope in (8.0, 7.0))
    assert one.manifest["files"] == two.manifest["files"]
    assert one.version != two.version


def test_what_json_writes_otherwise_hashes_as_it_is_read_back(tmp_path):
    folder = write(tmp_path / "bundle", extra={10: (1, 2), 9: None})
    assert read_bundle(folder).manifest["extra"] == {"10": [1, 2], "9": None}


@pytest.mark.parametrize("name", ["manifest.json", "drugs.json"])
def test_nan_in_a_json_file_is_refused(tmp_path, name):
    folder = write(tmp_path / "bundle")
    (folder / name).write_text('[{"id": NaN}]')
    with pytest.raises(BundleError, match=name):
        read_bundle(folder)
