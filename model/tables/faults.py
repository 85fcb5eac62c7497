"""What is wrong with a table. Messages name row and column, never a value."""


class TableError(ValueError):
    """A table that cannot be read; the message says where, why and what to do."""


class TooLargeError(TableError):
    """Content that unpacks to more than the reader was asked to take."""


class TooManySamplesError(ValueError):
    """More samples or rows than a reader was asked to take."""


class UnknownColumnError(TableError):
    """A column that the caller names and the table lacks."""
