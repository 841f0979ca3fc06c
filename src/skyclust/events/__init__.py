"""What happened, told to others: outbox, bus (in process or NATS JetStream), server-sent events. Knows no slice.

publishing.py  write an event into the transaction that makes it true
models.py      the outbox
bus.py         the loudspeaker and doorbell: in process, or NATS
relay.py       outbox -> bus
streaming.py   bus -> server-sent events
"""
