"""Lines of IRC are read as RFC 1459 and IRCv3 write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.irc_lines import (
    MAX_LINE,
    MAX_PARAMS,
    IrcLine,
    lines_of,
    parsed,
    unescaped,
)


@pytest.mark.parametrize(
    ("why", "line", "command", "params", "prefix"),
    [
        ("a command alone", "RECONNECT", "RECONNECT", [], ""),
        ("small letters are a command, too", "ping :x", "PING", ["x"], ""),
        ("words keep their colons", ":a!a@b PRIVMSG #h :x :y", "PRIVMSG", ["#h", "x :y"], "a!a@b"),
        ("words without a colon are one word", "PRIVMSG #h 你好", "PRIVMSG", ["#h", "你好"], ""),
        ("a wide space is a letter", "PRIVMSG #h 你　好", "PRIVMSG", ["#h", "你　好"], ""),
        ("words may be empty", "PRIVMSG #h :", "PRIVMSG", ["#h", ""], ""),
        ("words may begin with a colon", "PRIVMSG #h ::)", "PRIVMSG", ["#h", ":)"], ""),
        ("more spaces than needed", ":s  001   me  :hi", "001", ["me", "hi"], "s"),
        ("tags and more spaces", "@a=b   :s  001 me", "001", ["me"], "s"),
    ],
)
def test_a_line_is_taken_apart(why, line, command, params, prefix):
    found = parsed(line)
    assert found is not None, why
    assert (found.command, found.params, found.prefix) == (command, params, prefix), why


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("nothing", ""),
        ("spaces", "   "),
        ("only tags", "@a=b"),
        ("only a prefix", ":server"),
        ("words without a command", "@a=b :server :hello"),
        ("no letters", "!!! #host :hello"),
        ("letters that IRC does not have", "消息 #host :hello"),
        ("longer than any line", "PRIVMSG #host :" + "x" * MAX_LINE),
    ],
)
def test_what_is_no_line_is_none(why, line):
    assert parsed(line) is None, why


@pytest.mark.parametrize(
    ("why", "written", "meant"),
    [
        ("a semicolon", r"a\:b", "a;b"),
        ("a space", r"a\sb", "a b"),
        ("a backslash", r"a\\b", "a\\b"),
        ("a backslash and a letter", r"a\\sb", r"a\sb"),
        ("line ends", r"\r\n", "\r\n"),
        ("a lone one at the end is dropped", "ab\\", "ab"),
        ("any other letter stands for itself", r"\b\你", "b你"),
        ("nothing", "", ""),
        ("Chinese", r"小鹿\s说", "小鹿 说"),
    ],
)
def test_tags_are_unescaped(why, written, meant):
    assert unescaped(written) == meant, why
    line = parsed(f"@name={written} PING")
    assert line.tag("name") == meant, why


@pytest.mark.parametrize(
    ("why", "tags", "name", "value"),
    [
        ("missing", "a=1", "b", ""),
        ("without a value", "a;b=2", "a", ""),
        ("and the others are still read", "a;b=2", "b", "2"),
        ("an empty value", "a=;b=2", "a", ""),
        ("an equals sign in the value", "a=b=c", "a", "b=c"),
        ("written twice: the last one holds", "a=1;a=2", "a", "2"),
        ("nothing between semicolons", ";;a=1;", "a", "1"),
        ("a client's own", "+hostdesk/kind=gift", "+hostdesk/kind", "gift"),
    ],
)
def test_tags_are_found(why, tags, name, value):
    assert parsed(f"@{tags} :s PING x").tag(name) == value, why


def test_a_frame_holds_several_lines():
    assert lines_of("PING :a\r\nPING :b\n\r\n\nPING :c") == ["PING :a", "PING :b", "PING :c"]
    assert lines_of("PRIVMSG #h :断了\r\n".encode()) == ["PRIVMSG #h :断了"]


def test_line_breaks_that_only_unicode_knows_end_no_line():
    said = "PRIVMSG #h :a\u2028b\x85c\x0bd\x0ce"
    assert lines_of(said) == [said]


def test_half_a_character_spoils_no_other_line():
    first, second = lines_of(b"PRIVMSG #h :\xe4\xb8\r\nPRIVMSG #h :ok")
    assert parsed(first).params == ["#h", "\ufffd"]
    assert parsed(second).params == ["#h", "ok"]


def test_no_line_has_more_parameters_than_irc_allows():
    assert len(parsed("A " + "b " * 100).params) < MAX_PARAMS
    assert parsed("A b").param(5) == ""


names = st.from_regex(r"[a-z0-9+/.-]{1,20}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
words = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=80)


def escaped(value):
    for plain, written in (("\\", r"\\"), (";", r"\:"), (" ", r"\s"), ("\r", r"\r"), ("\n", r"\n")):
        value = value.replace(plain, written)
    return value


@given(st.dictionaries(names, values, max_size=8), names, words)
def test_what_is_written_is_read_again(tags, login, text):
    head = "@" + ";".join(f"{name}={escaped(value)}" for name, value in tags.items()) + " "
    line = f"{head if tags else ''}:{login}!{login}@x PRIVMSG #host :{text}"
    [found] = map(parsed, lines_of(line + "\r\n"))
    assert {name: found.tag(name) for name in found.tags} == tags
    assert (found.login, found.params) == (login, ["#host", text])


@given(st.text() | st.binary())
def test_whatever_comes_nothing_is_raised(frame):
    for text in lines_of(frame):
        line = parsed(text)
        assert line is None or isinstance(line, IrcLine)
