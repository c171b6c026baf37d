"""Pictures of the running product, with content drawn by ourselves.

    .venv/bin/python -m scripts.pictures             # every state, both themes, three widths
    .venv/bin/python -m scripts.pictures --guide     # those of docs/, into docs/pictures/

`drawn` makes the content, `world` an instance with people and work in it, `states` is the table.
"""
