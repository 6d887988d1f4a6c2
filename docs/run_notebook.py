"""Make the example notebook anew, run it, and write it with its outputs.

Run: python docs/run_notebook.py [FILE], on a built graph (FUNDGRAPH_BUILD_DIR, or build/ in this folder). Its text is here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELLS = [
    "# Asking a graph of fundgraph in Python\n\n"
    "Build the shipped programme first (`make build`), and install the extras that are used here: `pip install 'fundgraph[pandas]'`.",
    ">from fundgraph import KnowledgeGraph\n\nFG = 'PREFIX fg: <https://w3id.org/fundgraph/ontology#>'\nkg = KnowledgeGraph.open()\nkg",
    "## Canned queries\n\nEach has an id, parameters, and a sentence on how to read its result; `ask` binds the parameters by term.",
    '>[one.id for one in kg.questions.values() if "people" in one.tags]',
    '>kg.ask("person-projects", person="gitta-kutyniok")',
    "## Any SPARQL\n\nRows have types: `records()` gives numbers, dates and truth values of Python.",
    '>table = kg.query(FG + """\n'
    "SELECT ?person ?name (COUNT(DISTINCT ?project) AS ?projects) WHERE {\n"
    "  ?person a fg:Person ; fg:name ?name ; fg:participatesIn ?project .\n"
    "} GROUP BY ?person ?name ORDER BY DESC(?projects) ?name LIMIT 5\n"
    '""")\ntable.records()',
    "An answer says whether it is complete, and of which release it is. A cut one is never passed off as whole.",
    ">table.completeness, len(table), kg.query('SELECT ?s { ?s ?p ?o }', max_rows=3).completeness",
    "## Data frames\n\n`to_pandas()` and `to_polars()` keep the types; gaps stay gaps.",
    '>people = kg.query(FG + """\n'
    "SELECT ?project (SAMPLE(?t) AS ?title) (COUNT(DISTINCT ?person) AS ?people) WHERE {\n"
    "  ?project a fg:Project ; fg:title ?t ; fg:hasParticipant ?person .\n"
    "} GROUP BY ?project ORDER BY ?project\n"
    '""").to_pandas()\npeople["people"].describe()[["count", "mean", "max"]]',
    ">people.dtypes",
    "## Networks\n\nTwo columns are the ends of an edge; of a CONSTRUCT each link is one.",
    '>import networkx\n\npairs = kg.query(FG + """\n'
    "SELECT ?one ?other WHERE { ?one a fg:Person ; fg:worksWith ?other FILTER(STR(?one) < STR(?other)) } ORDER BY ?one ?other\n"
    '""").to_networkx()\nnetwork = networkx.Graph(pairs)\n'
    "len(network), network.number_of_edges(), sorted(map(len, networkx.connected_components(network)), reverse=True)[:3]",
    ">links = kg.query(FG + 'CONSTRUCT { ?a fg:worksWith ?b } WHERE { ?a a fg:Person ; fg:worksWith ?b }')\n"
    "len(links), len(links.to_rdflib()) == len(links)",
    "What is behind a statement is told by `fundgraph explain` and on the page `/explain`; see the [tutorial](tutorial.md).",
]


def main() -> None:
    """Write the notebook to the path that is named, or in its place."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("notebook.ipynb")
    make = nbformat.v4
    cells = [
        make.new_code_cell(text[1:], id=f"cell-{number}")
        if text.startswith(">")
        else make.new_markdown_cell(text, id=f"cell-{number}")
        for number, text in enumerate(CELLS)
    ]
    notebook = make.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False).execute()
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
