"""A production line whose model fails silently, and is repaired: the demonstration of ReviewHub.

`story` plays it; `line` is a client to copy from. Both know the server by its addresses alone.
"""
