"""Check the Kubernetes manifests without a cluster: what KubeRay, Ray or a user would stumble over.

    python scripts/operations/check_manifests.py
    python scripts/operations/check_manifests.py --crd ray.io_rayservices.yaml

Four checks of each overlay, rendered by kustomize or kubectl, one of which has to be installed:
  schema      the RayService against KubeRay's CustomResourceDefinition, where --crd gives its file; unknown
              keys are refused
  serve       serveConfigV2 against Ray's own schema, and for keys that Ray would leave out
  operator    what KubeRay's operator refuses, and no schema says
  agreement   versions, room for all replicas, environment, grace periods, probes, selectors

Exit codes: 0 nothing to complain of, 1 problems, 2 they cannot be checked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.common import command_line
from scripts.operations.manifests import crd_schema, cross_checks, operator_rules, serve_config
from scripts.operations.manifests.errors import ManifestError
from scripts.operations.manifests.overlays import FOLDER, SECRETS, overlays
from scripts.operations.manifests.rendering import Manifest, load, ray_service, render

VERSION = "v1"


def check(
    manifests: list[Manifest], secrets: list[Manifest], schema: dict[str, Any] | None
) -> Iterator[tuple[str, list[str]]]:
    """Each check's name and what it found; the later ones want what the earlier ones make sure of."""
    service = ray_service(manifests)
    if schema is not None:
        found = list(crd_schema.problems(service, schema))
        yield "schema", found
        if found:
            return
    found = list(serve_config.problems(service["spec"].get("serveConfigV2")))
    yield "serve", found
    yield "operator", list(operator_rules.problems(service))
    if not found:
        deployment = cross_checks.Deployment(manifests, secrets, command_line.ROOT)
        yield "agreement", list(cross_checks.problems(deployment))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    made = command_line.parser(__doc__)
    add = made.add_argument
    add("--folder", type=Path, default=FOLDER, help="folder of overlays/")
    add("--crd", type=Path, metavar="FILE", help="CustomResourceDefinition of RayService")
    options = made.parse_args(arguments)
    bad = False
    try:
        schema = crd_schema.read_schema(options.crd, VERSION) if options.crd else None
        example = options.folder / SECRETS
        secrets = load(example.read_text(encoding="utf-8"), str(example))
        for overlay in overlays(options.folder):
            for name, problems in check(render(overlay), secrets, schema):
                print(f"{overlay.name:<6}{name:<11}{'ok' if not problems else ''}".rstrip())
                for problem in problems:
                    bad = True
                    print(f"      {problem}")
    except (ManifestError, OSError) as error:
        print(f"check_manifests: {error}", file=sys.stderr)
        return 2
    if schema is None:
        print("not checked against KubeRay's schema: give its CRD with --crd")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
