"""What outlives a process: database, job queue, history, ratings, pictures."""
