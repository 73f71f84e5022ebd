"""Whose processes are whose: each of a running system counted once, under the program that it belongs to."""

from collections import defaultdict
from collections.abc import Mapping

import psutil

from contactcenter.cli.system import System


def families(named: Mapping[int, str]) -> dict[str, list[psutil.Process]]:
    """Program → its process and the children that bear no name of their own. `named`: process id → program.

    The nursery's children are programs themselves.
    """
    found = defaultdict[str, list[psutil.Process]](list)
    tops = [psutil.Process(pid) for pid in named]
    for process in {*tops, *(child for top in tops for child in top.children(recursive=True))}:
        nearest = next(one.pid for one in [process, *process.parents()] if one.pid in named)
        found[named[nearest]].append(process)
    return dict(found)


def cpu_s(system: System) -> dict[str, float]:
    """Processor seconds of each program so far, with what its children spent that have ended meanwhile."""
    named = {child.process.pid: name for name, child in system.supervisor.children.items()}
    return {name: sum(sum(one.cpu_times()[:4]) for one in family) for name, family in families(named).items()}
