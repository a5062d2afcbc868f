"""The application on two nodes: `python tests/faults/two_nodes.py CONFIG`, driven by its standard input.

Prints "ready" once every stage runs on both. "kill" kills the second node, "add" brings another; each is
answered by a line. Two nodes of one machine share its disk; several machines do not, and need PostgreSQL.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import ray
import yaml
from ray import serve
from ray.cluster_utils import Cluster
from ray.serve.context import _get_global_client
from ray.serve.schema import ServeDeploySchema

SECONDS = 240.0
NODE = {"num_cpus": 4, "object_store_memory": 100 * 2**20}


def await_replicas(status: str) -> None:
    """Until the application says so; "any" is content with one replica of each."""
    end = time.monotonic() + SECONDS
    while True:
        application = serve.status().applications.get("song-dalle")
        if application is not None:
            if application.status == status:
                return
            if application.status == "DEPLOY_FAILED":
                sys.exit(f"not running: {application}")
        if time.monotonic() > end:
            sys.exit(f"not running after {SECONDS:g} s: {application}")
        time.sleep(0.3)


def main() -> None:
    """Serve until the input ends."""
    document: dict[str, Any] = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    second = cluster.add_node(**NODE)
    ray.init(address=cluster.address, log_to_driver=False)
    serve.start(proxy_location="HeadOnly", http_options=document["http_options"])
    config = ServeDeploySchema.model_validate(document)
    _get_global_client().deploy_apps(config, _blocking=False)
    await_replicas("RUNNING")
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
        else:
            second = cluster.add_node(**NODE)
            await_replicas("RUNNING")
        print("done", flush=True)
    serve.shutdown()
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
