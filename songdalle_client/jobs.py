"""Jobs at the service: submitted, looked at, cancelled, deleted."""

from __future__ import annotations

from songdalle_client.answers import CoverSet, JobStatus, State
from songdalle_client.connection import Connection, path_part
from songdalle_client.parsing import parse
from songdalle_client.requests import CoverRequest


class Jobs(Connection):
    """A connection with the calls that concern one job, for a stream to stand on."""

    async def submit(self, request: CoverRequest, key: str | None = None) -> JobStatus | CoverSet:
        """Ask for covers without waiting for them.

        Args:
            key: the same key and request give the same job again.
        """
        headers = {"Prefer": "respond-async"} | ({"Idempotency-Key": key} if key else {})
        body = await self.fetch("POST", "v1/covers", json=request.body(), headers=headers)
        return _parse_job(body)

    async def job(self, job_id: str) -> JobStatus | CoverSet:
        """A job, or once it is done its covers."""
        return _parse_job(await self.fetch("GET", f"v1/covers/{path_part(job_id)}"))

    async def cancel(self, job_id: str) -> None:
        """End an unfinished job; one that has ended keeps its covers.

        Services before version 1.1 delete it: ask with `job` first.
        """
        path = f"v1/covers/{path_part(job_id)}"
        async with self.request("DELETE", path, query={"unfinished": "true"}):
            return

    async def delete(self, job_id: str) -> None:
        """Delete a cover set, its pictures and ratings; an unfinished job is ended."""
        async with self.request("DELETE", f"v1/covers/{path_part(job_id)}"):
            return


def _parse_job(body: bytes) -> JobStatus | CoverSet:
    if parse(State, body).status == "done":
        return parse(CoverSet, body)
    return parse(JobStatus, body)
