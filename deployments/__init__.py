"""The Ray Serve application: one file a deployment, `app.py` for the graph, `api.py` for HTTP."""
