"""The genes that a model reads, as a client knows them: by the names and ids that the service says it reads."""

from client.api import Client
from model.genes.panel import Panel
from model.genes.table import Gene, GeneTable


def model_panel(client: Client, model: str | None, table: str) -> Panel:
    """The panel of a table. Names that may mean several genes are outside: the service alone knows of which."""
    genes = [gene for gene in client.genes(model).genes if gene.table == table]
    known = {gene.approved_symbol or gene.symbol: gene for gene in genes}
    names = [
        Gene(symbol, (gene.symbol,), tuple(gene.other_names), tuple(gene.ensembl_gene_ids), tuple(gene.entrez_ids))
        for symbol, gene in known.items()
    ]
    return Panel([gene.symbol for gene in genes], GeneTable(names))
