"""`python -m service.openapi` prints the API's contract as YAML; `make openapi` writes it to openapi.yaml."""

import sys

import yaml

from service.app import create_app
from service.settings import Settings


class Readable(yaml.SafeDumper):
    """Writes text of several lines as a block, not as one line with escapes."""

    def represent_str(self, text: str) -> yaml.ScalarNode:
        """One string."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Readable.add_representer(str, Readable.represent_str)


def contract() -> str:
    """OpenAPI schema as YAML. Needs no bundle."""
    schema = create_app(Settings()).openapi()
    return yaml.dump(schema, Dumper=Readable, sort_keys=False, allow_unicode=True, width=119)


if __name__ == "__main__":
    sys.stdout.write(contract())
