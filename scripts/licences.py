"""Licence of every installed package as CSV: `make sbom` runs it in the environment that the service's image has."""

import csv
import sys
from importlib.metadata import Distribution, distributions

ABOUT = "License :: "


def licence(package: Distribution) -> str:
    """What the package's metadata state: an SPDX expression, else classifiers, else the first line of its field."""
    metadata = package.metadata
    named = [text.rpartition(" :: ")[2] for text in metadata.get_all("Classifier", []) if text.startswith(ABOUT)]
    return metadata["License-Expression"] or "; ".join(named) or (metadata["License"] or "").partition("\n")[0]


def main() -> None:
    """Print name, version and licence, sorted by name."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["package", "version", "licence"])
    rows = [[one.name, one.version, licence(one)] for one in distributions()]
    out.writerows(sorted(rows, key=lambda row: row[0].lower()))


if __name__ == "__main__":
    main()
