"""Damaged and hostile files through the product: read or refused, and neither slow nor large.

python -m bench.fuzz [COUNT]    so many files, each made by its number: the same number, the same file

__main__  the command      bases      whole files to begin with
trial     what is done     mutations  what is done to them
          with each
"""
