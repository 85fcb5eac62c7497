"""The version of the package and of the API's contract."""

VERSION = "0.2.0"
