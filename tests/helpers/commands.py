"""`drp` as a person types it, inside this process."""

from typer.testing import CliRunner

from training.cli.main import app


def drp(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def refusal(*words):
    """The one line of stderr with which a command ends that was given something it cannot use."""
    result = drp(*words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    (line,) = result.stderr.splitlines()
    return line
