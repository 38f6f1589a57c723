"""Splices of a part leave all else of it as it was."""

import pytest

from app.formats.guard import UnreadableFile
from app.formats.xlsx.part_source import Element, PartSource

SOURCE = """<?xml version="1.0"?>
<!-- kept --><x:a xmlns:x='n' count = '2' >
  <x:b n="1 &amp; 2>"/>
  <x:b n="2"><c/></x:b><![CDATA[<b/>]]>
</x:a>
"""


def spliced(change, source=SOURCE):
    part = PartSource(source.encode(), "a.xml")
    change(part, part.root)
    return part.part().decode()


def test_a_part_without_splices_is_the_very_same():
    """Reading changes nothing, and tells names, attributes and children apart from comments and CDATA."""
    part = PartSource(SOURCE.encode(), "a.xml")
    assert part.part() == SOURCE.encode()
    assert [(b.name, b.get("n"), len(b.children)) for b in part.root.all("b")] == [
        ("x:b", "1 & 2>", 0),
        ("x:b", "2", 1),
    ]


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (lambda part, root: part.set(root, "count", "3"), "count = '2'", 'count = "3"'),
        (lambda part, root: part.set(root, "new", "<"), "<x:a ", '<x:a new="&lt;" '),
        (lambda part, root: part.append(root, "<d/>"), "</x:b><![", "</x:b><d/><!["),
        (lambda part, root: part.append(root.children[0], "<d/>"), '2>"/>', '2>"><d/></x:b>'),
        (lambda part, root: part.remove(root.children[0]), '\n  <x:b n="1 &amp; 2>"/>', ""),
        (lambda part, root: part.insert(root, root.children[1], "<d/>"), '<x:b n="2">', '<d/><x:b n="2">'),
    ],
)
def test_a_splice_changes_its_own_place_only(change, old, new):
    """Attributes set, children put in and elements cut out: nothing else differs."""
    assert spliced(change) == SOURCE.replace(old, new)


def test_elements_change_places_with_what_they_hold():
    """White space between them stays where it was."""
    first, second = '<x:b n="1 &amp; 2>"/>', '<x:b n="2"><c/></x:b>'
    wanted = SOURCE.replace(first, "*").replace(second, first).replace("*", second)
    assert spliced(lambda part, root: part.reorder(root.children[::-1])) == wanted


def test_splices_of_one_place_go_together():
    """An element that had no end tag gets one, whatever is put into it, and its attributes may change too."""

    def change(part, root):
        part.append(root, "<b/>")
        part.set(root, "n", "2")
        part.append(root, "<c/>")

    assert spliced(change, '<a n="1" />') == '<a n="2"><b/><c/></a>'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "iso-8859-1"])
def test_the_encoding_stays(encoding):
    """A part in another encoding is spliced in that."""
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    source = f'{mark}<?xml version="1.0" encoding="{encoding.removesuffix("-be")}"?><a n="é"/>'
    part = PartSource(source.encode(encoding), "a.xml")
    part.set(part.root, "n", "ü")
    assert part.part() == source.replace("é", "ü").encode(encoding)


@pytest.mark.parametrize("source", [b"<a>", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', b""])
def test_damaged_and_unsafe_parts_are_refused(source):
    """What is no XML, or declares entities, is not read."""
    with pytest.raises(UnreadableFile):
        PartSource(source, "a.xml")


def test_an_element_is_written_anew():
    """A new element's source has its attributes escaped and its children in it."""
    assert Element("a", {"n": '<"'}, [Element("b")]).source() == '<a n="&lt;&quot;"><b/></a>'
