"""A library of compounds that nobody has: parts of a bundle's drugs put together anew, the same for the same seed.

    python -m benchmarks.made_library BUNDLE 1000000 OUT.smi.gz

Each compound is a middle part of a drug with two end parts, cut by BRICS (Degen et al. 2008). One in a thousand is
spoilt, one in a hundred a salt, and one in a hundred stands a second time, as in libraries that are for sale.
"""

import gzip
import random
import sys
from pathlib import Path

from rdkit import Chem
from rdkit.Chem import BRICS

from model.bundle.reader import read_bundle

SEED = 20_261_129
MOST_ATOMS = 20  # heavy atoms of a part


def parts(smiles: list[str]) -> tuple[list[Chem.Mol], list[Chem.Mol]]:
    """Parts of these drugs with one open end and with two."""
    texts = sorted({part for text in smiles for part in BRICS.BRICSDecompose(Chem.MolFromSmiles(text))})
    found: tuple[list[Chem.Mol], list[Chem.Mol]] = [], []
    for part in map(Chem.MolFromSmiles, texts):
        ends = sum(atom.GetAtomicNum() == 0 for atom in part.GetAtoms())
        if ends in (1, 2) and part.GetNumHeavyAtoms() <= MOST_ATOMS:
            found[ends - 1].append(part)
    return found


def labelled(part: Chem.Mol, *labels: int) -> Chem.Mol:
    """The part with its open ends called so."""
    copy, names = Chem.Mol(part), iter(labels)
    for atom in copy.GetAtoms():
        atom.SetIsotope(next(names) if atom.GetAtomicNum() == 0 else 0)
    return copy


def main(bundle: Path, count: int, out: Path) -> None:
    """Write a library of so many rows."""
    ends, middles = parts([row["smiles"] for row in read_bundle(bundle).drugs if row.get("smiles")])
    first, second = ([labelled(part, label) for part in ends] for label in (1, 2))
    middle = [labelled(part, 1, 2) for part in middles]
    zipping = Chem.MolzipParams()
    zipping.label = Chem.MolzipLabel.Isotope
    dice, text = random.Random(SEED), "C"  # noqa: S311 -- no secret
    with gzip.open(out, "wt", compresslevel=1, encoding="ascii") as file:
        for number in range(count):
            chance = dice.random()
            if chance >= 0.01:  # else the one before stands twice
                three = Chem.CombineMols(
                    Chem.CombineMols(dice.choice(middle), dice.choice(first)), dice.choice(second)
                )
                text = Chem.MolToSmiles(Chem.molzip(three, zipping))
            written = f"{text}.Cl" if chance > 0.99 else text[:-1] + "(" if chance > 0.989 else text
            file.write(f"{written} made{number:07}\n")
            if number % 10_000 == 0:
                print(f"{number:,} of {count:,}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
