"""The short form of `volumes`: one row for each rule."""

from __future__ import annotations

import pytest

from compose2ecs.compose.model import BindOptions, Mount, VolumeOptions
from compose2ecs.compose.mounts import ShortMount, parse_mount

BIND = BindOptions(create_host_path=True)


def refusal(text: str) -> str:
    """The message of the refusal; empty where the text is accepted."""
    try:
        parse_mount(text)
    except ValueError as error:
        return str(error)
    return ""


def bind(
    source: str, target: str, options: BindOptions = BIND, read_only: bool | None = None
) -> Mount:
    return Mount("bind", target, source, read_only, bind=options)


def volume(source: str | None, target: str, read_only: bool | None = None) -> Mount:
    return Mount("volume", target, source, read_only, volume=VolumeOptions())


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("data:/x", volume("data", "/x")),
        ("data:x", volume("data", "x")),
        ("1:/x", volume("1", "/x")),
        ("data:${a:b}", volume("data", "${a:b}")),
        ("${a:${b:c}}:/x", volume("${a:${b:c}}", "/x")),
        ("/srv/data", volume(None, "/srv/data")),
        ("data", volume(None, "data")),
        ("/x", Mount("volume", "/x")),
        ("\u00e9", Mount("volume", "\u00e9")),  # two bytes are looked at no further,
        ("\u65e5", volume(None, "\u65e5")),  # three are
        ("./", Mount("volume", ".")),
        ("./a", volume(None, "a")),
        ("/a:/x", bind("/a", "/x")),
        ("./a:/x", bind("./a", "/x")),
        (".:/x", bind(".", "/x")),
        ("../a/./b/:/x", bind("../a/./b/", "/x")),
        (".env:/x", bind(".env", "/x")),
        ("~:/x", bind("~", "/x")),
        ("~/a:/x", bind("~/a", "/x")),
        ("\\\\.\\pipe\\a:\\\\.\\pipe\\b", bind("\\\\.\\pipe\\a", "\\\\.\\pipe\\b")),
        ("\\a:/x", volume("\\a", "/x")),
        ("C:\\a:D:\\b", bind("C:\\a", "D:\\b")),
        ("C:\\a:/b:ro", bind("C:\\a", "/b", read_only=True)),
        ("c:/a:/b", bind("c:/a", "/b")),
        ("data:c:/b", volume("data", "c:/b")),
        ("data:c:ro", volume("data", "c:ro")),
        ("C:\\a", volume(None, "C:\\a")),
        ("data:/x/", volume("data", "/x")),
        ("data://x//y/../z/.", volume("data", "/x/z")),
        ("data:/../..", volume("data", "/")),
        ("data:/", volume("data", "/")),
        ("data:a/../..", volume("data", "..")),
        ("data:../../x", volume("data", "../../x")),
        ("data:x/..", volume("data", ".")),
        ("data:/.a/b.c/..d", volume("data", "/.a/b.c/..d")),
        ("data\0va:/x", Mount("volume", "data", "va", volume=VolumeOptions())),
        (
            "data:/x:ro\0z",
            Mount(
                "volume",
                "/x",
                "data",
                True,
                None,
                BindOptions(None, True, None, "z"),
                VolumeOptions(),
            ),
        ),
    ],
)
def test_mount(text: str, mount: Mount) -> None:
    short = parse_mount(text)
    assert short.mount == mount
    assert not short.drive_letter


@pytest.mark.parametrize(
    ("options", "mount"),
    [
        ("ro", bind("/a", "/x", read_only=True)),
        ("rw", bind("/a", "/x")),
        ("ro,rw", bind("/a", "/x")),
        ("rw,ro", bind("/a", "/x", read_only=True)),
        ("z", bind("/a", "/x", BindOptions(None, True, None, "z"))),
        ("z,Z", bind("/a", "/x", BindOptions(None, True, None, "Z"))),
        *[
            (word, bind("/a", "/x", BindOptions(word, True)))
            for word in ("rprivate", "private", "rshared", "shared", "rslave", "slave")
        ],
        ("shared,slave,Z,ro", bind("/a", "/x", BindOptions("slave", True, None, "Z"), True)),
        ("nocopy", bind("/a", "/x")._replace(volume=VolumeOptions(nocopy=True))),
        (",", bind("/a", "/x")),
    ],
)
def test_options(options: str, mount: Mount) -> None:
    assert parse_mount(f"/a:/x:{options}") == ShortMount(mount, (), False)


@pytest.mark.parametrize(
    ("options", "mount"),
    [
        ("nocopy,ro", Mount("volume", "/x", "data", True, volume=VolumeOptions(nocopy=True))),
        ("z", volume("data", "/x")._replace(bind=BindOptions(None, True, None, "z"))),
        ("shared", volume("data", "/x")._replace(bind=BindOptions("shared", True))),
    ],
)
def test_options_of_a_volume(options: str, mount: Mount) -> None:
    assert parse_mount(f"data:/x:{options}") == ShortMount(mount, (), False)


@pytest.mark.parametrize(
    ("options", "ignored"),
    [
        ("RO", ("RO",)),
        ("cached", ("cached",)),
        ("delegated,consistent", ("delegated", "consistent")),
        ("ro,noexec,,typo", ("noexec", "typo")),
        (" ro", (" ro",)),
        ("/y", ("/y",)),
        ("c:ro", ("c:ro",)),
        ("${a:b},z", ("${a:b}",)),
        ("${a:ro:b", ("${a:ro:b",)),
    ],
)
def test_ignored_options(options: str, ignored: tuple[str, ...]) -> None:
    assert parse_mount(f"./a:/x:{options}").ignored == ignored


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("v:/data", volume(None, "v:/data")),
        ("v:/data/", volume(None, "v:/data")),
        ("v:data", volume(None, "v:data")),
        ("v:", Mount("volume", "v:")),
        ("\u00e9:/data", volume(None, "\u00e9:/data")),
        ("v:/data:ro", bind("v:/data", "ro")),
        ("v:/data:rw,z", bind("v:/data", "rw,z")),
    ],
)
def test_one_letter_names_are_drives(text: str, mount: Mount) -> None:
    assert parse_mount(text) == ShortMount(mount, (), True)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a volume cannot be the empty string"),
        *[
            (text, "nothing before, between or after")
            for text in (":/x", "data:", "data::ro", "data:/x:")
        ],
        *[
            (text, "nothing before, between or after")
            for text in (":::", "data:/x\0", "${a}:", "abc\0\0")
        ],
        *[
            (text, "too many colons")
            for text in ("data:/x:ro:z", "data:/x:ro:", "c:/a:/b:ro:x", "a${b}:/x:ro:z")
        ],
        ("a" + ":b" * 20, "too many colons"),
        ("${a:/x", "it has no target"),
        ("data:${a", "it has no target"),
    ],
)
def test_refused(text: str, fault: str) -> None:
    message = refusal(text)
    assert fault in message
    if text:
        assert message.startswith(f"{text!r} is not a mount: ")
        assert "the forms are target, source:target and source:target:options" in message


@pytest.mark.parametrize("piece", [":", "a", "a:", "/", "../", "${", "}", "ro,", ",", "\0"])
def test_long_texts_are_no_trouble(piece: str) -> None:
    for text in (piece * 50_000, "data:" + piece * 50_000, "data:/x:" + piece * 50_000):
        assert len(refusal(text)) < 400
