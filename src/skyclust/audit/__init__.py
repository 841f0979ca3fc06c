"""Who did what: entries written in the transaction of the act, chained so that tampering shows.

chaining.py        what an entry's seal covers, and the walk that finds the first bad one
service.py         the recorder, listing, verifying
exporting.py       NDJSON and CSV
offline.py         an export verified without a server
heads.py           signed heads: without them a cut end would not show
head_exporting.py  heads to sinks.py, every hour
retention.py       whole months dropped by the schema's owner, behind an anchor
"""
