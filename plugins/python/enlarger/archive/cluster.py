"""The Ray cluster of a run: the connection to it, and whether its machines can do the work."""

from __future__ import annotations

import logging
import os
from types import TracebackType
from typing import Any, Dict, List, Optional, Type

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from .fitness import unfitness
from .settings import Settings

# The memory of a worker besides the command's: Python with Ray and PyArrow, and the pieces that are copied.
_WORKER_MEMORY = 512 << 20
# Seconds in which a machine must say whether it is fit. One that does not is asked again with each of its tasks.
_ANSWER = 60.0
_GIB = 1 << 30


class Cluster:
    """The connection to a cluster, which ends with the ``with`` block unless it was there before."""

    def __init__(self, address: Optional[str]) -> None:
        self._address = address
        self._is_ours = False

    def __enter__(self) -> None:
        # Ray tells its authors about clusters that it starts, unless this says no.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        if not ray.is_initialized():
            # Otherwise the logs of all workers go through this process.
            dashboard = None if self._address else False
            ray.init(address=self._address, include_dashboard=dashboard, logging_level=logging.WARNING, log_to_driver=False)
            self._is_ours = True

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self._is_ours:
            ray.shutdown()


def needs(settings: Settings) -> Dict[str, float]:
    """What a task needs, under Ray's names."""
    return {"CPU": settings.threads, "memory": settings.memory + _WORKER_MEMORY}


def slots(settings: Settings) -> int:
    """How many tasks the cluster can carry out at once."""
    needed = needs(settings)
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    return sum(int(min(has.get(name, 0) // need for name, need in needed.items())) for has in alive)


def check(settings: Settings) -> None:
    """Raises ValueError if no machine of the cluster is large enough for a task, or if one would make other results."""
    nodes = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    unfit = _unfit(large_enough(nodes, needs(settings)), settings)
    if unfit:
        raise ValueError("not all machines of the cluster can make the same results: " + "; ".join(unfit))


def large_enough(nodes: List[Dict[str, Any]], needed: Dict[str, float]) -> List[Dict[str, Any]]:
    """The nodes that can carry out a task. Raises ValueError if there is none: the task would wait for ever."""
    sizes = [tuple(node["Resources"].get(name, 0) for name in needed) for node in nodes]
    found = [node for node, size in zip(nodes, sizes) if all(has >= need for has, need in zip(size, needed.values()))]
    if found:
        return found
    cores, memory = needed.values()
    machines = ", ".join(sorted({f"{has:g} cores and {had / _GIB:.1f} GiB" for has, had in sizes}))
    raise ValueError(
        f"a task needs {cores:g} cores and {memory / _GIB:.1f} GiB of memory, and no machine of the cluster has both "
        f"({machines}); give less with --threads or --memory"
    )


def _unfit(nodes: List[Dict[str, Any]], settings: Settings) -> List[str]:
    """Why machines are not fit."""
    asked = {_ask(node["NodeID"], settings): node["NodeManagerHostname"] for node in nodes}
    answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_ANSWER)
    found = []
    for answer in answered:
        try:
            found.append(ray.get(answer))
        except ray.exceptions.RayTaskError as error:
            # It may not even have this package.
            found.append(f"{asked[answer]}: {str(error).splitlines()[-1]}; install the same wheel on all machines")
        except ray.exceptions.RayError:
            continue  # The machine is gone.
    return sorted({reason for reason in found if reason})


def _ask(node: str, settings: Settings) -> Any:
    there = NodeAffinitySchedulingStrategy(node_id=node, soft=False)
    return ray.remote(unfitness).options(num_cpus=0, max_retries=0, scheduling_strategy=there).remote(settings)
