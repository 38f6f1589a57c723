"""Benchmarks of the store and of the product; their figures are in docs/benchmarks.md.

    __main__  the commands            data      seeded rows as businesses have them
    store     `python -m bench store`     ├ edits   the revisions a sheet goes through
      └ windows, growth  parts of it          │
    upload    `python -m bench upload`    └ files   how large the same rows are as files
    throughput  `python -m bench files`   │    excel    a workbook of them as Excel writes it
      └ peak    memory of one reading     scratch   a database of its own, and what is measured there
    figures   what each prints        server    gunicorn over an instance of its own, and its client

    corpus    `python -m bench.corpus`: real files, and whether they come back as they should
    fuzz      `python -m bench.fuzz`: damaged files, and whether they do harm
    workers   child processes with limits of time and memory

Everything runs in temporary folders with a PostgreSQL of its own: no instance is touched.
"""
