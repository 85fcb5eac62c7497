"""What a person says of tables that the tables do not say themselves: their layout, units, and what goes with them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Source = Literal["hgacl", "datapack", "ccle", "gdsc", "depmap", "passports", "deepccds", "own"]
Kind = Literal["cell_line", "drug"]
Expression = Literal["rnaseq", "array", "combined", "none"]
More = Literal["array", "growth", "drugs", "concentrations"]
ResponseUnit = Literal["ln_um", "log10_um", "pic50", "um", "nm", "m"]
ExpressionUnit = Literal["log2_tpm1", "tpm", "array_z"]
CopyNumberUnit = Literal["log2_ratio", "relative", "log2p1"]
SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True)
class Options:
    """Options of an import.

    `annotations` is a data pack, `expression` its table; `thresholds` a table of ln µM per drug. Units of None are
    taken from the layout, and asked for where it does not state them. `genes` is HGNC's complete set, by which own
    tables may name genes otherwise than by approved symbols. `more` are further tables of the data pack.
    """

    annotations: Path | None = None
    expression: Expression = "rnaseq"
    thresholds: Path | None = None
    response_unit: ResponseUnit | None = None
    expression_unit: ExpressionUnit | None = None
    copy_number_unit: CopyNumberUnit | None = None
    genes: Path | None = None
    more: tuple[More, ...] = ()
