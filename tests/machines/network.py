"""Machines on one wire, each a network namespace: its line can be cut, or swallow everything without a word."""

import subprocess

PREFIX = "10.77.0"
OURS = f"{PREFIX}.1"
"""Where people, mail servers and the proxy are."""
ADDRESSES = {"a": f"{PREFIX}.11", "b": f"{PREFIX}.12", "data": f"{PREFIX}.20"}


def lay() -> None:
    """A bridge with our own address, and a line to each machine."""
    _ip("link", "add", "wire", "address", _mac(OURS), "type", "bridge")
    _ip("address", "add", f"{OURS}/24", "dev", "wire")
    _ip("link", "set", "wire", "up")
    for name, address in ADDRESSES.items():
        _ip("netns", "add", name)
        _ip("link", "add", f"to-{name}", "type", "veth", "peer", "name", "wire", "netns", name)
        _ip("link", "set", f"to-{name}", "master", "wire")
        _ip("link", "set", f"to-{name}", "up")
        _inside(name, "link", "set", "lo", "up")
        _inside(name, "link", "set", "wire", "address", _mac(address))
        _inside(name, "address", "add", f"{address}/24", "dev", "wire")
        mend(name)
    for name in ADDRESSES:
        _know_neighbours(name)


def inside(name: str, *command: str) -> list[str]:
    """That command, to be run on that machine."""
    return ["nsenter", f"--net=/run/netns/{name}", "--", *command]


def cut(name: str) -> None:
    """The card is out: whoever sends is told that there is no way."""
    _inside(name, "link", "set", "wire", "down")


def swallow(name: str) -> None:
    """The switch forgets the line: what is sent is gone, nobody is told, nothing is refused or reset."""
    _ip("link", "set", f"to-{name}", "nomaster")


def mend(name: str) -> None:
    """As before, whatever was done."""
    _inside(name, "link", "set", "wire", "up")
    _ip("link", "set", f"to-{name}", "master", "wire")
    _know_neighbours(name)


def pids(name: str) -> list[int]:
    """Every process of that machine."""
    shown = subprocess.run(["ip", "netns", "pids", name], check=True, capture_output=True, text=True)
    return [int(word) for word in shown.stdout.split()]


def _know_neighbours(name: str) -> None:
    """Nobody has to be asked for his card: else a silent line would show as one that is cut, after three seconds."""
    _ip("neighbour", "replace", ADDRESSES[name], "lladdr", _mac(ADDRESSES[name]), "dev", "wire")
    for address in {OURS, *ADDRESSES.values()} - {ADDRESSES[name]}:
        _inside(name, "neighbour", "replace", address, "lladdr", _mac(address), "dev", "wire")


def _mac(address: str) -> str:
    return f"02:00:00:00:00:{int(address.rpartition('.')[2]):02x}"


def _inside(name: str, *words: str) -> None:
    _ip("-netns", name, *words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
