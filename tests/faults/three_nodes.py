"""The application on three nodes, driven by standard input: `python tests/faults/three_nodes.py CONFIG PORT`.

The head and a second node draw: each has an Ingress and a Generator, and a proxy with a port of its own, the
second's is PORT. A third has the short stages, and room for what a killed node had. Prints "ready" once all is
running; "kill" kills the second node without a word, "whole" waits until every replica runs; each is answered.
"""

from __future__ import annotations

import os
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

from tests.faults.two_nodes import NODE, SECONDS, await_replicas

DRAWS, READS = {"draws": 1}, {"reads": 1}


def await_drawing() -> None:
    """Until two nodes have each its Ingress and Generator."""
    end = time.monotonic() + SECONDS
    while True:
        application = serve.status().applications.get("song-dalle")
        deployments = application.deployments if application is not None else {}
        drawing = [deployments[n] for n in ("Ingress", "Generator") if n in deployments]
        if len(drawing) == 2 and all(d.replica_states.get("RUNNING") == 2 for d in drawing):
            return
        if time.monotonic() > end:
            sys.exit(f"not running after {SECONDS:g} s: {application}")
        time.sleep(0.3)


def main() -> None:
    """Serve until the input ends."""
    document: dict[str, Any] = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
    os.environ["RAY_SERVE_WORKER_PROXY_HTTP_PORT"] = sys.argv[2]
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**NODE, "resources": {"draws": 2}, "include_dashboard": False},
    )
    second = cluster.add_node(**NODE, resources={"draws": 2})
    ray.init(address=cluster.address, log_to_driver=False)
    serve.start(proxy_location="EveryNode", http_options=document["http_options"])
    config = ServeDeploySchema.model_validate(document)
    _get_global_client().deploy_apps(config, _blocking=False)
    await_drawing()
    cluster.add_node(**NODE, resources={"draws": 2, **READS})
    await_replicas("RUNNING")
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(second, allow_graceful=False)
        else:
            await_drawing()
            await_replicas("RUNNING")
        print("done", flush=True)
    serve.shutdown()
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
