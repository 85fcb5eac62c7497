"""The bytes of a table -> its lines: plain or gzip, UTF-8 or UTF-16, never more than a limit when unpacked."""

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from model.tables.faults import TableError, TooLargeError

Content = bytes | BinaryIO  # a file must be seekable; it is read again and again, and left open
MAX_UNPACKED_BYTES = 1 << 30
GZIP, ZIP, OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF8_MARK, UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
SNIFFED_BYTES = 512
WEB_PAGE_OR_JSON = re.compile(rb"[<{]|\[\s*[\"{\[\]]")  # a SMILES may begin with [
AGAIN = "copy or download the file again"


def binary(content: Content) -> BinaryIO:
    """Give the content as a file at its beginning."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    content.seek(0)
    return content


def first_bytes(content: Content) -> bytes:
    """Give the first bytes as they are stored."""
    return binary(content).read(SNIFFED_BYTES)


def read_lines(content: Content, most: int = MAX_UNPACKED_BYTES) -> Iterator[str]:
    """Lines with their ends, in constant memory.

    Raises TableError where the content is damaged, is no text, or unpacks to more than `most` bytes.
    """
    packed = first_bytes(content).startswith(GZIP)
    with _Limited(gzip.GzipFile(fileobj=binary(content), mode="rb") if packed else binary(content), most) as raw:
        buffered = io.BufferedReader(raw, 1 << 18)
        try:
            head = buffered.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
            _require_text(head)
            yield from _utf16(cast("BinaryIO", buffered)) if head.startswith(UTF16_MARKS) else _utf8(buffered)
        except (OSError, EOFError, zlib.error) as fault:
            raise TableError(f"cannot be unpacked ({fault}); {AGAIN}") from None


def _utf8(lines: Iterable[bytes]) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            yield (line.removeprefix(UTF8_MARK) if number == 1 else line).decode()
    except UnicodeError:
        raise TableError(f"row {number} is no UTF-8; save the table as UTF-8") from None


def _utf16(file: BinaryIO) -> Iterator[str]:
    try:
        yield from io.TextIOWrapper(file, "utf-16", newline="")
    except UnicodeError:
        raise TableError("begins as UTF-16 and does not go on so; save the table as UTF-8") from None


def _require_text(head: bytes) -> None:
    start = head.lstrip()
    if not start:
        raise TableError(f"is empty; {AGAIN}")
    if head.startswith(GZIP):
        raise TableError("is packed twice; unpack it once")
    if WEB_PAGE_OR_JSON.match(start.removeprefix(UTF8_MARK)):
        raise TableError("is a web page or JSON, not a table; download or save the table itself")
    if start.startswith(b"version https://git-lfs"):
        raise TableError("is a Git LFS pointer, not the file; fetch it with git lfs pull")
    if b"\0" in head and not head.startswith(UTF16_MARKS):
        raise TableError("holds zero bytes: UTF-16 without its mark, or no text; save the table as UTF-8")


class _Limited(io.RawIOBase):
    """Reads another file up to a limit; closing it leaves the other open."""

    def __init__(self, inner: io.IOBase | BinaryIO, most: int) -> None:
        self._inner = inner
        self._left = most
        self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read the next bytes."""
        part = self._inner.read(len(buffer))
        self._left -= len(part)
        if self._left < 0:
            raise TooLargeError(f"unpacks to more than {self._most} bytes; split it")
        buffer[: len(part)] = part
        return len(part)
