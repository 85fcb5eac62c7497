"""One small set of samples written in the layouts of the programs and portals that make such tables."""

import gzip
import io

import openpyxl

GENES = ("BRAF", "KRAS", "ERBB2", "TP53", "H3-3A", "SEPTIN9", "PTEN", "RB1", "KMT2D", "A1BG")  # the last is not read
OLD = {"H3-3A": "H3F3A", "SEPTIN9": "SEPT9"}  # as the model calls them
IDS = {
    "BRAF": ("ENSG00000157764", "673"),
    "KRAS": ("ENSG00000133703", "3845"),
    "ERBB2": ("ENSG00000141736", "2064"),
    "TP53": ("ENSG00000141510", "7157"),
    "H3-3A": ("ENSG00000163041", "3020"),
    "SEPTIN9": ("ENSG00000184640", "10801"),
    "PTEN": ("ENSG00000171862", "5728"),
    "RB1": ("ENSG00000139687", "5925"),
    "KMT2D": ("ENSG00000167548", "8085"),
    "A1BG": ("ENSG00000121410", "1"),
}
SAMPLES = ("tumour 1", "tumour 2")
VALUES = {gene: (round(0.731 + i * 1.37, 3), round(8.2 - i * 0.513, 3)) for i, gene in enumerate(GENES)}
READ = {
    sample: {OLD.get(gene, gene): VALUES[gene][i] for gene in GENES if gene != "A1BG"}
    for i, sample in enumerate(SAMPLES)
}
Table = list[list[object]]


def _named(form: str, gene: str) -> str:
    return form.format(gene=gene, ensembl=IDS[gene][0], entrez=IDS[gene][1])


def down(*heads: str, **columns: str) -> Table:
    """Genes down: columns by head, each a form of `gene`, `ensembl` or `entrez`; then the samples."""
    body = [
        [columns[head].format(gene=gene, ensembl=IDS[gene][0], entrez=IDS[gene][1]) for head in heads]
        + [*VALUES[gene]]
        for gene in GENES
    ]
    return [[*heads, *SAMPLES], *body]


def across(form: str = "{gene}", corner: str = "") -> Table:
    """Genes across, one sample a row."""
    header = [_named(form, gene) for gene in GENES]
    return [[corner, *header], *([sample, *(VALUES[gene][i] for gene in GENES)] for i, sample in enumerate(SAMPLES))]


def text(table: Table, delimiter: str = ",", end: str = "\n", comma: bool = False) -> str:
    """The table's text."""

    def cell(value: object) -> str:
        return str(value).replace(".", ",") if comma and isinstance(value, float) else str(value)

    return end.join(delimiter.join(map(cell, row)) for row in table) + end


def workbook(table: Table) -> bytes:
    """The table as an Excel workbook."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _gct(version: str) -> bytes:
    if version == "1.2":
        body = down("NAME", "Description", NAME="{ensembl}.3", Description="{gene}")
        return f"#1.2\n{len(GENES)}\t2\n{text(body, chr(9))}".encode()
    body = down("id", "symbol", "length", id="{gene}", symbol="na", length="12")
    meta = [["tissue", "na", "na", "lung", "skin"], ["dose", "na", "na", "1", "2"]]
    return f"#1.3\n{len(GENES)}\t2\t2\t2\n{text([body[0], *meta, *body[1:]], chr(9))}".encode()


TABLES: dict[str, bytes] = {
    "symbols across, CSV": text(across()).encode(),
    "symbols of old across": text(across()).replace("H3-3A", "h3f3a").replace("SEPTIN9", "SEPT9").encode(),
    "Ensembl ids across, TSV": text(across("{ensembl}.12"), "\t").encode(),
    "DepMap, symbol and Entrez id": text(across("{gene} ({entrez})")).encode(),
    "symbols down": text(down("gene", gene="{gene}"), "\t").encode(),
    "Entrez ids down": text(down("", **{"": "{entrez}"}), "\t").encode(),
    "row names of R": text(down("", **{"": "{gene}"}), "\t").removeprefix("\t").encode(),
    "semicolons and decimal commas": text(down("gene", gene="{gene}"), ";", comma=True).encode(),
    "tabs and decimal commas": text(across(), "\t", comma=True).encode(),
    "byte-order mark and CRLF": b"\xef\xbb\xbf" + text(across(), end="\r\n").encode(),
    "UTF-16": text(across(), "\t").encode("utf-16"),
    "quoted cells": text([[f'"{cell}"' for cell in row] for row in across()]).encode(),
    "gzip": gzip.compress(text(across()).encode()),
    "workbook, across": workbook(across()),
    "workbook, down": workbook(down("gene_id", "gene_name", gene_id="{ensembl}", gene_name="{gene}")),
    "nf-core merged gene_tpm": text(
        down("gene_id", "gene_name", gene_id="{ensembl}.7", gene_name="{gene}"), "\t"
    ).encode(),
    "cBioPortal data_mrna_seq": text(
        down("Hugo_Symbol", "Entrez_Gene_Id", Hugo_Symbol="{gene}", Entrez_Gene_Id="{entrez}"), "\t"
    ).encode(),
    "annotation of genes beside": text(
        down("Geneid", "Length", "gene_biotype", Geneid="{ensembl}", Length="1200", gene_biotype="protein_coding")
    ).encode(),
    "GCT 1.2": _gct("1.2"),
    "GCT 1.3": _gct("1.3"),
    "a comment above": b"# made by a pipeline\n" + text(across()).encode(),
    "symbol and Ensembl id in one": text(down("gene", gene="{ensembl}.2|{gene}")).encode(),
}
