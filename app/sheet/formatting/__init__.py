"""How a number format code turns a value into text; `app.sheet.number_format` is the way in.

    code      a format code → sections of tokens, once per code
    general   the General format: a number in as many characters as fit
    digits    0, #, ? and scientific notation
    fractions # ?/?
    dates     days, times, elapsed times

A code is parsed into sections; the value picks one; the section's kind says which module lays it out.
"""
