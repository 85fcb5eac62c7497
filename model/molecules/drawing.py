"""A molecule as a drawing."""

from model.molecules.faults import chemistry
from model.molecules.reading import molecule

WIDTH, HEIGHT = 260, 200


def drawing(text: str) -> str:
    """SVG of a SMILES, on a transparent ground. Raises MoleculeError."""
    from rdkit.Chem.Draw import rdMolDraw2D

    compound = molecule(text)
    with chemistry():
        canvas = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
        setattr(canvas.drawOptions(), "clearBackground", False)  # noqa: B010  its stub declares a method
        rdMolDraw2D.PrepareAndDrawMolecule(canvas, compound)
        canvas.FinishDrawing()
        svg: str = canvas.GetDrawingText()
    return svg
