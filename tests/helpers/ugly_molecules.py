"""Molecules that hurt: endless lattices, cages, metals, ions; and a process that reads them under a time limit."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def smiles_of(atoms, bonds):
    """SMILES of any graph: atoms as they are written, bonds as pairs of places."""
    neighbours = {place: [] for place in range(len(atoms))}
    for one, other in bonds:
        neighbours[one].append(other)
        neighbours[other].append(one)
    parents, children, closures = {}, {place: [] for place in neighbours}, {place: [] for place in neighbours}
    for start in neighbours:
        waiting = [(start, None)] if start not in parents else []
        while waiting:  # depth first, so that every other bond closes a ring
            place, parent = waiting.pop()
            if place in parents:
                continue
            parents[place] = parent
            if parent is not None:
                children[parent].append(place)
            waiting += [(other, place) for other in neighbours[place] if other not in parents]
    tree = {frozenset((place, parent)) for place, parent in parents.items() if parent is not None}
    rings = sorted({frozenset(bond) for bond in bonds} - tree, key=sorted)
    for number, bond in enumerate(rings, 10):
        for place in bond:
            closures[place].append(f"%{number}" if number < 100 else f"%({number})")

    text: dict[int, str] = {}
    for place in reversed(list(parents)):  # children are found after their parents
        branches = [text[child] for child in children[place]]
        text[place] = atoms[place] + "".join(closures[place])
        text[place] += "".join(f"({branch})" for branch in branches[:-1]) + "".join(branches[-1:])
    return ".".join(text[place] for place, parent in parents.items() if parent is None)


def ladder(rungs, atom="N"):
    """Two chains with a bond between every two opposite atoms: rungs - 1 squares."""
    bonds = [(i, i + 1) for i in range(rungs - 1)] + [(rungs + i, rungs + i + 1) for i in range(rungs - 1)]
    return smiles_of([atom] * (2 * rungs), bonds + [(i, rungs + i) for i in range(rungs)])


def prism(corners, atom="C"):
    """A ladder closed to a drum."""
    bonds = [(i, (i + 1) % corners) for i in range(corners)] + [(i, corners + i) for i in range(corners)]
    bonds += [(corners + i, corners + (i + 1) % corners) for i in range(corners)]
    return smiles_of([atom] * (2 * corners), bonds)


def sheet(rows, columns, atom="c"):
    """Graphite: rows times columns hexagons, drawn as a wall of bricks."""
    width = 2 * columns + 2
    bonds = [(i * width + j, i * width + j + 1) for i in range(rows + 1) for j in range(width - 1)]
    bonds += [(i * width + j, (i + 1) * width + j) for i in range(rows) for j in range(width) if (i + j) % 2 == 0]
    return smiles_of([atom] * ((rows + 1) * width), bonds)


# Name, SMILES, words of the refusal; "" where an answer is due.
UGLY = [
    ("a ladder of 60 nitrogens a side", ladder(60), "59 independent rings"),
    ("a ladder of 140 carbons a side", ladder(140, "C"), "139 independent rings"),
    ("a ladder of 30 nitrogens a side", ladder(30), "29 fused rings"),
    ("a drum of phosphorus", prism(30, "P"), "31 independent rings|fused rings"),
    ("an aromatic ladder", ladder(48, "n"), "47 independent rings"),
    ("the longest ladder that is read", ladder(25), ""),
    ("a cage of carbon", prism(12), ""),
    ("graphite of 126 atoms", sheet(7, 7), "49 independent rings"),
    ("graphite of 288 atoms", sheet(8, 15), "120 independent rings"),
    ("graphite of 58 atoms", sheet(4, 5), "|kekul"),
    ("ferrocene", "[CH-]1C=CC=C1.[CH-]1C=CC=C1.[Fe+2]", ""),
    ("ferrocene, aromatic", "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]", ""),
    ("titanocene dichloride", "[CH-]1C=CC=C1.[CH-]1C=CC=C1.Cl[Ti+2]Cl", ""),
    ("tropylium", "c1ccc[cH+]cc1", ""),
    ("fluorenide", "c1ccc2c(c1)[cH-]c1ccccc12", ""),
    ("cyclopentadienyl", "[cH-]1cccc1", ""),
    ("ruthenocene", "[CH-]1C=CC=C1.[CH-]1C=CC=C1.[Ru+2]", ""),
    ("pyrylium", "c1cc[o+]cc1", ""),
    ("trityl cation", "c1ccc(cc1)[C+](c1ccccc1)c1ccccc1", ""),
    ("nitrogen with 99 hydrogens", "[NH99]", "no such molecule"),
    ("five aromatic carbons and no hydrogen to spare", "c1cccc1", "kekul"),
    ("naphthalene short of a carbon", "c1ccc2cccc2c1", "kekul"),
    ("carbon with 128 hydrogens", "[CH128]", "no such molecule"),
    ("carbon with a charge of 128", "[C+128]", "no such molecule"),
    ("carbon of mass 999", "[999CH4]", ""),
    ("a hydrogen ion", "[H+]", ""),
    ("an isotope alone", "[2H]", ""),
    ("table salt", "[Na+].[Cl-]", ""),
    ("oganesson", "[Og]", ""),
    ("a hydride bridge", "[H]1[BH2][H][BH2]1", "no such molecule"),
    ("a ring of two atoms", "C1C1", "not SMILES"),
    ("a bond to itself", "C11", "not SMILES"),
    ("brackets without end", "[" * 1999 + "C", "not SMILES"),
    ("branches without end", "C(" * 999 + "C", "not SMILES"),
    ("99 fragments", ".".join(["C"] * 99), ""),
    ("a long chain of rings", "C1CC1" * 60, "60 independent rings"),
    ("perchlorate", "[O-][Cl+3]([O-])([O-])[O-]", ""),
    ("uranyl", "O=[U]=O", ""),
]

_CHILD = """
import json, sys, time
from model.molecules.faults import MoleculeError
from model.molecules.fingerprints import ecfp4, fingerprints
from model.molecules.standard import as_written, standardised
fingerprints(["C"])
for line in sys.stdin:
    smiles, began = json.loads(line), time.perf_counter()
    try:
        for function in (standardised, as_written, lambda text: fingerprints([text]), lambda text: ecfp4([text])):
            function(smiles)
        answer = {"refused": None}
    except MoleculeError as fault:
        answer = {"refused": str(fault)}
    except Exception as fault:
        answer = {"crash": repr(fault)}
    print(json.dumps(answer | {"seconds": time.perf_counter() - began}), flush=True)
"""


class ChemistryProcess:
    """A process that reads one molecule after the other; `read` fails where it takes longer than the limit."""

    def __init__(self, limit_s=20.0):
        self.limit_s = limit_s
        self.process = None

    def read(self, smiles):
        """Give {"refused": reason or None, "seconds": …}; raises AssertionError where it crashes, dies or hangs."""
        if self.process is None:
            command = [sys.executable, "-c", _CHILD]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True, bufsize=1,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            )  # fmt: skip
        self.process.stdin.write(json.dumps(smiles) + "\n")
        if not select.select([self.process.stdout], [], [], self.limit_s)[0]:
            self.close()
            raise AssertionError(f"no answer in {self.limit_s} s to {smiles}")
        line = self.process.stdout.readline()
        assert line, f"the process died of {smiles}"
        answer = json.loads(line)
        assert "crash" not in answer, f"{answer} at {smiles}"
        return answer

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None
