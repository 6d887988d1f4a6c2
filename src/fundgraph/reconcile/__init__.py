"""Reconciliation: which thing of ours is meant by a name, a type and some properties, and how we came to think so.

What is asked is read and checked in :mod:`fundgraph.reconcile.asking`, names are compared in
:mod:`fundgraph.reconcile.comparing`, and :mod:`fundgraph.reconcile.service` answers. HTTP is none of its business.
"""
