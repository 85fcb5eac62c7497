"""The bill of materials lists every package that the service images install, with the hashes that the build checks."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from model.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("image", ["service", "service-gpu"])
def test_every_pinned_package_is_listed_with_its_hashes(image, tmp_path):
    lock, out = ROOT / "locks" / f"{image}.txt", tmp_path / "sbom.json"
    command = [Path(sys.executable).parent / "cyclonedx-py", "requirements", "--of", "JSON", lock, "-o", out]
    subprocess.run(command, check=True, capture_output=True)
    listed = json.loads(out.read_text())
    pinned = set(re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE))
    assert listed["bomFormat"] == "CycloneDX"
    assert {(part["name"], part["version"]) for part in listed["components"]} == pinned
    assert all(part["externalReferences"][0]["hashes"] for part in listed["components"])


def test_the_list_of_licences_has_every_package_of_the_environment():
    listed = subprocess.run(
        [sys.executable, ROOT / "scripts" / "licences.py"], check=True, capture_output=True, text=True
    ).stdout
    licences = {row["package"].lower(): row["licence"] for row in csv.DictReader(listed.splitlines())}
    assert licences["numpy"].startswith("BSD-3-Clause")
    assert licences["fastapi"] == "MIT"
    assert licences["uvloop"] == "Apache Software License; MIT License"


def test_the_images_carry_the_version_as_a_label():
    assert f'org.opencontainers.image.version="{VERSION}"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")
