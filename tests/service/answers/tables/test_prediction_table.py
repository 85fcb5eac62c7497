"""Columns of predictions."""

import subprocess
import sys

from model.encoder_inputs import MODALITIES
from service.schemas.responses import GENE_TABLES


def test_the_columns_count_the_genes_of_every_table_that_a_model_reads():
    assert GENE_TABLES == MODALITIES


def test_csv_is_written_without_numpy():
    program = "import sys, service.answers.tables.prediction_table; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
