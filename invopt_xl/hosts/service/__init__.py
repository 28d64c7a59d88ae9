"""The function service: one resident process of a user that answers the cell functions of every host.

- `client` is what a host has of it: the standard library alone, so that it can be copied into an office's add-in.
- `settings` says where the service is met and how it is started.
- `server` meets clients, `desk` finds each call its answer: kept, under way, computed here or in a worker.
- `lanes` and `process` hold the processes for long work, each a `worker`; `kept` and `record` are what is remembered.

The protocol
------------
A client connects and sends lines; each gets one line of JSON back. The first is
``hello {"version": ..., "token": ...}``; then ``ask SECONDS ["NAME", [argument, ...]]``, ``status`` or ``stop``.
What follows the seconds is the key under which the answer is kept, byte by byte.
"""
