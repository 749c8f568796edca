"""A Ray cluster of several nodes on this machine, which listens on the loopback interface only.

A program: it writes the address of the cluster, then obeys the words `add` and `remove` on standard input, and removes the
cluster when its input ends.
"""

import sys

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "node_ip_address": "127.0.0.1"}

cluster = Cluster()
cluster.add_node(**NODE, include_dashboard=False, temp_dir=sys.argv[1])
try:
    print(cluster.address, flush=True)
    nodes = []
    for line in sys.stdin:
        if line.strip() == "add":
            nodes.append(cluster.add_node(**NODE))
        else:
            # As when the machine is switched off.
            cluster.remove_node(nodes.pop(0), allow_graceful=False)
        print(line.strip(), flush=True)
finally:
    cluster.shutdown()
