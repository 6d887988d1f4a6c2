"""The web: one application made by :func:`fundgraph.web.app.create_app`, one blueprint per concern."""
