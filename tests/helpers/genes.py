"""Some genes in the layout of HGNC's complete set, with the names that people mistake for one another."""

from model.genes.hgnc import read_hgnc
from model.genes.table import GeneTable

HEADER = "hgnc_id\tsymbol\tname\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id"
ROWS = (
    "HGNC:1097\tBRAF\tB-Raf\tApproved\tBRAF1|BRAF-1\t\t673\tENSG00000157764",
    "HGNC:6407\tKRAS\tKRAS\tApproved\tKRAS1\tKRAS2\t3845\tENSG00000133703",
    "HGNC:3430\tERBB2\terb-b2\tApproved\tNEU|HER-2|CD340|HER2\tNGL\t2064\tENSG00000141736",
    "HGNC:11998\tTP53\tp53\tApproved\tp53|LFS1\t\t7157\tENSG00000141510",
    "HGNC:4764\tH3-3A\tH3.3\tApproved\t\tH3F3|H3F3A\t3020\tENSG00000163041",
    "HGNC:7323\tSEPTIN9\tseptin 9\tApproved\tMSF|MSF1|SeptD1\tMSF|SEPT9\t10801\tENSG00000184640",
    "HGNC:26077\tMARCHF1\tmarch 1\tApproved\tMARCH-I\tMARCH1\t55016\tENSG00000145416",
    'HGNC:7133\tKMT2D\tKMT2D\tApproved\tALR|MLL4\t"TNRC21|MLL2"\t8085\tENSG00000167548',
    "HGNC:15840\tKMT2B\tKMT2B\tApproved\tMLL2|MLL1B\tMLL4\t9757\tENSG00000272333",
    "HGNC:9588\tPTEN\tPTEN\tApproved\tMMAC1|TEP1|PTEN1\tBZS\t5728\tENSG00000171862",
    "HGNC:11726\tTEP1\ttelomerase\tApproved\tTP1|VAULT2\t\t7011\tENSG00000129566",
    "HGNC:9884\tRB1\tRB\tApproved\tRB|PPP1R130\tOSRC\t5925\tENSG00000139687",
    "HGNC:24303\tRBM15B\tRBM15B\tApproved\tHUMAGCGB\t\t29890\tENSG00000259956",
    "HGNC:5\tA1BG\tA1B\tApproved\t\t\t1\tENSG00000121410",
    "HGNC:99999\tGONE\tgone\tEntry Withdrawn\tERB\t\t\t",
)
PANEL = ("BRAF", "KRAS", "ERBB2", "TP53", "H3F3A", "SEPT9", "PTEN", "RB1", "KMT2D")  # two by symbols of old


def complete_set() -> str:
    """The published file."""
    return "\n".join((HEADER, *ROWS)) + "\n"


def gene_table() -> GeneTable:
    """Names of all these genes."""
    return GeneTable(read_hgnc(complete_set().splitlines()))
