"""The words of the pages: found in the sources, kept as catalogues, translated by people.

`sources` says which files are read and which pages are a reviewer's; `extracting` finds the texts;
`catalogues` keeps, judges and compiles reviewhub/locale/; `pseudo` makes the language that only
tests and developers meet. `python scripts/words.py` is the door.
"""
