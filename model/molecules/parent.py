"""The parent of a compound: the drug without its counter-ions and solvents, neutral, in one tautomer.

1. Ligands of platinum and other transition metals are separated from the metal, ammonia from its spellings; a compound
   of such a metal keeps all its parts, but for solvents and alkali ions. Beside a metal whose bonds are not drawn two
   parts as large as drugs, or one larger than ligands are, make a mixture.
2. Of the other parts, listed counter-ions and solvents (model.molecules.counter_ions) and ions of one atom are left
   out, and so are others of fewer than DRUG_SIZED heavy atoms beside a larger one. One part must be left; two that
   differ are a mixture. Where all are listed (sodium salicylate), the one that is organic is the drug.
3. Charges are neutralised where hydrogens can do it. Where that gives no molecule (tropylium) the charges stay.
4. Lactims (2-hydroxypyridine) are written as lactams, as PubChem and ChEMBL do; other tautomers stay as written.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from model.molecules.counter_ions import IONS, counter_ions, solvents
from model.molecules.faults import MixtureError, UnparsableSmilesError, chemistry
from model.molecules.metals import TRANSITION_METALS, has_transition_metal
from model.molecules.queries import CARBON, CHARGED, contains

if TYPE_CHECKING:
    from rdkit.Chem import Mol

DRUG_SIZED = 7  # heavy atoms from which a part that no list knows may be a drug
LARGEST_LIGAND = 20  # heavy atoms of a part that no bond binds to the metal
LACTIMS = ("[nX2H0]:[c]-[OX2H]", "[nX2H0]1:a:a:[c](-[OX2H]):a:a:1")  # 2- and 4-hydroxypyridine
MOST_TAUTOMERS = 50


def parent(compound: "Mol") -> "Mol":
    """Parent of a sanitised molecule. Raises MoleculeError, MixtureError where two drugs stand side by side."""
    from rdkit import Chem

    with chemistry():
        if len(Chem.GetMolFrags(compound)) == 1 and _organic(compound) and not has_transition_metal(compound):
            return _lactam(_neutral(compound))
        parts = list(Chem.GetMolFrags(compound, asMols=True))
        if any(has_transition_metal(part) for part in parts) and not _metal_salt(parts):
            return _complex(parts)
        return _lactam(_neutral(_drug(parts)))


def _drug(parts: list["Mol"]) -> "Mol":
    """The one part that is the drug."""
    distinct = {_flat(part): part for part in sorted(parts, key=_rank)}  # of two enantiomers the first stays
    candidates = [part for flat, part in distinct.items() if flat not in counter_ions() and not _ion(part)]
    if not candidates:
        organic = [part for part in distinct.values() if _organic(part)]
        if len(organic) > 1:
            raise MixtureError(f"{len(organic)} counter-ions without a drug; give the part that is meant alone")
        return organic[0] if organic else _joined(parts)
    largest = max(part.GetNumHeavyAtoms() for part in candidates)
    drugs = [part for part in candidates if part.GetNumHeavyAtoms() >= min(DRUG_SIZED, largest)]
    if len(drugs) > 1:
        sizes = " and ".join(str(part.GetNumHeavyAtoms()) for part in sorted(drugs, key=_rank))
        raise MixtureError(
            f"a mixture of {len(drugs)} compounds ({sizes} heavy atoms); name the parts, each as a compound of its own"
        )
    return drugs[0]


def _complex(parts: list["Mol"]) -> "Mol":
    """A compound of a transition metal with all its ligands, each separated from the metal and neutral."""
    bound = any(has_transition_metal(part) and part.GetNumHeavyAtoms() > 1 for part in parts)
    others = [part for part in parts if not has_transition_metal(part) and _flat(part) not in counter_ions()]
    drugs = {
        _flat(part): part.GetNumHeavyAtoms()
        for part in others
        if _organic(part) and part.GetNumHeavyAtoms() >= DRUG_SIZED
    }
    if drugs and (bound or len(drugs) > 1 or max(drugs.values()) > LARGEST_LIGAND):
        count = f"{len(drugs)} compounds" if len(drugs) > 1 else "a compound"
        ligands = "" if bound else ", or draw the bonds between the metal and its ligands"
        raise MixtureError(
            f"a mixture: {count} beside a metal; name the parts, each as a compound of its own{ligands}"
        )
    kept = [part for part in parts if has_transition_metal(part) or not (_ion(part) or _flat(part) in solvents())]
    return _joined([_separated(part) for part in kept])


def _separated(part: "Mol") -> "Mol":
    """Ligands that hold on to a metal by other atoms than carbon become molecules of their own."""
    from rdkit import Chem
    from rdkit.Chem.MolStandardize import rdMolStandardize

    metals = [atom for atom in part.GetAtoms() if atom.GetAtomicNum() in TRANSITION_METALS]
    by_carbon = any(neighbour.GetAtomicNum() == 6 for metal in metals for neighbour in metal.GetNeighbors())
    apart = part if by_carbon else rdMolStandardize.MetalDisconnector().Disconnect(part)
    editable = Chem.RWMol(apart)
    for atom in editable.GetAtoms():
        if atom.GetAtomicNum() in TRANSITION_METALS and not atom.GetDegree():
            atom.SetFormalCharge(0)
    Chem.SanitizeMol(editable)
    return _joined([_neutral(one) for one in Chem.GetMolFrags(editable, asMols=True)])


def _neutral(part: "Mol") -> "Mol":
    """The part without the charges that hydrogens can mend; as it is where that gives no molecule."""
    if not contains(part, CHARGED):
        return part
    from rdkit import Chem
    from rdkit.Chem.MolStandardize import rdMolStandardize

    neutral = rdMolStandardize.Uncharger().uncharge(part)
    readable = Chem.MolFromSmiles(Chem.MolToSmiles(neutral)) is not None
    return neutral if readable else part


def _lactam(part: "Mol") -> "Mol":
    """The part with its lactims as lactams."""
    if not any(contains(part, lactim) for lactim in LACTIMS):
        return part
    from rdkit.Chem.MolStandardize import rdMolStandardize

    enumerator = rdMolStandardize.TautomerEnumerator()
    enumerator.SetMaxTautomers(MOST_TAUTOMERS)
    enumerator.SetRemoveSp3Stereo(False)
    enumerator.SetRemoveBondStereo(False)
    return enumerator.Canonicalize(part)


def _joined(parts: Iterable["Mol"]) -> "Mol":
    from rdkit import Chem

    joined = Chem.MolFromSmiles(".".join(sorted(Chem.MolToSmiles(part) for part in parts)))
    if joined is None:
        raise UnparsableSmilesError("no such molecule: its parts cannot be written down")
    return joined


def _flat(part: "Mol") -> str:
    """Canonical SMILES of the neutral part without stereo marks."""
    from rdkit import Chem

    return Chem.MolToSmiles(_neutral(part), isomericSmiles=False)


def _rank(part: "Mol") -> tuple[int, str]:
    from rdkit import Chem

    return -part.GetNumHeavyAtoms(), Chem.MolToSmiles(part)


def _metal_salt(parts: Iterable["Mol"]) -> bool:
    """Whether all transition metals are free ions that make salts, of acids and not of carbanions like ferrocene's."""
    parts = list(parts)
    free = all(_ion(part) for part in parts if has_transition_metal(part))
    carbanion = any(
        atom.GetAtomicNum() == 6 and atom.GetFormalCharge() < 0 for part in parts for atom in part.GetAtoms()
    )
    return free and not carbanion and any(map(_organic, parts))


def _ion(part: "Mol") -> bool:
    return part.GetNumAtoms() == 1 and part.GetAtomWithIdx(0).GetSymbol() in IONS


def _organic(part: "Mol") -> bool:
    return contains(part, CARBON)
