"""How sheets are kept: chunks addressed by their hash, shared by every revision they belong to.

    rows → splitter → block → tree → workbook      protocol   what a chunk store is
                                         │         delta      a chunk as a patch of another
                                         │         memory, postgres, cache: chunk stores
                                  one root address a revision, and its digest

Rows are cut into blocks at content-defined places; a block is columns of planes (sequences of values);
blocks hang in a tree of nodes per sheet; the trees, frames and parts of all sheets hang in one manifest.
`columns` reads planes end to end, as Arrow arrays. Only `postgres` knows a database. `docs/formats.md` has
the bytes.
"""
