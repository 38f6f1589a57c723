"""Real files through the product, and what does not come back as it should.

python -m bench.corpus [FOLDER]     every spreadsheet under a folder, a table, and one JSON object

__main__  the command      files     one file: import, export, edits, export, import again
edits     the edits        packages  what an edit changed in a package  ┐ each found without
                           worksheets  … in a worksheet part            │ the product's own
                           texts       … in a CSV file                  ┘ readers
"""
