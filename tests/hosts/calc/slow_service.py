"""A function service that takes as long as a test says; everything else about it is as the real one has it."""

import json
import socket
import threading
from contextlib import suppress

from invopt_xl.hosts.service.client import Settings
from invopt_xl.hosts.service.settings import default_settings, short
from invopt_xl.sheet import calculate


class SlowService:
    """Answers heavy calls once they are released; until then it says how far they are."""

    def __init__(self, folder):
        self.settings = Settings(short(str(folder / "slow.sock")), ("false",), default_settings().version)
        self.released = threading.Event()
        self.progress = (0, 0)
        self.asked = []
        self._connections = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.settings.address)
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection):
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            for line in lines:
                word, _, rest = line.partition(b" ")
                answer = {"version": self.settings.version} if word == b"hello" else self._answer(rest)
                connection.sendall(json.dumps(answer).encode() + b"\n")

    def _answer(self, rest):
        seconds, _, body = rest.partition(b" ")
        name, given = json.loads(body)
        self.asked.append(name)
        # EOQ is answered as ever; whatever else takes until it is released.
        if name != "EOQ" and not self.released.wait(float(seconds)):
            done, steps = self.progress
            return {"pending": True, "seconds": 1.0, "stage": "Forecasting", "done": done, "steps": steps}
        return json.loads(calculate("EOQ", given).to_json())

    def close(self):
        self.released.set()
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
