"""`python -m training`: the same as `drp`."""

from training.cli.main import app

if __name__ == "__main__":
    app(prog_name="drp")
