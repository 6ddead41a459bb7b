"""One guarded conversation over the network, for sources, notifiers and the map alike.

A `conversation` ends at its `deadline`, over `connections` that lead to none of the refused `addresses`. `body` reads
an answer, `download` asks again until it is there, and `failure` says why it is not, with no secret in its words.
"""
