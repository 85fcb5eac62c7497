"""The genes that a model reads of a new sample, with their identifiers where the bundle has them."""

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from model.encoder_inputs import MODALITIES
from model.genes.panel import Panel
from model.genes.table import Gene, GeneTable
from service.answers.new_entities import encoders_of
from service.prediction.predictor import Predictor
from service.schemas.catalogue import GenePanel, PanelGene
from service.schemas.requests import GeneQuery

GENE_COLUMNS = ("table", "symbol", "approved_symbol", "ensembl_gene_ids", "entrez_ids", "other_names")


_genes_by_model: WeakKeyDictionary[Predictor, dict[str, list[PanelGene]]] = WeakKeyDictionary()


def gene_panel(predictor: Predictor, model: str, query: GeneQuery) -> GenePanel:
    """Genes of the model's tables, or of one. Raises ProblemError where the model reads no samples."""
    by_model = _genes_by_model.setdefault(predictor, {})
    if model not in by_model:
        by_model[model] = _genes(predictor, model)
    genes = [gene for gene in by_model[model] if query.table in {None, gene.table}]
    return GenePanel(model=model, bundle=predictor.bundle.version, genes=genes)


def _genes(predictor: Predictor, model: str) -> list[PanelGene]:
    """Genes of all tables; looking up two thousand takes a tenth of a second, so it is done once."""
    encoders = encoders_of(predictor, model, "query/model")
    panels, names = encoders.panels, encoders.genes
    known = {gene.symbol: gene for gene in names.genes}
    return [_gene(names, known, table, panels[table], one) for table in MODALITIES for one in panels[table].symbols]


def gene_rows(panel: GenePanel) -> Iterator[tuple[object, ...]]:
    """Rows of the panel as a table."""
    for gene in panel.genes:
        yield gene.table, gene.symbol, gene.approved_symbol, gene.ensembl_gene_ids, gene.entrez_ids, gene.other_names


def _gene(names: GeneTable, known: Mapping[str, Gene], table: str, panel: Panel, symbol: str) -> PanelGene:
    """The gene as the table of identifiers has it, where it names exactly one."""
    meant = names.find(symbol).symbols
    gene = known.get(meant[0]) if len(meant) == 1 else None
    if gene is None:
        return PanelGene(table=table, symbol=symbol, other_names=[])
    names_in_one_case = {name.upper(): name for name in reversed((*gene.previous, *gene.alias))}
    return PanelGene(
        table=table,
        symbol=symbol,
        approved_symbol=gene.symbol,
        ensembl_gene_ids=list(gene.ensembl),
        entrez_ids=list(gene.entrez),
        other_names=[name for name in names_in_one_case.values() if _is_read(panel, name, symbol)],
    )


def _is_read(panel: Panel, name: str, symbol: str) -> bool:
    """Whether the name is read as this gene, and not by its symbol."""
    reading = panel.find(name)
    return reading.gene == symbol and not reading.direct
