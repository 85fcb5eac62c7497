"""Counter-ions and solvents that are written beside drugs: none of them is the drug where anything else is there.

Acids and bases stand in their neutral forms and are compared without stereo marks.
"""

from functools import cache

ACIDS = """
Cl Br I F OS(=O)(=O)O O[N+](=O)[O-] OP(=O)(O)O [O-][Cl+3]([O-])([O-])O F[B-](F)(F)F
F[P-](F)(F)(F)(F)F OC(=O)O N#CS OB(O)O OC=O CC(=O)O CCC(=O)O CC(C)(C)C(=O)O OC(=O)C(F)(F)F OC(=O)C(=O)O
OC(=O)CC(=O)O OC(=O)CCC(=O)O OC(=O)CCCC(=O)O OC(=O)CCCCC(=O)O OC(=O)CCCCCCCCC(=O)O OC(=O)C=CC(=O)O CC(O)C(=O)O
OCC(=O)O OC(=O)CC(O)C(=O)O OC(=O)C(O)C(O)C(=O)O OC(=O)CC(O)(C(=O)O)CC(=O)O OC(=O)c1ccccc1 OC(=O)c1ccccc1O
OC(=O)c1cc(O)ccc1O OC(c1ccccc1)C(=O)O OC(=O)C=Cc1ccccc1 OC(=O)c1cccnc1 O=C(O)CNC(=O)c1ccccc1 CC(=O)NCC(=O)O
O=C1CCC(N1)C(=O)O NC(CCC(=O)O)C(=O)O NC(CC(=O)O)C(=O)O OCC(O)C1OC(=O)C(O)=C1O OCC(O)C(O)C(O)C(O)C(=O)O
OCC(O)C(O)C(O)C(O)C(O)C(=O)O OCC1OC(OC(C(O)CO)C(O)C(O)C(=O)O)C(O)C(O)C1O O=CC(O)C(O)C(O)C(O)C(=O)O
OC1OC(C(=O)O)C(O)C(O)C1O CCCCCC(=O)O CCCCCCCC(=O)O CCCCCCCCCC(=O)O CCCCCCCCCCCC(=O)O CCCCCCCCCCCCCCCC(=O)O
CCCCCCCCCCCCCCCCCC(=O)O CCCCCCCCC=CCCCCCCCC(=O)O CCCCCCCCCCC=CCCCCC(=O)O CS(=O)(=O)O CCS(=O)(=O)O
OCCS(=O)(=O)O OS(=O)(=O)CCS(=O)(=O)O OS(=O)(=O)C(F)(F)F OS(=O)(=O)c1ccccc1 Cc1ccc(S(=O)(=O)O)cc1
CC1(C)C2CCC1(CS(=O)(=O)O)C(=O)C2 OS(=O)(=O)c1ccc2ccccc2c1 OS(=O)(=O)c1cccc2c1cccc2S(=O)(=O)O
OS(=O)(=O)c1cccc2ccccc12 COS(=O)(=O)O CCOS(=O)(=O)O CCCCCCCCCCCCOS(=O)(=O)O NCCS(=O)(=O)O OS(=O)(=O)NC1CCCCC1
O=C1NS(=O)(=O)c2ccccc12 OC(=O)c1ccc2ccccc2c1O OC(=O)c1cc2ccccc2cc1O
OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O O=C(O)c1cc(=O)[nH]c(=O)[nH]1 O=C(O)CCC1CCCC1 CC(=O)CCC(=O)O
O=c1[nH]c2c([nH]1)c(=O)[nH]c(=O)[nH]2
"""
BASES = """
N CN CNC CCN CCNCC CCN(CC)CC NCCO OCCNCCO OCCN(CCO)CCO CN(C)CCO CCN(CC)CCO NC(CO)(CO)CO CNCC(O)C(O)C(O)C(O)CO
C[N+](C)(C)CCO C[N+](C)(C)CC(=O)[O-] C[N+](C)(C)C CCCC[N+](CCCC)(CCCC)CCCC CC[N+](CC)(CC)CC NCCCCC(N)C(=O)O
NC(=N)NCCCC(N)C(=O)O NC(N)=NCCCC(N)C(=O)O NC(Cc1c[nH]cn1)C(=O)O NCCCC(N)C(=O)O NCC(=O)O NCCN C1CNCCN1 C1CCNCC1
C1COCCN1 CN1CCOCC1 C1CCNC1 OCCN1CCCC1 OCCN1CCOCC1 c1c[nH]cn1 c1ccncc1 CC(C)(C)N NC1CCCCC1 C1CCC(CC1)NC1CCCCC1
NCc1ccccc1 C(CNCc1ccccc1)NCc1ccccc1 C(Cc1ccccc1)NCc1ccccc1 CCN(CC)CCOC(=O)c1ccc(N)cc1 NCC(O)C(O)C(O)C(O)CO
"""
SOLVENTS = """
O CO CCO CCCO CC(C)O CCCCO OCCO CC(O)CO OCC(O)CO CC(C)=O CC#N CS(C)=O CN(C)C=O CCOC(C)=O C1CCOC1 C1COCCO1 CCOCC
COC(C)(C)C ClCCl ClC(Cl)Cl Cc1ccccc1 c1ccccc1 CCCCCC C1CCCCC1 CN1CCCC1=O OO
"""
# Ions of one atom by element; hydrogen, alkali, earth alkali, and metals that make salts as well as complexes.
IONS = frozenset(("H", "Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "Al", "Bi", "Zn", "Ag", "Fe", "Cu", "Mn"))


@cache
def counter_ions() -> frozenset[str]:
    """Canonical SMILES without stereo marks of the listed acids, bases and solvents."""
    return _canonical(f"{ACIDS} {BASES}") | solvents()


@cache
def solvents() -> frozenset[str]:
    """Canonical SMILES of the listed solvents."""
    return _canonical(SOLVENTS)


def _canonical(texts: str) -> frozenset[str]:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        listed = [Chem.MolFromSmiles(text) for text in texts.split()]
    return frozenset(Chem.MolToSmiles(molecule, isomericSmiles=False) for molecule in listed)
