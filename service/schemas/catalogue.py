"""Cell lines, drugs and models of the bundle, and the health of the service, as they are answered."""

from typing import Any, Literal

from pydantic import ConfigDict, Field, FiniteFloat

from service.schemas.responses import MATCHED_BY, MatchedBy, ResponseModel


class Row(ResponseModel):
    """A row of an id table; numbers used as ids are text."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str
    name: str
    synonyms: list[str] = Field(default=[])


class CellLine(Row):
    """A cell line of the bundle; what is not known is null."""

    cosmic_id: str | None = None
    sanger_model_id: str | None = None
    depmap_id: str | None = None
    cellosaurus_id: str | None = None
    ccle_name: str | None = None
    tissue: str | None = None
    cancer_type: str | None = None
    medium: str | None = Field(default=None, description="Growth medium of the screen, as its source writes it.")


class Drug(Row):
    """A drug of the bundle; what is not known is null."""

    pubchem_cid: str | None = None
    inchikey: str | None = None
    smiles: str | None = None
    targets: list[str] = Field(default=[])
    pathway: str | None = None
    threshold_ln_um: FiniteFloat | None = Field(
        default=None, description="A line counts as sensitive where ln IC50 (µM) is below this."
    )
    threshold_source: Literal["published", "rule"] | None = Field(
        default=None,
        description="Whether the threshold was published with the screen or set by the dataset's rule (its notes say "
        "which).",
    )
    ln_ic50_sd: FiniteFloat | None = Field(
        default=None, description="Standard deviation of ln IC50 over the lines the model was trained on."
    )
    gdsc_drug_ids: list[str] = Field(default=[])


class FoundCellLine(CellLine):
    """The cell line that a name was read as."""

    matched_by: MatchedBy = Field(description=MATCHED_BY)
    warnings: list[str] = Field(default=[], description="What the name was read as, where it is spelled otherwise.")


class FoundDrug(Drug):
    """The drug that a name was read as."""

    matched_by: MatchedBy = Field(description=MATCHED_BY)
    warnings: list[str] = Field(default=[], description="What the name was read as, where it is spelled otherwise.")


class Page(ResponseModel):
    """Where a page stands in the whole."""

    total: int = Field(description="Rows that match, on all pages.")
    limit: int
    offset: int


class CellLinePage(Page):
    """A page of cell lines in the bundle's order."""

    cell_lines: list[CellLine]


class DrugPage(Page):
    """A page of drugs in the bundle's order."""

    drugs: list[Drug]


class Facet(ResponseModel):
    """A value and how many rows have it."""

    name: str
    count: int


class Facets(ResponseModel):
    """Values that occur in the bundle; `tissues`, `cancer_types` and `media` are those that a sample may have."""

    bundle: str
    tissues: list[Facet] = Field(description="With the number of cell lines.")
    cancer_types: list[Facet] = Field(description="With the number of cell lines.")
    media: list[Facet] = Field(description="Growth media, with the number of cell lines.")
    targets: list[Facet] = Field(description="With the number of drugs.")
    pathways: list[Facet] = Field(description="With the number of drugs.")


class PanelGene(ResponseModel):
    """A gene that a model reads; its identifiers are empty where the bundle does not have them."""

    table: str = Field(description="expression, copy_number or mutation.", examples=["mutation"])
    symbol: str = Field(description="As the model has it.", examples=["KRAS"])
    approved_symbol: str | None = Field(default=None, description="As HGNC approves it.", examples=["KRAS"])
    ensembl_gene_ids: list[str] = Field(default=[], examples=[["ENSG00000133703"]])
    entrez_ids: list[str] = Field(default=[], examples=[["3845"]])
    other_names: list[str] = Field(
        description="Previous symbols and aliases that are read as this gene, and as no other.", examples=[["KRAS2"]]
    )


class GenePanel(ResponseModel):
    """The genes that a model reads of a new sample, table by table."""

    model: str
    bundle: str
    genes: list[PanelGene]


class ReliabilityBin(ResponseModel):
    """Test pairs of like predicted probability."""

    predicted: FiniteFloat = Field(description="Mean predicted probability.")
    observed: FiniteFloat = Field(description="Share that was measured as sensitive.")
    pairs: int


class ModelCard(ResponseModel):
    """What the manifest says of a model, as it stands there."""

    name: str
    default: bool = Field(description="Whether this model answers when none is named.")
    provider: str = Field(description="Execution provider that the session really has.")
    metrics: dict[str, Any] = Field(description="Metrics by split (LPO, LCO, LDO, …) and name: mean, sd, ci.")
    measured_as: str | None = Field(
        description="Method that `metrics` are of: the model itself, or one that stands for it; null if not known."
    )
    calibration: dict[str, Any] = Field(description="probability = σ(slope · score + intercept).")
    decision_threshold: FiniteFloat | None = Field(
        description="Probability from which a pair is called sensitive, chosen on validation pairs."
    )
    regression: dict[str, Any] | None = Field(
        description="From margin to ln IC50: threshold − sd · (slope · margin + intercept), and the interval's share."
    )
    reliability: dict[str, list[ReliabilityBin]] = Field(
        description="Calibration curve by split, over the test pairs of its folds; empty where the bundle has none."
    )
    table_sets: list[dict[str, Any]] = Field(
        description="Of the kernel stack, by the tables that a sample has: half-widths of its interval in the drug's "
        "standard deviations, limit of the domain and, where measured, metrics on unseen lines known by these alone."
    )
    config: dict[str, Any]
    training: dict[str, Any]


class Models(ResponseModel):
    """The bundle in use: its models, the data they come from, the sha256 of every file."""

    bundle: str
    content_hash: str = Field(description="Of the first bundle's files; `bundle` names a second one's too.")
    created: str | None
    dataset: dict[str, Any]
    baselines: dict[str, Any]
    files: dict[str, str]
    models: list[ModelCard]


class Health(ResponseModel):
    """Whether the service runs, or whether it takes requests."""

    status: Literal["ok"] = "ok"
