"""Jobs at the service: submitted, looked at, cancelled."""

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
        """Cancel an unfinished job; delete a finished one."""
        async with self.request("DELETE", f"v1/covers/{path_part(job_id)}"):
            return


def _parse_job(body: bytes) -> JobStatus | CoverSet:
    if parse(State, body).status == "done":
        return parse(CoverSet, body)
    return parse(JobStatus, body)
