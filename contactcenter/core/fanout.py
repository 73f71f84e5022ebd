"""The line between processes over Redis: pushes to browsers, and notices to the web processes themselves.

A web process subscribes to one channel for what is sent, and to one more for each room that its own sockets are in: so
Redis itself knows who listens, and a process that dies listens no more. Nothing waits for Redis longer than PATIENCE_S.
What could not be sent is not kept; instead the web processes hear of a GAP as soon as Redis answers again, and have
their clients fetch what they missed.
"""

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import RedisError
from redis.retry import Retry
from socketio import PubSubManager

from contactcenter.core.lines import redis_options
from contactcenter.core.logs import get_logger

log = get_logger(__name__)

CHANNEL = "candor.push"
GAP = "gap"
PATIENCE_S = 1.0
TRY_AGAIN_S = 2.0
SILENCE_S = 5.0  # without a word the line is asked whether it stands
Notice = dict[str, Any]  # Any: JSON
Hear = Callable[[str, Notice], None]


class Fanout(PubSubManager):  # type: ignore[misc]  # a library without types
    """What Socket.IO calls a client manager. Without `hear` it only sends: for workers, router and clock."""

    name = "candor"

    def __init__(self, redis_url: str, hear: Hear | None = None) -> None:
        super().__init__(channel=CHANNEL, write_only=hear is None)
        self._hear = hear
        self._redis = _client(redis_url, retries=1)
        self._line = Line(redis_url, CHANNEL)
        self._guard = threading.Lock()
        self._away = self._mending = False

    def tell_processes(self, word: str, notice: Notice) -> None:
        """Say `word` to every web process, this one first."""
        if self._hear is not None:
            self._hear(word, notice)
        self._publish(self._noted(word, notice))

    def heard(self, rooms: Collection[str], namespace: str) -> set[str]:
        """Those of `rooms` that a socket of any process is in.

        While Redis is away nothing can be sent to other processes, and all of them will hear of the gap: so only our
        own sockets count.
        """
        here = {room for room in rooms if room in self.rooms.get(namespace, {})}
        there = [room for room in rooms if room not in here]
        if not there or self._away:
            return here
        try:
            found = self._redis.pubsub_numsub(*(self._channel_of(namespace, room) for room in there))
        except (RedisError, OSError) as error:
            self._lost(error)
            return here
        return here | {room for room, (_channel, n) in zip(there, found, strict=True) if n}

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Let Redis know that somebody here is in `room` before he learns that he is."""
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        if room is not None and room != sid:
            self._line.open(self._channel_of(namespace, room))

    def _publish(self, data: Notice) -> None:
        """Send to the other processes. What the library sends, too, comes this way: it must not fail."""
        if self._away:
            return
        try:
            self._redis.publish(CHANNEL, json.dumps(data))
        except (RedisError, OSError) as error:
            self._lost(error)

    def _lost(self, error: Exception) -> None:
        """Something was not sent. Nobody tries any more, but for one who says so when Redis answers again."""
        with self._guard:
            self._away, mended = True, self._mending
            self._mending = True
        if not mended:
            log.warning("push_away", reason=type(error).__name__)
            threading.Thread(target=self._own_up, name="push-gap", daemon=True).start()

    def _own_up(self) -> None:
        while self._mending:
            time.sleep(TRY_AGAIN_S)
            try:
                self._redis.ping()
                # First let others send, then tell of the gap: whoever did not send did so before it is told.
                self._away = False
                self._redis.publish(CHANNEL, json.dumps(self._noted(GAP, {})))
            except (RedisError, OSError):
                self._away = True
            with self._guard:
                self._mending = self._away
        log.info("push_back")

    def _noted(self, word: str, notice: Notice) -> Notice:
        return {"method": "notice", "word": word, "notice": notice, "host_id": self.host_id}

    def _listen(self) -> Iterator[Notice]:
        """Every message from the others, for ever; the library asks for it on a thread of its own."""
        while True:
            try:
                yield from self._hear_out()
            except (RedisError, OSError) as error:
                log.warning("push_line_broken", reason=type(error).__name__)
            time.sleep(TRY_AGAIN_S)

    def _hear_out(self) -> Iterator[Notice]:
        for kind, channel, data in self._line.messages(self._rooms_here):
            if channel != CHANNEL:
                continue
            if kind == "subscribe":
                self._say(GAP, {})  # until now nothing was heard
            elif kind == "message":
                message = json.loads(data)
                if message["method"] != "notice":
                    yield message
                elif message["host_id"] != self.host_id:
                    self._say(message["word"], message["notice"])

    def _say(self, word: str, notice: Notice) -> None:
        if self._hear is not None:
            self._hear(word, notice)

    def _rooms_here(self) -> set[str]:
        """The channels of the rooms that sockets of this process are in."""
        return {
            self._channel_of(namespace, room)
            for namespace, rooms in list(self.rooms.items())
            for room in list(rooms)
            if room is not None and not self.is_sid_room(namespace, room)
        }

    @staticmethod
    def _channel_of(namespace: str, room: str) -> str:
        return f"{CHANNEL}:{namespace}:{room}"


class Line:
    """The subscription of one process: one thread reads it, any thread may open a channel."""

    def __init__(self, redis_url: str, first: str) -> None:
        self._redis = _client(redis_url, retries=0)  # a broken line must be seen, not mended in silence
        self._first = first
        self._guard = threading.Lock()
        self._pubsub: PubSub | None = None
        self._open: dict[str, threading.Event] = {}
        self._broken = False

    def open(self, channel: str) -> None:
        """Subscribe to `channel`, and return when Redis says so.

        While the line is down there is nothing to wait for: it comes back with every channel, and with a gap to tell of.
        """
        with self._guard:
            if self._pubsub is None:
                return
            confirmed = self._open.get(channel)
            if confirmed is None:
                confirmed = self._open[channel] = threading.Event()
                self._try(lambda line: line.subscribe(channel))
        if not confirmed.wait(PATIENCE_S):
            self._broken = True

    def messages(
        self, wanted: Callable[[], set[str]]
    ) -> Iterator[tuple[str, str, Any]]:  # Any: bytes or a count
        """(kind, channel, data) of all that comes in on the first channel and those `wanted`. Raises when it breaks."""
        with self._guard:
            self._pubsub, self._broken = self._redis.pubsub(), False  # type: ignore[no-untyped-call]  # redis has types for the rest
            self._open = {channel: threading.Event() for channel in wanted()}
            self._try(lambda line: line.subscribe(self._first, *self._open))
        try:
            yield from self._read(self._pubsub, wanted)
        finally:
            with self._guard:
                pubsub, self._pubsub = self._pubsub, None
                for confirmed in self._open.values():
                    confirmed.set()  # nobody waits for a line that is down
            pubsub.close()

    def _read(self, pubsub: PubSub, wanted: Callable[[], set[str]]) -> Iterator[tuple[str, str, Any]]:
        asked, swept_at = False, time.monotonic()
        while not self._broken:
            message = pubsub.get_message(timeout=SILENCE_S)
            if time.monotonic() - swept_at >= SILENCE_S:
                self._close_all_but(wanted)
                swept_at = time.monotonic()
            if message is None:
                if asked:
                    raise ConnectionBroken("Redis is silent.")
                asked = True
                pubsub.ping()
                continue
            asked = False
            channel = (message["channel"] or b"").decode()
            if message["type"] == "subscribe" and (confirmed := self._open.get(channel)):
                confirmed.set()
            yield message["type"], channel, message["data"]
        raise ConnectionBroken("A channel could not be opened.")

    def _close_all_but(self, wanted: Callable[[], set[str]]) -> None:
        with self._guard:
            empty = set(self._open) - wanted()
            for channel in empty:
                del self._open[channel]
            if empty:
                self._try(lambda line: line.unsubscribe(*empty))  # type: ignore[no-untyped-call]  # as above

    def _try(self, do: Callable[[PubSub], object]) -> None:
        try:
            assert self._pubsub is not None  # noqa: S101  every caller holds the guard and has looked
            do(self._pubsub)
        except (RedisError, OSError):
            self._broken = True


def _client(redis_url: str, *, retries: int) -> Redis:
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=PATIENCE_S,
        socket_timeout=PATIENCE_S,
        **redis_options(redis_url),
        retry=Retry(NoBackoff(), retries),
    )
