"""Damages of a table's text: each is a function that changes the file at a path."""


def text(old, new):
    """Replace the first `old` of a file, which must be there."""

    def damage(path):
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new, 1))

    return damage


def whole(content):
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode())


def recoded(encoding):
    return lambda path: path.write_bytes(path.read_text().replace("My line", "Mÿ line").encode(encoding))


def lines(*kept):
    return lambda path: path.write_text("".join(path.read_text().splitlines(keepends=True)[slice(*kept)]))


def column(name, change):
    """Change every value of a column."""

    def damage(path):
        head, *rows = [line.split(",") for line in path.read_text().splitlines()]
        at = head.index(name)
        path.write_text("\n".join(",".join([*r[:at], change(r[at]), *r[at + 1 :]]) for r in [head, *rows][1:]))
        path.write_text(",".join(head) + "\n" + path.read_text() + "\n")

    return damage


def labelled_2(path):
    text("source", "sensitive")(path)
    column("sensitive", lambda _: "0")(path)
    text("1.21,0", "1.21,2")(path)
