"""The DeepCCDS / DiM2-DRP tables: 38 pathway scores and 534 driver genes a line, ln IC50 in three splits of pairs.

GDSC_ssgsea_input.csv     cell_idx, cell_name, pathways (ssGSEA scores)
GDSC_mutation_input.csv   cell_idx, cell_line, genes (0/1)
GDSC_drug_smiles*.csv     drug_idx, drug_name, smiles, target
GDSC_{train,valid,test}_IC50_by_borh_cv00*.csv   cell_name, cell_idx, drug_name, drug_idx, IC50 (ln µM)

The split of a pair stays in the response's `source`. The layout's own drug fingerprint (1,024 CDK bits) is not read:
a new compound's cannot be made alike. Thresholds: see training.sources.parsing.thresholds.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from training.data.schema import DRUG_ID, LINE_ID, RESPONSE_COLUMNS, Dataset, DatasetError, Problem
from training.sources.layouts import datapack
from training.sources.options import Options
from training.sources.parsing.entities import cell_lines, drugs, inchikeys, merge_drugs, salts_note
from training.sources.parsing.files import collect_problems, one_file
from training.sources.parsing.matrices import Import
from training.sources.parsing.plain_tables import read_numbers, read_plain
from training.sources.parsing.response_units import to_ln_um
from training.sources.parsing.thresholds import label_responses
from training.sources.parsing.wide_tables import gene_faults, read_wide

PATHWAYS, MUTATION, SMILES = "GDSC_ssgsea_input.csv", "GDSC_mutation_input.csv", "GDSC_drug_smiles*.csv"
PAIRS = "GDSC_{}_IC50_by_borh_cv00*.csv*"
SPLITS = ("test", "valid", "train")  # a pair that merging puts into two stays in the first: held out is held out
PATTERNS = (PATHWAYS, MUTATION, SMILES, *(PAIRS.format(split) for split in SPLITS))
PACK_LINES = {
    "cosmic_id": "cosmic_id",
    "sanger_model_id": "sanger_model_id",
    "depmap_id": "depmap_id",
    "cellosaurus_id": "cellosaurus_rrid",
    "ccle_name": "ccle_name",
    "tissue": "gdsc_tissue_1",
    "cancer_type": "cancer_type",
}
PAIR_COLUMNS = ("cell_name", "cell_idx", "drug_name", "drug_idx", "IC50")


def read_deepccds(raw: Path, options: Options) -> Import:
    """Read the tables of folder `raw`; `options.annotations` is a data pack with ids, tissue, CID and pathway.

    Ids are COSMIC ids and CIDs where the data pack knows them, else the tables' own names. Raises DatasetError.
    """
    faults: list[Problem] = []
    notes: list[str] = []
    wide: dict[str, pd.DataFrame] = {}
    pairs: list[pd.DataFrame] = []
    smiles, smiles_file = None, SMILES
    for name in (PATHWAYS, MUTATION):
        with collect_problems(faults):
            wide[name] = _wide(raw / name, faults)
    with collect_problems(faults):
        path = one_file(raw, (SMILES,))
        smiles_file = str(path and path.name)
        smiles = None if path is None else read_plain(path, ("drug_idx", "drug_name", "smiles", "target"))
    for split in SPLITS:
        with collect_problems(faults):
            pairs.append(_pairs(raw, split, faults))
    if faults or smiles is None:
        raise DatasetError(faults)
    table = pd.concat(pairs, ignore_index=True)
    lines = _lines(list(wide[PATHWAYS].index), options.annotations)
    known = _drugs(smiles, smiles_file, options.annotations, faults)
    faults += _strangers(table, lines, known)
    if faults:
        raise DatasetError(faults)
    counts = ", ".join(f"{split} {int((table['source'] == f'DeepCCDS {split}').sum()):,}" for split in SPLITS[::-1])
    notes.append(f"response: {len(table):,} pairs in three splits, kept as the response's source: {counts}")
    notes += salts_note(known["smiles"].tolist(), known["name"].tolist())
    line_id = dict(zip(lines["name"], lines["id"], strict=True))
    measured = pd.DataFrame(
        {
            LINE_ID: table["cell_name"].map(line_id).astype("str"),
            DRUG_ID: table["drug_name"].astype("str"),
            "ln_ic50": table["ln_ic50"],
            "source": table["source"],
        }
    )
    known, measured = merge_drugs(
        known, measured, known["inchikey"].fillna(known["id"]).tolist(), "one structure", notes
    )
    measured = _one_split(measured, notes)
    known["id"], own = known["pubchem_cid"].fillna(known["id"]), known["id"]
    measured[DRUG_ID] = measured[DRUG_ID].map(dict(zip(own, known["id"], strict=True))).astype("str")
    response, known, by_rule = label_responses(measured, known, options.thresholds, notes)
    response["ln_ic50"] = response["ln_ic50"].astype(np.float32)
    pathways, mutation = (wide[n].rename(index=line_id).rename_axis(LINE_ID) for n in (PATHWAYS, MUTATION))
    binary = np.isin(mutation.to_numpy(), (0, 1)).all()
    info = {
        "source": "GDSC1 and GDSC2, DeepCCDS tables",
        "expression_platform": None,
        "terms": [datapack.TERMS["response"], "KEGG pathways: academic use; commercial use needs a licence"],
        "notes": notes,
        "rule_thresholds": by_rule,
    }
    dataset = Dataset(
        lines,
        known,
        response[list(RESPONSE_COLUMNS)],
        mutation=mutation.astype(np.uint8) if binary else mutation,
        pathway_activity=pathways,
        info=info,
    )
    files = {"cell_lines": PATHWAYS, "drugs": smiles_file, "response": "GDSC_*_IC50_by_borh_cv00*.csv"}
    return Import(dataset, files | {"pathway_activity": PATHWAYS, "mutation": MUTATION})


def _wide(path: Path, faults: list[Problem]) -> pd.DataFrame:
    texts, values = read_wide(path, lambda place, _: place < 2)
    names = texts.iloc[:, 1]
    faults += [
        Problem(path.name, str(line), str(names.name), f"{names[line]!r} stands twice; keep one row")
        for line in texts.index[names.duplicated()]
    ]
    if path.name == MUTATION:
        faults += gene_faults(list(values.columns), path.name)
    return values.set_axis(pd.Index(names.tolist(), name=LINE_ID))


def _pairs(raw: Path, split: str, faults: list[Problem]) -> pd.DataFrame:
    path = one_file(raw, (PAIRS.format(split),))
    assert path is not None  # noqa: S101  one_file raises where none is there
    table = read_plain(path, PAIR_COLUMNS, row_names=True)
    found: list[Problem] = []
    values = read_numbers(table, "IC50", path.name, found)
    faults += found
    if not found:
        values = to_ln_um(values, "ln_um", path.name, "IC50", table.index)
    return table[["cell_name", "drug_name"]].assign(
        ln_ic50=values, source=f"DeepCCDS {split}", file=path.name, line=table.index
    )


def _strangers(table: pd.DataFrame, lines: pd.DataFrame, known: pd.DataFrame) -> list[Problem]:
    found = []
    for column, names, where in (("cell_name", lines["name"], PATHWAYS), ("drug_name", known["name"], SMILES)):
        strange = table[~table[column].isin(set(names))].drop_duplicates(column)
        for file, line, text in zip(strange["file"], strange["line"], strange[column], strict=True):
            found.append(Problem(file, str(line), column, f"{text!r} is not in {where}; add it there or drop the row"))
    return found


def _lines(names: list[str], pack: Path | None) -> pd.DataFrame:
    known: dict[str, Sequence[object]] = {"id": [*names], "name": [*names]}
    if pack is not None:
        table = datapack.read_parquet(pack / "cell_lines.parquet", ["cell_name", *PACK_LINES.values()])
        table = table.set_index("cell_name").reindex(names)
        known |= {ours: datapack.texts(table[theirs]) for ours, theirs in PACK_LINES.items()}
        known["id"] = [cosmic or name for cosmic, name in zip(known["cosmic_id"], names, strict=True)]
    return cell_lines(known)


def _drugs(table: pd.DataFrame, file: str, pack: Path | None, faults: list[Problem]) -> pd.DataFrame:
    names = table["drug_name"].tolist()
    known: dict[str, Sequence[object]] = {
        "id": [*names],
        "name": [*names],
        "smiles": table["smiles"].tolist(),
        "targets": [datapack.split_names(text) for text in table["target"]],
        "inchikey": [*inchikeys(table["smiles"].tolist(), [str(i) for i in table.index], file, faults)],
    }
    if pack is not None:
        more = datapack.read_parquet(pack / "drugs.parquet", ["drug_name", "pubchem_cid", "pathway", "gdsc_drug_ids"])
        more = more.set_index("drug_name").reindex(names)
        known |= {column: datapack.texts(more[column]) for column in ("pubchem_cid", "pathway")}
        known["gdsc_drug_ids"] = [text.split(";") if isinstance(text, str) else [] for text in more["gdsc_drug_ids"]]
    return drugs(known)


def _one_split(measured: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Keep one row a pair where merged drugs put it into two splits: the one that is held out more strictly."""
    rank = measured["source"].map({f"DeepCCDS {split}": i for i, split in enumerate(SPLITS)})
    kept = measured.loc[rank.sort_values(kind="stable").index].drop_duplicates([LINE_ID, DRUG_ID])
    if len(kept) < len(measured):
        cost = len(measured) - len(kept)
        notes.append(f"response: {cost:,} pairs of merged drugs stood in two splits; the held-out one is kept")
    return kept.reset_index(drop=True)
