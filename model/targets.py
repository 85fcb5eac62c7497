"""Names of drug targets, as GDSC and CCLE write them, as gene symbols (HGNC), so that drugs of one protein are alike.

A family is all of its members that inhibitors are known to hit; a mechanism without a protein of its own is one word
for all its spellings. A name that is not here stands for itself. Torch-free: the service reads new compounds by it.
"""

from collections.abc import Iterable

GENES = """
ABL: ABL1 | BCR-ABL: ABL1 | AKT: AKT1 AKT2 AKT3 | ALK5: TGFBR1 | TGFB: TGFBR1 | AMPK agonist: PRKAA1
Amyloid beta20: APP | Amyloid beta40: APP | gamma-secretase: PSEN1 NCSTN | BMP: BMPR1A ACVR1
BCL-2 selective: BCL2 | BCL-W: BCL2L2 | BCL-XL: BCL2L1 | BCL-B: BCL2L10 | BFL1: BCL2A1 | MCL-1: MCL1
Bax activator: BAX | BET: BRD2 BRD3 BRD4 BRDT | BRPF1B: BRPF1 | BRPF2: BRD1 | CBP: CREBBP
PB1: PBRM1 | Polybromo 1: PBRM1 | CDK: CDK1 CDK2 CDK4 CDK6 CDK7 CDK9
CDK1,CDK2,CDK5,CDK7,CDK9: CDK1 CDK2 CDK5 CDK7 CDK9 | CP11A: CYP11A1
Dihydrofolate reductase (DHFR): DHFR | DNAPK: PRKDC | DNA methyltransferases: DNMT1 DNMT3A DNMT3B
EG5: KIF11 | KSP: KIF11 | KSP11: KIF11 | MPS1: TTK | Microtubule destabiliser: TUBB | Microtubule stabiliser: TUBB
Endothelin-1 receptor (EDNRA): EDNRA | Ephrins: EPHA2 EPHB4 | ESR: ESR1 ESR2 | eEF2K: EEF2K
ERK1: MAPK3 | ERK2: MAPK1 | ERK5: MAPK7 | MEK: MAP2K1 MAP2K2 | MEK1: MAP2K1 | MEK2: MAP2K2 | MEK5: MAP2K5
RAF: RAF1 BRAF | CRAF: RAF1 | KRAS (G12C): KRAS | Mutant RAS: KRAS NRAS HRAS
FAK: PTK2 | FAK1: PTK2 | FAK2: PTK2B | FGFR: FGFR1 FGFR2 FGFR3 FGFR4 | FGRF1: FGFR1 | FLT2: FGFR1 | c-FGR: FGR
FXR: NR1H4 | LXR: NR1H3 NR1H2 | RAR: RARA RARB RARG | Retinoic acid: RARA RARB RARG
Retinioic X receptor (RXR) agonist: RXRA RXRB RXRG | PPARdelta: PPARD | PPARgamma: PPARG
Farnesyl-transferase (FNTA): FNTA | G9a and GLP methyltransferases: EHMT2 EHMT1 | G9A: EHMT2 | GLP: EHMT1
GSK3: GSK3A GSK3B | HDAC: HDAC1 HDAC2 HDAC3 HDAC6 HDAC8 | HDAC inhibitor Class I: HDAC1 HDAC2 HDAC3 HDAC8
IIa: HDAC4 HDAC5 HDAC7 HDAC9 | IIb: HDAC6 HDAC10 | IV: HDAC11
HDAC1-10: HDAC1 HDAC2 HDAC3 HDAC4 HDAC5 HDAC6 HDAC7 HDAC8 HDAC9 HDAC10
HIF-PH: EGLN1 EGLN2 EGLN3 | HSP90: HSP90AA1 HSP90AB1 | IAP: BIRC2 BIRC3 XIAP | IAP (XIAP): XIAP | cIAP: BIRC2 BIRC3
cIAP1: BIRC2 | cIAP2: BIRC3 | IAP1: BIRC2 | IAP2: BIRC3 | IDH1 (R132H): IDH1 | IDH2(R140Q): IDH2
IDH2 R140Q mutant: IDH2 | IGFR1: IGF1R | IKK: CHUK IKBKB | IKK1: CHUK | IKK-1: CHUK | IKK2: IKBKB | IKK-2: IKBKB
IKKb: IKBKB | IR: INSR | JNK: MAPK8 MAPK9 MAPK10 | JNK1: MAPK8 | JNK2: MAPK9 | JNK3: MAPK10
p38: MAPK14 MAPK11 | p38alpha: MAPK14 | p38beta: MAPK11 | KDM1: KDM1A | LSD1: KDM1A | M4K2: MAP4K2
MNK1: MKNK1 | MNK2: MKNK2 | MRCKB: CDC42BPB | MRCKB_HUMAN: CDC42BPB | MetAP2: METAP2 | mTOR: MTOR | MTORC1: MTOR
MTORC2: MTOR | NAE: NAE1 | NIK: MAP3K14 | PDGFR: PDGFRA PDGFRB | PDK1: PDPK1 | PDK1 (PDPK1): PDPK1 | PERK: EIF2AK3
PI3K: PIK3CA PIK3CB PIK3CD PIK3CG | PI3K (class 1): PIK3CA PIK3CB PIK3CD PIK3CG
PI3K (beta sparing): PIK3CA PIK3CD PIK3CG | PI3Kalpha: PIK3CA | PI3Kbeta: PIK3CB | PI3Kdelta: PIK3CD
PI3Kgamma: PIK3CG | PK3CG: PIK3CG | VSP34: PIK3C3 | PKC: PRKCA PRKCB | PKCB: PRKCB | PKD: PRKD1 | PMRT5: PRMT5
PARP5a: TNKS | PARP5b: TNKS2 | TNKS1: TNKS | Procaspase-3: CASP3 | Procaspase-7: CASP7 | Proteasome: PSMB5
RNA Polymerase 1: POLR1A | RNA helicase A: DHX9 | ROCK: ROCK1 ROCK2 | RON: MST1R | RSK: RPS6KA1 RPS6KA2 RPS6KA3
RSK1: RPS6KA1 | RSK2: RPS6KA3 | RSK3: RPS6KA2 | S1P: S1PR1 | S6K1: RPS6KB1 | KS6B1 (p70S6K): RPS6KB1
SERCA: ATP2A1 ATP2A2 | SETD8: KMT5A | SHP-1 (PTPN6): PTPN6 | SHP-2 (PTPN11): PTPN11 | Shh: SMO | SIR2: SIRT2
SIRT: SIRT1 SIRT2 | Sphingosine Kinase: SPHK1 SPHK2 | Stearoyl-CoA desaturase: SCD | TAK1: MAP3K7 | Telomerase: TERT
TIE2: TEK | TIE2,AXL: TEK AXL | TOP2: TOP2A TOP2B | Anthracycline: TOP2A TOP2B | UAF1: WDR48 | WIP1: PPM1D
VEGFR: FLT1 KDR FLT4 | VEGFR1: FLT1 | VEGFR2: KDR | VEGFR3: FLT4 | VEGFR3/FLT4: FLT4
DNA alkylating agent: DNA-damage | DNA crosslinker: DNA-damage | dsDNA break induction: DNA-damage
Alkylating agent: DNA-damage | DNA damage: DNA-damage | Antimetabolite (DNA & RNA): antimetabolite
Antimetabolite: antimetabolite | Anti-metabolite: antimetabolite | Pyrimidine antimetabolite: antimetabolite
HER1: EGFR | ERBB1: EGFR | EGF receptor: EGFR | HER2: ERBB2 | ERBB-2: ERBB2 | NEU: ERBB2 | HER3: ERBB3 | HER4: ERBB4
c-Kit: KIT | SCFR: KIT | CD117: KIT | c-Met: MET | HGFR: MET | c-Src: SRC | c-Abl: ABL1 | c-Raf: RAF1 | B-Raf: BRAF
PD-1: PDCD1 | PD-L1: CD274 | CTLA-4: CTLA4 | Her-2/neu: ERBB2 | KDR/VEGFR2: KDR | p110alpha: PIK3CA | PARP: PARP1 PARP2
CHK1: CHEK1 | CHK2: CHEK2 | TRK: NTRK1 NTRK2 NTRK3 | JAK: JAK1 JAK2 JAK3 | AURK: AURKA AURKB AURKC
PLK: PLK1 PLK2 PLK3 | RAS: KRAS
not defined: | others: | unknown: | Metabo: metabolism | Metabolism: metabolism
"""


def _table() -> dict[str, tuple[str, ...]]:
    entries = (entry.rpartition(":") for line in GENES.strip().splitlines() for entry in line.split(" | "))
    return {name.strip().casefold(): tuple(genes.split()) for name, _, genes in entries}


_GENES = _table()


def own_pathway(name: str) -> str:
    """The pathway, or "" for the group of drugs that belong to none and have nothing in common."""
    return "" if name.casefold() in ("other", "unclassified") else name


def target_genes(names: Iterable[str]) -> list[str]:
    """Gene symbols and mechanisms of one drug's targets, each once, in alphabetical order."""
    return sorted({gene for name in names for gene in _GENES.get(name.strip().casefold(), (name.strip(),)) if gene})
