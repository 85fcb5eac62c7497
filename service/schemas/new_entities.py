"""New samples and compounds as a caller sends them. The descriptions here are the API's documentation."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

MAX_NAME_CHARS = 500
MAX_GENE_CHARS = 100
MAX_SMILES_CHARS = 100_000  # of a molfile; a SMILES or an InChI may have 2,000
MAX_TARGETS = 100
# How mutations are written; pydantic puts the form into the place of an error, and `errors.pointer` takes it out.
GENES, VALUES = "(genes)", "(values)"
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARS)]
Gene = Annotated[str, StringConstraints(min_length=1, max_length=MAX_GENE_CHARS)]
# Not lax: neither true nor "1.5" is a number here. A table stops at its first wrong value.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Values = Annotated[dict[Gene, Number], Field(fail_fast=True)]
Genes = Annotated[list[Gene], Field(fail_fast=True)]


class RequestModel(BaseModel):
    """Base of every object that a caller sends: an unknown field is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


Unit = Literal["log2(TPM+1)", "TPM"]
CopyNumberUnit = Literal["log2 ratio", "ratio", "log2(ratio+1)", "absolute", "GISTIC"]
COPY_NUMBER_UNIT = (
    "Unit of `copy_number`: ratio to diploid or a logarithm of it, absolute copies (2 = diploid) or GISTIC calls."
)
KnownStructures = Literal["as_drug", "as_new"]
OnError = Literal["mark", "refuse"]
ON_ERROR = (
    "What becomes of samples and compounds that cannot be read: `mark` answers the others and lists these in "
    "`refused`, `refuse` answers none. Where nothing is left to answer, the request is refused in either case."
)
KNOWN_STRUCTURES = (
    "A compound whose structure is that of a drug of the bundle (without counter-ions, whatever the spelling) is "
    "answered as this drug; `as_new` answers it as a new compound all the same."
)


def _mutation_form(value: object) -> str:
    return VALUES if isinstance(value, dict) else GENES


class SampleInput(RequestModel):
    """What was measured of a new sample: at least one of the three tables. Genes go by symbol; case does not matter.

    A gene of the model that is not given counts as what the others let expect, or as the mean of the training lines.
    """

    expression: Values | None = Field(
        default=None, description="Gene → expression in `expression_unit`.", examples=[{"TP53": 4.2, "KRAS": 5.1}]
    )
    expression_unit: Unit = Field(default="log2(TPM+1)", description="Unit of `expression`.")
    mutation: (
        Annotated[Annotated[Genes, Tag(GENES)] | Annotated[Values, Tag(VALUES)], Discriminator(_mutation_form)] | None
    ) = Field(
        default=None,
        description="Mutated genes, all others then count as not mutated; or gene → 1 mutated, 0 not.",
        examples=[["KRAS", "STK11"]],
    )
    copy_number: Values | None = Field(
        default=None, description="Gene → copy number in `copy_number_unit`.", examples=[{"MYC": 0.8, "CDKN2A": -1.2}]
    )
    copy_number_unit: CopyNumberUnit = Field(default="log2 ratio", description=COPY_NUMBER_UNIT)
    tissue: Name | None = Field(
        default=None, description="Tissue, as the bundle's cell lines have it.", examples=["lung_NSCLC"]
    )
    cancer_type: Name | None = Field(
        default=None, description="Cancer type, as the bundle's cell lines have it.", examples=["LUAD"]
    )
    medium: Name | None = Field(
        default=None,
        description="Growth medium in the screen to predict, as the bundle's cell lines have it: of GDSC, R is "
        "RPMI 1640 and D/F12 is DMEM/F12. Leave it out for a sample that no medium is known of.",
        examples=["R"],
    )


LEAST_UM, MOST_UM = 1e-6, 1e5  # of a concentration


class CompoundInput(RequestModel):
    """A new compound with what is known of it beside its structure."""

    smiles: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SMILES_CHARS)] = Field(
        description="SMILES, InChI or molfile of one compound. Counter-ions are left out, mixtures refused.",
        examples=["CC(=O)Oc1ccccc1C(=O)O"],
    )
    targets: Annotated[list[Name], Field(max_length=MAX_TARGETS, fail_fast=True)] = Field(
        default_factory=list,
        description="Names of its targets: gene symbols, their aliases, or as the bundle's drugs have them.",
        examples=[["EGFR"]],
    )
    pathway: Name | None = Field(
        default=None, description="Its pathway, as the bundle's drugs have it.", examples=["EGFR signaling"]
    )
    max_concentration_um: Annotated[float, Field(ge=LEAST_UM, le=MOST_UM)] | None = Field(
        default=None,
        description="Highest concentration, in µM, at which it was or would be screened. Screens choose it by the "
        "potency that they expect, so it tells much of ln IC50. Read by `kernel_stack`; the order of lines, score and "
        "probability do not depend on it.",
        examples=[10.0],
    )


def _smiles_to_object(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    return {"smiles": value} if isinstance(value, str) else value


CompoundOrSmiles = Annotated[
    CompoundInput,
    BeforeValidator(
        _smiles_to_object,
        json_schema_input_type=CompoundInput
        | Annotated[str, Field(min_length=1, max_length=MAX_SMILES_CHARS, description="SMILES alone.")],
    ),
]
Samples = Annotated[
    dict[Name, SampleInput],
    Field(description="New samples by a name of your own, which pairs may use as a cell line's name."),
]
Compounds = Annotated[
    dict[Name, CompoundOrSmiles],
    Field(description="New compounds by a name of your own, which pairs may use as a drug's name: SMILES or objects."),
]
