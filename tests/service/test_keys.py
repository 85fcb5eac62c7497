"""A key is made once, stored as a hash, and dead as soon as its line is gone."""

import os
import stat

import pytest

from service.keys import SHORTAGES, KeyFileError, KeyRing, add_key, main, revoke_key

WRONG_LINES = [
    "name",
    "name sha256:abc",
    "name plain:" + "0" * 64,
    "two words sha256:" + "0" * 64,
    "name sha256:" + "0" * 64 + " many",
    "name sha256:" + "0" * 64 + " 0",
    "näme sha256:" + "0" * 64,
    "drp_thekeyitself",
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys"


def test_a_key_is_found_by_itself_and_by_nothing_else(path):
    key, other = add_key(path, "clinic"), add_key(path, "lab", 600)
    ring = KeyRing(path)
    assert ring.find(key.encode()).name == "clinic"
    assert ring.find(other.encode()).pairs_per_minute == 600
    for wrong in (b"", b"clinic", key[:-1].encode(), key.upper().encode(), b" " + key.encode(), b"\xff" * 1000):
        assert ring.find(wrong) is None


def test_the_file_does_not_hold_the_key(path):
    key = add_key(path, "clinic")
    assert len(key) > 40
    assert key not in path.read_text()
    assert key.removeprefix("drp_") not in path.read_text()


def test_a_revoked_key_is_dead_and_a_new_one_alive_without_a_restart(path):
    first = add_key(path, "first")
    ring = KeyRing(path)
    second = add_key(path, "second")
    assert ring.find(second.encode()).name == "second"
    revoke_key(path, "first")
    assert ring.find(first.encode()) is None
    assert ring.find(second.encode()).name == "second"


@pytest.mark.parametrize("shortage", sorted(SHORTAGES))
def test_while_the_system_cannot_open_the_file_the_last_keys_stay(path, caplog, monkeypatch, shortage):
    first = add_key(path, "first")
    ring = KeyRing(path)
    second = add_key(path, "second")

    def fail(*_, **__):
        raise OSError(shortage, os.strerror(shortage))

    with monkeypatch.context() as patched:
        patched.setattr(type(path), "read_text", fail)
        for _ in range(3):
            assert ring.find(first.encode()).name == "first"
            assert ring.find(second.encode()) is None
    assert caplog.text.count("the keys that were read last stay") == 1
    assert ring.find(second.encode()).name == "second"
    revoke_key(path, "first")
    assert ring.find(first.encode()) is None


def test_a_file_that_goes_away_takes_its_keys_along(path, caplog):
    key = add_key(path, "clinic")
    ring = KeyRing(path)
    path.rename(path.with_name("elsewhere"))
    assert ring.find(key.encode()) is None
    assert "every key is refused" in caplog.text
    path.with_name("elsewhere").rename(path)
    assert ring.find(key.encode()).name == "clinic"


def test_a_line_that_goes_wrong_while_running_is_a_line_without_a_key(path, caplog):
    kept, spoilt = add_key(path, "kept"), add_key(path, "spoilt")
    ring = KeyRing(path)
    path.write_text(path.read_text().replace("spoilt sha256:", "spoilt sha256"))
    assert ring.find(spoilt.encode()) is None
    assert ring.find(kept.encode()).name == "kept"
    assert "line 2: not 'NAME sha256:HEX" in caplog.text


@pytest.mark.parametrize("line", WRONG_LINES)
def test_a_wrong_line_stops_the_start_and_is_not_repeated(path, line):
    path.write_text(f"# keys\n\n{line}\n")
    with pytest.raises(KeyFileError, match="line 3: not 'NAME sha256:HEX") as fault:
        KeyRing(path)
    assert line not in str(fault.value)


def test_no_file_and_a_name_twice_stop_the_start(path):
    with pytest.raises(KeyFileError, match="cannot be read"):
        KeyRing(path)
    add_key(path, "clinic")
    path.write_text(path.read_text() * 2)
    with pytest.raises(KeyFileError, match="line 2: the name clinic stands twice"):
        KeyRing(path)


def test_comments_and_the_files_mode_are_kept(path):
    path.write_text("# ours\n")
    path.chmod(0o640)
    add_key(path, "clinic")
    add_key(path, "lab")
    revoke_key(path, "clinic")
    lines = path.read_text().splitlines()
    assert lines[0] == "# ours"
    assert [line.split()[0] for line in lines[1:]] == ["lab"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(path.parent) == ["keys"]  # noqa: PTH208 -- nothing is left beside it


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b", "#a"])
def test_an_unfit_name_is_refused(path, name):
    with pytest.raises(KeyFileError, match="a name has 1 to 64"):
        add_key(path, name)
    assert not path.exists()


def test_the_command_prints_a_key_once(path, capsys):
    assert main(["new", "clinic", str(path), "--pairs-per-minute", "100"]) == 0
    key = capsys.readouterr().out.strip()
    assert KeyRing(path).find(key.encode()).pairs_per_minute == 100
    assert main(["new", "clinic", str(path)]) == 2
    assert "already" in capsys.readouterr().err
    assert main(["revoke", "clinic", str(path)]) == 0
    assert main(["revoke", "clinic", str(path)]) == 2
    assert "no key clinic" in capsys.readouterr().err
    assert main(["new", "clinic", str(path), "--pairs-per-minute", "0"]) == 2
