"""The engine: resource graph, plan, reconcile, operations. Knows no cloud and no slice.

rows.py        the values the engine thinks in
deciding.py    pure: what to do next with one resource
settling.py    pure: what a cloud's answer or error means for the row
concluding.py  pure: what the rows say about their operation
planning.py    pure: difference of wanted and existing graph, with cost and duration
pacing.py      pure: when to look again, how fast to call
engine.py      the thin loop that claims, decides, acts, applies
store.py       the port to durable rows; memory.py and postgres.py implement it
"""
