"""The command `drp export-network`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import console, stop


def export_network(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder that the run was trained on.")],
    run: Annotated[Path, typer.Argument(help="Folder of a finished run of `drp train --model dim2`.")],
    out: Annotated[Path, typer.Argument(help="Folder to write; an older export there is replaced.")],
) -> None:
    """Write DiM2-DRP's network as three verified ONNX graphs; the service does not read them."""
    from training.data.folder import read_dataset
    from training.data.schema import DatasetError
    from training.export.network import export_network as write_network
    from training.inductive.onnx_graph import ParityError
    from training.runs.folder import RunError

    try:
        manifest = write_network(read_dataset(dataset), run, out)
    except (DatasetError, RunError, ParityError, ValueError) as fault:
        stop(str(fault))
    size = sum(path.stat().st_size for path in out.iterdir()) / 2**20
    parity = manifest["parity"]
    checked = f"torch and ONNX Runtime differ by {parity['ln_ic50']:.1g} ln µM at most over {parity['pairs']:,} pairs"
    console.print(f"Wrote {out}: {size:.1f} MiB; {checked}")
