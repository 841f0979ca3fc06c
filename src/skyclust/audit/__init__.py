"""Who did what: entries written in the transaction of the act, chained so that tampering shows.

chaining.py   what an entry's seal covers, and the walk that finds the first bad one
service.py    the recorder, listing, verifying
exporting.py  NDJSON and CSV
"""
