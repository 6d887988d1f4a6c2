"""Snapshots on disk, and the engines that answer queries over them. The one door to pyoxigraph."""
