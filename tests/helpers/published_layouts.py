"""Samples written in the layouts of the programs and portals that make such tables."""

import gzip
import io
from dataclasses import dataclass

import openpyxl

Table = list[list[object]]


@dataclass(frozen=True)
class Samples:
    """Some samples: names, genes, ids of each gene (Ensembl, Entrez) and values, one a sample."""

    names: tuple[str, ...]
    ids: dict[str, tuple[str, str]]
    values: dict[str, tuple[float, ...]]

    def form(self, text: str, gene: str) -> str:
        """The gene in a form of {gene}, {ensembl}, {entrez}."""
        return text.format(gene=gene, ensembl=self.ids[gene][0], entrez=self.ids[gene][1])

    def down(self, **columns: str) -> Table:
        """Genes down: columns by head, then the samples."""
        body = [[*(self.form(text, gene) for text in columns.values()), *self.values[gene]] for gene in self.values]
        return [[*columns, *self.names], *body]

    def across(self, form: str = "{gene}") -> Table:
        """Genes across, one sample a row."""
        header = [self.form(form, gene) for gene in self.values]
        rows = [[name, *(row[i] for row in self.values.values())] for i, name in enumerate(self.names)]
        return [["", *header], *rows]


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


def gct(samples: Samples, version: str) -> bytes:
    """The table as GCT 1.2, or 1.3 with two annotations of rows and two of columns."""
    count, width = len(samples.values), len(samples.names)
    if version == "1.2":
        body = text(samples.down(NAME="{ensembl}.3", Description="{gene}"), "\t")
        return f"#1.2\n{count}\t{width}\n{body}".encode()
    header, *rows = samples.down(id="{gene}", symbol="na", length="12")
    meta = [["tissue", "na", "na", *["lung"] * width], ["dose", "na", "na", *[1] * width]]
    return f"#1.3\n{count}\t{width}\t2\t2\n{text([header, *meta, *rows], chr(9))}".encode()


def layouts(samples: Samples) -> dict[str, bytes]:
    """The same samples in every layout that docs/reference/api.md lists."""
    across, down = samples.across(), samples.down(gene="{gene}")
    nf_core = samples.down(gene_id="{ensembl}.7", gene_name="{gene}")
    cbioportal = samples.down(Hugo_Symbol="{gene}", Entrez_Gene_Id="{entrez}")
    annotated = samples.down(Geneid="{ensembl}", Length="1200", gene_biotype="protein_coding")
    return {
        "symbols across, CSV": text(across).encode(),
        "symbols in another case": text(samples.across("{gene}")).lower().encode(),
        "Ensembl ids across, TSV": text(samples.across("{ensembl}.12"), "\t").encode(),
        "DepMap, symbol and Entrez id": text(samples.across("{gene} ({entrez})")).encode(),
        "symbols down": text(down, "\t").encode(),
        "Entrez ids down": text(samples.down(**{"": "{entrez}"}), "\t").encode(),
        "row names of R": text(samples.down(**{"": "{gene}"}), "\t").removeprefix("\t").encode(),
        "a tab at the end of rows": text(down, "\t").replace("\n", "\t\n").replace("\t\n", "\n", 1).encode(),
        "a comma at the end of rows": text(across).replace("\n", ",\n").replace(",\n", "\n", 1).encode(),
        "semicolons and decimal commas": text(down, ";", comma=True).encode(),
        "tabs and decimal commas": text(across, "\t", comma=True).encode(),
        "byte-order mark and CRLF": b"\xef\xbb\xbf" + text(across, end="\r\n").encode(),
        "UTF-16": text(across, "\t").encode("utf-16"),
        "quoted cells": text([[f'"{cell}"' for cell in row] for row in across]).encode(),
        "gzip": gzip.compress(text(across).encode()),
        "workbook, across": workbook(across),
        "workbook, down": workbook(samples.down(gene_id="{ensembl}", gene_name="{gene}")),
        "nf-core merged gene_tpm": text(nf_core, "\t").encode(),
        "nf-core, gzip": gzip.compress(text(nf_core, "\t").encode()),
        "cBioPortal data_mrna_seq": text(cbioportal, "\t").encode(),
        "annotation of genes beside": text(annotated).encode(),
        "GCT 1.2": gct(samples, "1.2"),
        "GCT 1.3": gct(samples, "1.3"),
        "a comment above": b"# made by a pipeline\n" + text(across).encode(),
        "symbol and Ensembl id in one": text(samples.down(gene="{ensembl}.2|{gene}")).encode(),
    }


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
TWO = Samples(
    ("tumour 1", "tumour 2"),
    IDS,
    {gene: (round(0.731 + i * 1.37, 3), round(8.2 - i * 0.513, 3)) for i, gene in enumerate(IDS)},
)
OLD = {"H3-3A": "H3F3A", "SEPTIN9": "SEPT9"}  # as the model of tests.helpers.genes calls them; it does not read A1BG
READ = {
    name: {OLD.get(gene, gene): row[i] for gene, row in TWO.values.items() if gene != "A1BG"}
    for i, name in enumerate(TWO.names)
}
