"""Names of the bundle's tables: the rules of model.names, which training applies to datasets as well."""

from model.names import (
    CELL_LINE_FIELDS,
    DRUG_FIELDS,
    AmbiguousNameError,
    Fields,
    Names,
    NamingError,
    UnknownNameError,
    plain,
)

__all__ = [
    "CELL_LINE_FIELDS",
    "DRUG_FIELDS",
    "AmbiguousNameError",
    "Fields",
    "Names",
    "NamingError",
    "UnknownNameError",
    "plain",
]
