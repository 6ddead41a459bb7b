"""One guarded conversation over the network, for sources, notifiers and the map alike.

A `conversation` ends at its `deadline`, over `connections` that never reach a refused address (`addresses`). `body`
reads an answer, `download` retries until it is there, and `failure` reports why it is not, without any secret.
"""
