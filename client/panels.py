"""The genes that a model reads, as a client knows them: by symbol, Ensembl and Entrez id, without aliases."""

from client.api import Client
from model.genes.panel import Panel
from model.genes.table import Gene, GeneTable


def model_panel(client: Client, model: str | None, table: str) -> Panel:
    """The panel of a table. A gene that it does not find may be there by an alias, which the service alone knows."""
    genes = [gene for gene in client.genes(model).genes if gene.table == table]
    known = {gene.approved_symbol or gene.symbol: gene for gene in genes}
    names = [
        Gene(symbol, (gene.symbol,), (), tuple(gene.ensembl_gene_ids), tuple(gene.entrez_ids))
        for symbol, gene in known.items()
    ]
    return Panel([gene.symbol for gene in genes], GeneTable(names))
