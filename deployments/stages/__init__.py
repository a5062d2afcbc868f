"""The Ray Serve deployments, one model each."""
