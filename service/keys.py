"""API keys: a file of names and hashes, and the command that makes a key.

    python -m service.keys new NAME FILE [--pairs-per-minute N]
    python -m service.keys revoke NAME FILE

A line of the file is `NAME sha256:HEX` or `NAME sha256:HEX PAIRS_PER_MINUTE`; # begins a comment. A key is 256 random
bits, so its plain sha256 cannot be searched through, and comparing costs a microsecond where scrypt would take 50 ms.
"""

import argparse
import errno
import hashlib
import hmac
import logging
import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger("service.keys")
_line = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,64})\s+sha256:(?P<digest>[0-9a-f]{64})(\s+(?P<limit>[1-9]\d{0,9}))?")
PREFIX = "drp_"
SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO}  # of the system, which says nothing of the file


class KeyFileError(Exception):
    """A file of keys that cannot be used; the message names the file, the line and the remedy."""


@dataclass(frozen=True)
class Key:
    """A key as the file has it; `pairs_per_minute` is None where the setting decides."""

    name: str
    digest: bytes
    pairs_per_minute: int | None = None


def parse(path: Path) -> tuple[list[Key], list[str]]:
    """Keys of the file, and what is wrong with its other lines. Raises OSError or UnicodeDecodeError."""
    keys: dict[str, Key] = {}
    faults: list[str] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        content = text.partition("#")[0].strip()
        if not content:
            continue
        found = _line.fullmatch(content)
        if found is None:
            faults.append(f"{path}: line {number}: not 'NAME sha256:HEX [PAIRS_PER_MINUTE]'")
        elif found["name"] in keys:
            faults.append(f"{path}: line {number}: the name {found['name']} stands twice; give each key its own")
        else:
            limit = int(found["limit"]) if found["limit"] else None
            keys[found["name"]] = Key(found["name"], bytes.fromhex(found["digest"]), limit)
    return list(keys.values()), faults


class KeyRing:
    """The keys of a file, read again whenever the file changes.

    At the start a wrong line is an error. Later it is a line without a key, and a file that is gone has none: what
    goes wrong with the file never keeps a revoked key alive. Where the system cannot open it for a moment, the keys
    that were read last stay, and the next request tries again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stat()
        self._short = False
        try:
            self._keys, faults = parse(path)
        except (OSError, UnicodeDecodeError) as fault:
            raise KeyFileError(f"{path}: cannot be read ({fault}); see python -m service.keys --help") from None
        if faults:
            raise KeyFileError(faults[0])

    def find(self, presented: bytes) -> Key | None:
        """Key that was presented. Every stored hash is compared, each in constant time."""
        self._refresh()
        digest, found = hashlib.sha256(presented).digest(), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def _refresh(self) -> None:
        stamp = self._stat()
        if stamp == self._stamp:
            return
        try:
            keys, faults = parse(self._path)
        except (OSError, UnicodeDecodeError) as fault:
            if isinstance(fault, OSError) and fault.errno in SHORTAGES:
                self._log_shortage(fault)
                return
            keys, faults = [], [f"{self._path}: cannot be read ({fault}); every key is refused"]
        self._stamp, self._keys, self._short = stamp, keys, False
        for line in faults:
            _log.error(line)
        _log.info("keys read", extra={"fields": {"keys": [key.name for key in self._keys]}})

    def _log_shortage(self, fault: OSError) -> None:
        if not self._short:  # once, and not at every request
            _log.error(f"{self._path}: cannot be read now ({fault}); the keys that were read last stay")
        self._short = True

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def add_key(path: Path, name: str, pairs_per_minute: int | None = None) -> str:
    """Make a key, add its hash to the file and return the key, which is stored nowhere.

    Raises KeyFileError where the name is taken or unfit, or the file has a wrong line.
    """
    lines, keys = _lines(path)
    if name in {key.name for key in keys}:
        raise KeyFileError(f"{path}: there is a key {name} already; revoke it first or take another name")
    key = PREFIX + secrets.token_urlsafe(32)
    limit = "" if pairs_per_minute is None else f" {pairs_per_minute}"
    line = f"{name} sha256:{hashlib.sha256(key.encode()).hexdigest()}{limit}"
    if not _line.fullmatch(line):
        raise KeyFileError(
            "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -, and a limit is a whole number above 0"
        )
    _write(path, [*lines, line])
    return key


def revoke_key(path: Path, name: str) -> None:
    """Take the key out of the file. Raises KeyFileError where it is not there."""
    lines, _ = _lines(path)
    kept = [line for line in lines if line.partition("#")[0].split()[:1] != [name]]
    if len(kept) == len(lines):
        raise KeyFileError(f"{path}: no key {name}")
    _write(path, kept)


def _lines(path: Path) -> tuple[list[str], list[Key]]:
    if not path.exists():
        return [], []
    keys, faults = parse(path)
    if faults:
        raise KeyFileError(faults[0])
    return path.read_text(encoding="utf-8").splitlines(), keys


def _write(path: Path, lines: list[str]) -> None:
    """Write beside the file and rename; the file keeps its mode, for the service may be another user."""
    staging = path.with_name(f".{path.name}.writing")
    staging.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if path.exists():
        staging.chmod(path.stat().st_mode & 0o777)
    staging.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser("python -m service.keys", description="Make and revoke API keys.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command, does in (("new", "make a key, print it once, keep its hash"), ("revoke", "take a key away")):
        options = commands.add_parser(command, help=does)
        options.add_argument("name", help="whose key it is")
        options.add_argument("file", type=Path, help="file of keys, the service's DRP_KEYS_FILE")
        if command == "new":
            options.add_argument("--pairs-per-minute", type=int, help="own limit instead of DRP_KEY_PAIRS_PER_MINUTE")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "new":
            sys.stdout.write(add_key(chosen.file, chosen.name, chosen.pairs_per_minute) + "\n")
        else:
            revoke_key(chosen.file, chosen.name)
    except (KeyFileError, OSError, UnicodeDecodeError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
