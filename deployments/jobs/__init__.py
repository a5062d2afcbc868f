"""The durable job queue's runner and the event streams of its jobs."""
