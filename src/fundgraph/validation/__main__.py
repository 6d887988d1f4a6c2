"""The second process of a build, see :mod:`fundgraph.validation.second`."""

from fundgraph.validation.second import serve

if __name__ == "__main__":
    serve()
