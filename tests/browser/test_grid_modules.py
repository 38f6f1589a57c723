"""The grid's modules that compute: sizes and positions, scaled scrolling, references, tables of text."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.conftest import LiveServer

AXIS = """async ([count, size, steps]) => {
  const { Axis } = await import("/static/js/grid/geometry.js");
  const axis = new Axis(count, size);
  for (const [first, last, runs] of steps) axis.assign(first, last, runs);
  const upTo = (end, ask) => Array.from({ length: end }, (_, at) => ask(at));
  return {
    sizes: upTo(count, (at) => axis.size(at)),
    offsets: upTo(count + 1, (at) => axis.offset(at)),
    indexes: upTo(axis.total, (at) => axis.indexAt(at)),
    next: upTo(count, (at) => axis.shown(at, 1)),
    before: upTo(count, (at) => axis.shown(at, -1)),
  };
}"""
# One page serves all examples: what it computes keeps no state.
ONE_PAGE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def modules(browser: Browser, served: LiveServer) -> Iterator[Page]:
    """A page that can import the modules."""
    context = browser.new_context(base_url=served.url)
    page = context.new_page()
    page.goto("/sign-in")
    yield page
    context.close()


@st.composite
def assignments(draw: st.DrawFn) -> tuple[int, int, list[Any], list[int]]:
    """An axis' count and default size, stretches of it given new sizes, and the sizes that then hold."""
    count = draw(st.integers(1, 25))
    size = draw(st.sampled_from([1, 5, 7]))
    sizes = [size] * count
    steps = []
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(0, count - 1))
        last = draw(st.integers(first, count - 1))
        sizes[first : last + 1] = [size] * (last + 1 - first)
        runs, at = [], first
        while at <= last:
            end = draw(st.integers(at, last))
            if draw(st.booleans()):
                other = draw(st.sampled_from([0, 3, size, 9]))
                runs.append([at, end, other])
                sizes[at : end + 1] = [other] * (end + 1 - at)
            at = end + 1
        steps.append([first, last, runs])
    return count, size, steps, sizes


@ONE_PAGE
@given(case=assignments())
def test_an_axis_agrees_with_plain_sums(modules, case):
    """Sizes, offsets, the index at a position and the nearest shown one are those of a list of all sizes."""
    count, size, steps, sizes = case
    found = modules.evaluate(AXIS, [count, size, steps])
    shown = [at for at in range(count) if sizes[at]]
    assert found == {
        "sizes": sizes,
        "offsets": [0, *accumulate(sizes)],
        "indexes": [at for at in range(count) for _ in range(sizes[at])],
        "next": [next((there for there in shown if there >= at), -1) for at in range(count)],
        "before": [next((there for there in reversed(shown) if there <= at), -1) for at in range(count)],
    }


@ONE_PAGE
@given(position=st.integers(0, 20_970_820), step=st.integers(-400, 400))
def test_scaled_scrolling_keeps_its_place(modules, position, step):
    """Any place on a long sheet has a scroll position that leads back to it, and steps from it are 1:1."""
    back, moved, box = modules.evaluate(
        """async ([position, step]) => {
          const { LONGEST, ScaledScroll } = await import("/static/js/grid/scaling.js");
          const [there, back] = [new ScaledScroll(), new ScaledScroll()];
          for (const scroll of [there, back]) scroll.resize(20971520, 700);
          const native = there.go(position);
          back.follow(native, false);
          there.follow(native + step, true);
          return [back.position, there.position, native <= LONGEST - 700];
        }""",
        [position, step],
    )
    assert back == pytest.approx(position, abs=0.01)
    assert moved == pytest.approx(min(max(position + step, 0), 20_970_820), abs=0.01)
    assert box


@pytest.mark.parametrize(
    ("formula", "pasted"),
    [
        ("=A1+$B$1*C$2-$D3", "=B2+$B$1*D$2-$D4"),
        ('=SUM(A1:B2)&"A1"', '=SUM(B2:C3)&"A1"'),
        ("='A1 b'!C3+Sheet2!D4", "='A1 b'!D4+Sheet2!E5"),
        ("=LOG10(A1)+A1B+Name", "=LOG10(B2)+A1B+Name"),
        ("=SUM($C:D,3:$7)", "=SUM($C:E,4:$7)"),
        ("=Table1[A1]+ABC9999999", "=Table1[A1]+ABC9999999"),
        ("=XFD1048576", "=#REF!"),
        ("=1E5+A1E", "=1E5+A1E"),
    ],
)
def test_references_move_with_a_pasted_formula(modules, formula, pasted):
    """References without $ move one down and across; texts, names and functions stay as they are."""
    moved = modules.evaluate(
        """async (formula) => (await import("/static/js/grid/references.js")).shifted(formula, 1, 1)""",
        formula,
    )
    assert moved == pasted


@ONE_PAGE
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.text('ab"\t\n '), min_size=width, max_size=width), min_size=1, max_size=4
        )
    )
)
def test_a_table_survives_the_clipboard(modules, rows):
    """Texts with tabs, quotes and line ends come back from tab-separated text as they were."""
    back = modules.evaluate(
        """async (rows) => {
          const { fromTsv, toTsv } = await import("/static/js/grid/table.js");
          return fromTsv(toTsv(rows) + "\\n");
        }""",
        rows,
    )
    assert back == rows


def test_html_tables_are_read_with_their_spans(modules):
    """Cells that span rows or columns keep the others in their places."""
    html = "<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<br>e</table>"
    read = modules.evaluate(
        """async (html) => (await import("/static/js/grid/table.js")).fromHtml(html)""", html
    )
    assert read == [["a", "b", ""], ["", "c", "d\ne"]]


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("b2", "B2"),
        ("$B$2:a1", "A1:B2"),
        ("C:E", "C:E"),
        ("7:3", "3:7"),
        ("XFD1048576", "XFD1048576"),
        ("XFE1", None),
        ("A1048577", None),
        ("A", None),
        ("A:3", None),
        ("A1:B2:C3", None),
        ("", None),
    ],
)
def test_references_are_read_as_people_type_them(modules, text, understood):
    """Cells, ranges, whole rows and columns within the limits; nothing else."""
    found = modules.evaluate(
        """async (text) => {
          const { parseReference, rangeName } = await import("/static/js/grid/address.js");
          const found = parseReference(text);
          return found && rangeName(found.range);
        }""",
        text,
    )
    assert found == understood


@ONE_PAGE
@given(
    merges=st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 20), st.integers(0, 5000)), max_size=6),
    row=st.integers(0, 12_000),
    column=st.integers(0, 25),
)
def test_a_merge_is_found_wherever_it_reaches(modules, merges, row, column):
    """The merge of a cell is the one that covers it, also where it is taller than what is kept together."""
    ranges = [
        {"top": top, "left": left, "bottom": top + height, "right": left} for top, left, height in merges
    ]
    found = modules.evaluate(
        """async ([ranges, row, column]) => {
          const { Merges } = await import("/static/js/grid/merges.js");
          return new Merges(ranges).at(row, column);
        }""",
        [ranges, row, column],
    )
    covering = [
        merge
        for merge in ranges
        if merge["top"] <= row <= merge["bottom"] and merge["left"] <= column <= merge["right"]
    ]
    assert (found in covering) if covering else found is None
