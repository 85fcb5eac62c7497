"""The one name under which the wheel installs all folders (scripts/wheel.py); in a checkout they lie one level up."""

from pathlib import Path

__path__.append(str(Path(__file__).resolve().parents[1]))
