"""The table of shared strings, in every form files give it."""

import pytest

from app.formats.guard import UnreadableFile
from app.formats.xlsx.strings import item_value, read_strings
from app.sheet.cell import RichText
from tests.formats.xlsx.packages import MAIN, strings


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("<t>plain</t>", "plain"),
        ('<t xml:space="preserve"> a </t>', " a "),
        ("<t>a &lt; &#98; &#x63; &amp;amp;</t>", "a < b c &amp;"),
        ("<t>_x000D_ _x005F_x000D_</t>", "\r _x000D_"),
        ("<t>a\r\nb</t>", "a\nb"),
        ("<t/>", ""),
        ("", ""),
        ("<t>a</t><phoneticPr fontId='1'/>", "a"),
        ("<r><rPr><b/></rPr><t>a</t></r><r><t> b</t></r>",
         RichText("a b", "<r><rPr><b/></rPr><t>a</t></r><r><t> b</t></r>")),
        ("<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>",
         RichText("東京", "<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>")),
        ("<x:t>prefixed</x:t>", "prefixed"),
        ("<t><![CDATA[<b> &amp;]]></t>", "<b> &amp;"),
        ("<!-- <t>no</t> --><t>yes</t>", "yes"),
        ("<t>_xD83D__xDE00_</t>", "\N{GRINNING FACE}"),
    ],
)  # fmt: skip
def test_an_item_is_read_as_people_read_it(content: str, value: str | RichText) -> None:
    """Escapes are resolved, runs joined, phonetics left out of the text."""
    assert read_strings(strings(content).encode(), 10).values == [value]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1"])
def test_the_table_is_read_in_its_encoding(encoding: str) -> None:
    """The byte order mark or the declaration says how to read it."""
    source = f'<?xml version="1.0" encoding="{encoding}"?>' + strings("<t>é</t>")
    assert read_strings(source.encode(encoding), 10).values == ["é"]


def test_a_text_is_written_with_its_first_index() -> None:
    """Of a text that stands there twice the first counts; rich text is told from plain."""
    table = read_strings(strings("<t>a</t>", "<r><t>a</t></r>", "<t>a</t>").encode(), 10)
    assert [table.index("a"), table.index(RichText("a", "<r><t>a</t></r>")), table.index("b")] == [0, 1, None]


def test_too_many_texts_are_refused() -> None:
    """The limit is held while reading."""
    with pytest.raises(UnreadableFile):
        read_strings(strings("<t>a</t>", "<t>b</t>").encode(), 1)


def test_an_empty_table_is_one() -> None:
    """A table without items has none."""
    assert read_strings(f'<sst xmlns="{MAIN}"/>'.encode(), 1).values == []


def test_plain_text_with_phonetic_settings_alone_stays_plain() -> None:
    """Settings for phonetics without any leave a text what it is."""
    assert item_value('<t>a</t><phoneticPr fontId="1"/>') == "a"
