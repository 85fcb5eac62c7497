"""PubChem's substructure keys 263 to 880 as SMARTS (PubChem Substructure Fingerprint 1.3, sections 3 to 7).

The specification is the work of a US agency and free of rights. Its patterns stand here in a short form: an element is
any atom of it, aromatic or not; with H behind it, one that has a hydrogen; - is a single or aromatic bond, = a double
or aromatic one, : an aromatic one, ~ any; c, n and o are aromatic atoms.
"""

import re
from itertools import combinations_with_replacement

PAIRS = """
LiH Li~Li Li~B Li~C Li~O Li~F Li~P Li~S Li~Cl BH B~B B~C B~N B~O B~F B~Si B~P B~S B~Cl B~Br CH C~C C~N C~O C~F C~Na
C~Mg C~Al C~Si C~P C~S C~Cl C~As C~Se C~Br C~I NH N~N N~O N~F N~Si N~P N~S N~Cl N~Br OH O~O O~Mg O~Na O~Al O~Si O~P O~K
F~P F~S AlH Al~Cl SiH Si~Si Si~Cl PH P~P AsH As~As
"""
NEIGHBOURS = """
C(~Br)(~C) C(~Br)(~C)(~C) CH~Br C(~Br)(:c) C(~Br)(:n) C(~C)(~C) C(~C)(~C)(~C) C(~C)(~C)(~C)(~C) CH(~C)(~C)(~C)
C(~C)(~C)(~C)(~N) C(~C)(~C)(~C)(~O) CH(~C)(~C)(~N) CH(~C)(~C)(~O) C(~C)(~C)(~N) C(~C)(~C)(~O) C(~C)(~Cl) CH(~C)(~Cl)
CH~C CH(~C)(~N) CH(~C)(~O) CH(~C)(~O)(~O) CH(~C)(~P) CH(~C)(~S) C(~C)(~I) C(~C)(~N) C(~C)(~O) C(~C)(~S) C(~C)(~Si)
C(~C)(:c) C(~C)(:c)(:c) C(~C)(:c)(:n) C(~C)(:n) C(~C)(:n)(:n) C(~Cl)(~Cl) CH(~Cl) C(~Cl)(:c) C(~F)(~F) C(~F)(:c) CH(~N)
CH(~O) CH(~O)(~O) CH(~S) CH(~Si) CH:c CH(:c)(:c) CH(:c)(:n) CH(:n) [#6H3] C(~N)(~N) C(~N)(:c) C(~N)(:c)(:c)
C(~N)(:c)(:n) C(~N)(:n) C(~O)(~O) C(~O)(:c) C(~O)(:c)(:c) C(~S)(:c) C(:c)(:c) C(:c)(:c)(:c) C(:c)(:c)(:n) C(:c)(:n)
C(:c)(:n)(:n) C(:n)(:n) N(~C)(~C) N(~C)(~C)(~C) NH(~C)(~C) NH(~C) NH(~C)(~N) N(~C)(~O) N(~C)(:c) N(~C)(:c)(:c) NH(~N)
NH(:c) NH(:c)(:c) N(~O)(~O) N(~O)(:o) N(:c)(:c) N(:c)(:c)(:c) O(~C)(~C) OH(~C) O(~C)(~P) OH(~S) O(:c)(:c) P(~C)(~C)
P(~O)(~O) S(~C)(~C) SH(~C) S(~C)(~O) Si(~C)(~C)
"""
ORDERED_NEIGHBOURS = """
C=C C#C C=N C#N C=O C=S N=N N=O N=P P=O P=P C(#C)(-C) CH(#C) C(#N)(-C) C(-C)(-C)(=C) C(-C)(-C)(=N) C(-C)(-C)(=O)
C(-C)(Cl)(=O) CH(-C)(=C) CH(-C)(=N) CH(-C)(=O) C(-C)(-N)(=C) C(-C)(-N)(=N) C(-C)(-N)(=O) C(-C)(-O)(=O) C(-C)(=C)
C(-C)(=N) C(-C)(=O) C(Cl)(=O) CH(-N)(=C) CH(=C) CH(=N) CH(=O) C(-N)(=C) C(-N)(=N) C(-N)(=O) C(-O)(=O) N(-C)(=C)
N(-C)(=O) N(-O)(=O) P(-O)(=O) S(-C)(=O) S(-O)(=O) S(=O)(=O)
"""
CHAINS = """
C-C-C#C O-C-C=N O-C-C=O N:C-SH N-C-C=C O=S-C-C N#C-C=C C=N-N-C O=S-C-N S-S-C:C C:C-C=C S:C:C:C C:N:C-C S-C:N:C S:C:C:N
S-C=N-C C-O-C=C N-N-C:C S-C=NH S-C-S-C C:S:C-C O-S-C:C C:N-C:C N-S-C:C N-C:N:C N:C:C:N N-C:N:N N-C=N-C N-C=NH N-C-S-C
C-C-C=C C-N:CH N-C:O:C O=C-C:C O=C-C:N C-N-C:C N:N-CH O-C:C:N O-C=C-C N-C:C:N C-S-C:C Cl-C:C-C N-C=CH Cl-C:CH N:C:N-C
Cl-C:C-O C-C:N:C C-C-S-C S=C-N-C Br-C:C-C NH-NH S=C-NH C-As-OH S:C:CH O-N-C-C N-N-C-C CH=CH N-N-C-N O=C-N-N N=C-N-C
C=C-C:C C:N-CH C-N-NH N:C:C-C C-C=C-C As-C:CH Cl-C:C-Cl C:C:NH NH-CH Cl-C-C-Cl N:C-C:C S-C:C-C S-C:CH S-C:C-N S-C:C-O
O=C-C-C O=C-C-N O=C-C-O N=C-C-C N=C-CH C-N-CH O-C:C-C O-C:CH O-C:C-N O-C:C-O N-C:C-C N-C:CH N-C:C-N O-C-C:C N-C-C:C
Cl-C-C-C Cl-C-C-O C:C-C:C O=C-C=C Br-C-C-C N=C-C=C C=C-C-C N:C-OH O=N-c:c O-C-NH N-C-N-C Cl-C-C=O Br-C-C=O O-C-O-C
C=C-C=C C:C-O-C O-C-C-N O-C-C-O N#C-C-C N-C-C-N C:C-C-C CH-OH n:c:n:c O-C-C=C O-C-C:C-C O-C-C:C-O N=C-C:CH c:c-N-c:c
C-C:C-c:c O=C-C-C-C O=C-C-C-N O=C-C-C-O C-C-C-C-C Cl-C:C-O-C c:c-C=C-C C-C:C-N-C C-S-C-C-C N-C:C-OH O=C-C-C=O C-C:C-O-C
C-C:C-OH Cl-C-C-C-C N-C-C-C-C N-C-C-C-N C-O-C-C=C c:c-C-C-C N=C-N-C-C O=C-C-c:c Cl-C:C:C-C CH-C=CH N-C:C:C-C N-C:C:C-N
O=C-C-N-C C-c:c:C-C C-O-C-C:c O=C-C-O-C O-C:C-C-C N-C-C-C:c C-C-C-C:c Cl-C-C-N-C C-O-C-O-C N-C-C-N-C N-C-O-C-C
C-N-C-C-C C-C-O-C-C N-C-C-O-C c:c:n:n:c C-C-C-OH c:C-C-C:c O-C-C=C-C c:c-O-C-C N-C:c:c:n O=C-O-C:c O=C-C:C-C O=C-C:C-N
O=C-C:C-O C-O-C:C-C O=As-C:c:c C-N-C-C:c S-C:c:c-N O-C:C-O-C O-C:C-OH C-C-O-C:c N-C-C:C-C C-C-C:C-C N-N-C-NH C-N-C-N-C
O-C-C-C-C O-C-C-C-N O-C-C-C-O C=C-C-C-C O-C-C-C=C O-C-C-C=O CH-C-NH C-C=N-N-C O=C-N-C-C O=C-N-CH O=C-N-C-N O=N-C:C-N
O=N-c:c-O O=C-N-C=O O-C:C:C-C O-C:C:C-N O-C:C:C-O N-C-N-C-C O-C-C-C:c C-C-N-C-C C-N-C:C-C C-C-S-C-C O-C-C-N-C C-C=C-C-C
O-C-O-C-C O-C-C-O-C O-C-C-OH C-C=C-C=C N-C:C-C-C C=C-C-O-C C=C-C-OH C-C:C-C-C Cl-C:C-C=O Br-C:c:c-C O=C-C=C-C O=C-C=CH
O=C-C=C-N N-C-N-C:c Br-C-C-C:c N#C-C-C-C C-C=C-C:c C-C-C=C-C C-C-C-C-C-C O-C-C-C-C-C O-C-C-C-C-O O-C-C-C-C-N
N-C-C-C-C-C O=C-C-C-C-C O=C-C-C-C-N O=C-C-C-C-O O=C-C-C-C=O C-C-C-C-C-C-C O-C-C-C-C-C-C O-C-C-C-C-C-O O-C-C-C-C-C-N
O=C-C-C-C-C-C O=C-C-C-C-C-O O=C-C-C-C-C=O O=C-C-C-C-C-N C-C-C-C-C-C-C-C C-C-C-C-C-C(-C)-C O-C-C-C-C-C-C-C
O-C-C-C-C-C(-C)-C O-C-C-C-C-C-O-C O-C-C-C-C-C(-O)-C O-C-C-C-C-C-N-C O-C-C-C-C-C(-N)-C O=C-C-C-C-C-C-C O=C-C-C-C-C(-O)-C
O=C-C-C-C-C(=O)-C O=C-C-C-C-C(-N)-C C-C(-C)-C-C C-C(-C)-C-C-C C-C-C(-C)-C-C C-C(-C)(-C)-C-C C-C(-C)-C(-C)-C
"""
# Rings of carbons with two substituents, by the ring and the place of the second.
RINGS = (
    *("{}c1ccc({})cc1", "{}c1cc({})ccc1", "{}c1c({})cccc1"),
    *("{}-C1-C-C-C(-{})-C-C-1", "{}-C1-C-C(-{})-C-C-C-1", "{}-C1-C(-{})-C-C-C-C-1"),
    *("{}-C1-C-C(-{})-C-C-1", "{}-C1-C(-{})-C-C-C-1"),
)
SUBSTITUENTS = ("C", "O", "S", "N", "Cl", "Br")
# The specification has a ring of five here; the bits that bundles are made of have had one of four.
RING_OF_FOUR = {"N-C1-C(-Cl)-C-C-C-1": "N-C1-C(-Cl)-C-C-1"}

NUMBERS = {"B": 5, "C": 6, "N": 7, "O": 8, "Si": 14, "P": 15, "S": 16, "As": 33, "Se": 34}  # of what may be aromatic
TOKEN = re.compile(r"(?P<element>Li|Na|Mg|Al|Si|Cl|Br|As|Se|[BCNOFPSKI])(?P<hydrogen>H?)|(?P<order>[-=])")


def patterns() -> tuple[str, ...]:
    """SMARTS of the 618 keys, in their order."""
    pairs = list(combinations_with_replacement(SUBSTITUENTS, 2))
    rings = [ring.format(*pair) for ring in RINGS for pair in pairs]
    short = [*PAIRS.split(), *NEIGHBOURS.split(), *ORDERED_NEIGHBOURS.split(), *CHAINS.split()]
    return tuple(TOKEN.sub(_written_out, one) for one in [*short, *(RING_OF_FOUR.get(ring, ring) for ring in rings)])


def _written_out(token: re.Match[str]) -> str:
    if token["order"]:
        return f"{token['order']},:"
    name, hydrogen = token["element"], "&!H0" if token["hydrogen"] else ""
    return f"[#{NUMBERS[name]}{hydrogen}]" if name in NUMBERS else f"[{name}{hydrogen}]"
