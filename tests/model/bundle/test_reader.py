"""A bundle that is damaged, edited or wrong inside is refused by name; a good one comes back as it was written."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.files import content_hash
from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from tests.helpers.tiny_bundle import CODES, write


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


def test_a_bundle_comes_back_as_it_was_written(tmp_path):
    bundle = read_bundle(write(tmp_path / "bundle"))
    np.testing.assert_array_equal(bundle.models["m"].cell, CODES)
    assert [row["id"] for row in bundle.drugs] == ["d0", "d1"]
    assert bundle.default_model == "m"


@pytest.mark.parametrize("name", ["cell_lines.json", "drugs.json", "m/embeddings.safetensors", "m/decoder.onnx"])
def test_one_flipped_byte_in_a_file_is_refused_by_its_name(tmp_path, name):
    path = write(tmp_path / "bundle") / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match=f"{name}: sha256 differs"):
        read_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["manifest.json", "m/decoder.onnx"])
def test_a_missing_file_is_refused_by_its_name(tmp_path, name):
    folder = write(tmp_path / "bundle")
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: .*No such file"):
        read_bundle(folder)


def damaged(row: int, value: float) -> np.ndarray:
    codes = CODES.copy()
    codes[row] = value
    return codes


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (damaged(1, np.nan), "row 1 is not finite"),
        (damaged(1, np.inf), "row 1 is not finite"),
        (damaged(1, 0.0), "row 1 is constant"),
        (CODES[:, :15], "multiple of 16"),
        (CODES[:1], "array of 2 rows"),
        (CODES.astype(np.float64), "must be a float32 array"),
    ],
)
def test_codes_that_cannot_be_served_are_never_written(tmp_path, codes, reason):
    with pytest.raises(BundleError, match=f"embeddings.safetensors: .*{reason}"):
        write(tmp_path / "bundle", codes=codes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("margin", "reason"),
    [
        (damaged(1, np.nan), "'drug_margin' row 1 is not finite"),
        (damaged(0, 2.0), "'drug_margin' row 0 is constant"),
        (np.hstack([CODES, CODES]), "cell and drug_margin codes differ in width"),
        (np.vstack([CODES, CODES]), "'drug_margin' must be a float32 array of 2 rows"),
    ],
)
def test_margin_codes_that_cannot_be_served_are_never_written(tmp_path, margin, reason):
    test = {"cell_line": "c0", "drug": "d0", "score": 0.0, "probability": 0.5, "margin": 0.0}
    card = {"calibration": {"slope": 8.0, "intercept": 0.0}, "self_test": [test]}
    part = ModelPart("m", CODES, CODES, b"graph", card, margin)
    tables = [[{"id": f"{side}{i}"} for i in range(2)] for side in "cd"]
    manifest = {"name": "tiny", "default_model": "m", "dataset": {}, "metrics": {}}
    with pytest.raises(BundleError, match=f"embeddings.safetensors: .*{reason}"):
        write_bundle(tmp_path / "bundle", Bundle(manifest, *tables, {"m": part}))
    assert list(tmp_path.iterdir()) == []


def test_margin_codes_and_further_graphs_come_back_and_their_files_are_verified(tmp_path):
    graphs = {"encoder": b"one", "drug_encoder": b"two"}
    folder = write(tmp_path / "bundle", margin=CODES[::-1], graphs=graphs)
    part = read_bundle(folder).models["m"]
    np.testing.assert_array_equal(part.drug_margin, CODES[::-1])
    assert (part.graphs, part.decoder) == (graphs, b"graph")
    (folder / "m" / "encoder.onnx").write_bytes(b"other")
    with pytest.raises(BundleError, match=r"m/encoder\.onnx: sha256 differs"):
        read_bundle(folder)


def test_a_bundle_without_margin_codes_and_further_graphs_is_read_as_before(tmp_path):
    part = read_bundle(write(tmp_path / "bundle")).models["m"]
    assert part.drug_margin is None
    assert part.graphs == {}


@pytest.mark.parametrize("name", ["decoder", "../encoder", "", "Encoder"])
def test_a_graph_with_another_ones_name_or_a_path_is_refused(tmp_path, name):
    with pytest.raises(BundleError, match="m: a graph cannot be called"):
        write(tmp_path / "bundle", graphs={name: b"graph"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda test: test.update(margin=test["margin"] + 0.01), "self-test of m fails: margin is off by 0.01"),
        (lambda test: test.pop("margin"), "self-test of m has a pair without margin"),
    ],
)
def test_the_self_test_covers_the_margin(tmp_path, change, reason):
    folder = write(tmp_path / "bundle", margin=CODES[::-1])
    with pytest.raises(BundleError, match=reason):
        read_bundle(rewritten(folder, lambda m: change(m["models"]["m"]["self_test"][0])))


def test_a_refused_bundle_leaves_the_old_one_in_its_place(tmp_path):
    folder = write(tmp_path / "bundle")
    with pytest.raises(BundleError):
        write(folder, codes=damaged(1, np.nan))
    np.testing.assert_array_equal(read_bundle(folder).models["m"].cell, CODES)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def rewritten(folder: Path, change) -> Path:
    """The bundle with a changed manifest whose hash is right again: what an honest but wrong exporter would write."""
    bundle = read_bundle(folder)
    manifest = dict(bundle.manifest)
    change(manifest)
    manifest["content_hash"] = content_hash(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m.update(format=4), "format 4 is newer than 3"),
        (lambda m: m.update(format="1"), "no integer field 'format'"),
        (lambda m: m.update(default_model="n"), "default_model 'n' is not among"),
        (lambda m: m.pop("dataset"), r"missing fields \['dataset'\]"),
        (lambda m: m["files"].pop("drugs.json"), "have no sha256"),
        (lambda m: m.update(files=["drugs.json"]), "'files' is no table of names"),
        (lambda m: m["files"].pop("m/decoder.onnx"), "m/decoder.onnx: listed nowhere"),
        (lambda m: m["models"]["m"]["self_test"][0].update(score=0.5), "self-test of m fails: score is off"),
        (lambda m: m["models"]["m"]["self_test"][0].update(drug="d9"), "names the unknown id 'd9'"),
        (lambda m: m["models"]["m"]["self_test"][0].update(drug="d1"), "self-test of m fails"),
    ],
)
def test_right_hashes_over_a_wrong_manifest_are_refused(tmp_path, change, reason):
    folder = rewritten(write(tmp_path / "bundle"), change)
    with pytest.raises(BundleError, match=reason):
        read_bundle(folder)


def test_an_id_that_stands_twice_is_refused(tmp_path):
    bundle = read_bundle(write(tmp_path / "bundle"))
    bundle.drugs[1]["id"] = "d0"
    with pytest.raises(BundleError, match=r"drugs.json: an id stands twice"):
        write_bundle(tmp_path / "other", bundle)


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "m/../../secret",
        "m/../drugs.json",
        "/etc/hostname",
        "//etc/hostname",
        "./drugs.json",
        "m//decoder.onnx",
        "m\\..\\..\\secret",
        "",
        "a\0b",
    ],
)
def test_a_file_name_that_leaves_the_bundle_is_refused_and_not_read(tmp_path, name):
    (tmp_path / "secret").write_bytes(b"secret")
    folder = write(tmp_path / "bundle")
    folder = rewritten(folder, lambda m: m["files"].update({name: hashlib.sha256(b"secret").hexdigest()}))
    with pytest.raises(BundleError, match=r"manifest\.json: lists .* which lies outside the bundle"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["drugs.json", "m/decoder.onnx"])
def test_a_link_out_of_the_bundle_is_refused_by_name_even_with_the_right_content(tmp_path, name):
    folder = write(tmp_path / "bundle")
    path, outside = folder / name, tmp_path / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    with pytest.raises(BundleError, match=f"lists '{name}', which lies outside the bundle"):
        read_bundle(folder)


def test_a_folder_that_is_a_link_out_of_the_bundle_is_refused(tmp_path):
    folder = write(tmp_path / "bundle")
    (folder / "m").rename(tmp_path / "elsewhere")
    (folder / "m").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=r"lists 'm/.*', which lies outside the bundle"):
        read_bundle(folder)


def test_the_bundles_own_folder_may_be_a_link(tmp_path):
    write(tmp_path / "version 3")
    (tmp_path / "current").symlink_to("version 3")
    assert read_bundle(tmp_path / "current").default_model == "m"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(tmp_path, make):
    folder = write(tmp_path / "bundle")
    (folder / "drugs.json").unlink()
    make(folder / "drugs.json")
    with pytest.raises(BundleError, match=r"drugs\.json: is no file"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["../m", "", "M", "a/b"])
def test_a_model_whose_name_is_a_path_is_never_written(tmp_path, name):
    bundle = read_bundle(write(tmp_path / "bundle"))
    part = replace(bundle.models["m"], name=name)
    with pytest.raises(BundleError, match="a model cannot be called"):
        write_bundle(tmp_path / "other", replace(bundle, models={name: part}))
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
