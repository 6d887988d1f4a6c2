"""How a topic's labels are found in running text: inflection, hyphens, abbreviations, shared words, context."""

from __future__ import annotations

import pytest

from fundgraph.documents import document_from_bytes
from fundgraph.extract import extract
from fundgraph.model import ReadingOptions, TopicLabels

LABELS = (
    TopicLabels(
        "neural-network", "neural network", ("NN", "neuronales Netz"),
        german=("neuronales Netz",), ambiguous=("network", "Netz"), misleading=("network of excellence",),
        narrower=("graph-network",),
    ),
    TopicLabels("graph-network", "graph neural network", ("GNN",)),
    TopicLabels("pde", "partial differential equation", ("PDE",)),
    TopicLabels("nonlinear-pde", "nonlinear partial differential equation"  , ()),
    TopicLabels("ode", "ordinary differential equation", ("ODE",)),
    TopicLabels("neural-ode", "neural ordinary differential equation", ()),
    TopicLabels("regularisation", "regularisation", ("regulariser",)),
    TopicLabels("mean-field", "mean-field theory", ()),
    TopicLabels("unsupervised", "unsupervised learning", ()),
    TopicLabels("supervised", "supervised learning", ()),
    TopicLabels("training", "network training", ("training process",)),
    TopicLabels("tensor-network", "tensor network", ()),
    TopicLabels("assignment-flow", "assignment flow", (), ambiguous=("flow",)),
    TopicLabels("gradient-flow", "gradient flow", (), ambiguous=("flow",)),
    TopicLabels("kernel-method", "kernel method", (), ambiguous=("kernel",), narrower=("rkhs",), around=("svm",)),
    TopicLabels("rkhs", "reproducing kernel Hilbert space", ("RKHS",)),
    TopicLabels("svm", "support vector machine", ()),
    TopicLabels("convolution", "convolution", ("convolution kernel",)),
    TopicLabels("robustness", "robustness", ("Robustheit",), german=("Robustheit",)),
    TopicLabels("inverse-problem", "inverse problem", ("inverses Problem",), german=("inverses Problem",)),
)  # fmt: skip


def found(abstract: str, title: str = "Deep things") -> dict[str, list[str]]:
    """Return the topics of a page's one project with the words that name each."""
    text = f"{title}\nProf. Anna Schmidt\n\nAbstract\n\n{abstract}\n"
    page = extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(topics=LABELS))
    (project,) = page.projects
    return {topic.topic_id: [page.document.quote(span) for span in topic.evidence] for topic in project.topics}


@pytest.mark.parametrize(
    ("text", "topic", "words"),
    [
        ("We study neural networks.", "neural-network", "neural networks"),
        ("We study regularizers here.", "regularisation", "regularizers"),
        ("On regularization and more.", "regularisation", "regularization"),
        ("We use partial-differential equations.", "pde", "partial-differential equations"),
        ("We use meanfield theory.", "mean-field", "meanfield theory"),
        ("We use mean field theories.", "mean-field", "mean field theories"),
        ("We train a neural net-\nwork here.", "neural-network", "neural net-\nwork"),
        ("Some neuralnetworks are deep.", "neural-network", "neuralnetworks"),
        ("For non-linear partial differential equations we hope.", "nonlinear-pde", "non-linear partial differential equations"),
        ("For non-linear PDEs we hope.", "nonlinear-pde", "non-linear PDEs"),
        ("The training of neural networks is hard.", "neural-network", "neural networks"),
        ("The training of the networks is hard.", "training", "training of the networks"),
    ],
)  # fmt: skip
def test_forms_of_words(text: str, topic: str, words: str) -> None:
    """Number, spelling, hyphens, lost blanks, abbreviations within labels and the order of words do not matter."""
    assert found(text)[topic] == [words]


@pytest.mark.parametrize(
    ("text", "topic", "words"),
    [
        ("Wir untersuchen die Theorie der neuronalen Netze und ihre Anwendung.", "neural-network", "neuronalen Netze"),
        ("Das ist mit den neuronalen Netzen nicht zu lösen, und wir zeigen es.", "neural-network", "neuronalen Netzen"),
        ("Wir lösen die inversen Probleme der Bildgebung und zeigen, wie es geht.", "inverse-problem", "inversen Probleme"),
    ],
)  # fmt: skip
def test_german_declines(text: str, topic: str, words: str) -> None:
    """A German label is found in each of its cases."""
    assert found(text, "Tiefe Dinge")[topic] == [words]


def test_german_forms_are_not_sought_in_english() -> None:
    """In an English text only what stands there as the label does counts: no German endings are taken off."""
    assert found("We solve what is known as the inversen Problem of the field with our methods.") == {}


def test_an_abbreviation_behind_its_words_is_the_same_mention() -> None:
    """ "neural networks (NNs)" is one mention; a later "NNs" is another."""
    assert found("We study neural networks (NNs). And NNs are fun.")["neural-network"] == [
        "neural networks",
        "NNs",
    ]


def test_the_text_says_what_an_abbreviation_means() -> None:
    """An abbreviation that the text introduces means what it says there: another topic, or none of the scheme."""
    assert found("We use tensor networks (TN). A TN is small.")["tensor-network"] == ["tensor networks", "TN"]
    neural = found("We use neural ordinary differential equations (nODEs). Here nODEs are fast.")
    assert neural["neural-ode"] == ["neural ordinary differential equations", "nODEs"]
    assert found("Each public data exchange (PDE) is open. A PDE is slow.") == {}


def test_conjunctions_share_words() -> None:
    """ "Unsupervised and supervised learning" names both; the second is not lost for being inside the first."""
    assert found("On unsupervised and supervised learning.") == {
        "supervised": ["supervised learning"],
        "unsupervised": ["unsupervised and supervised learning"],
    }
    assert found("On unsupervised, and supervised learning.") == {"supervised": ["supervised learning"]}


def test_the_longest_label_wins() -> None:
    """A longer label hides the shorter ones within it, also where an abbreviation stands for a part of it."""
    assert found("On neural ODEs.") == {"neural-ode": ["neural ODEs"]}
    assert found("On graph neural networks.") == {"graph-network": ["graph neural networks"]}


def test_an_ambiguous_word_needs_its_context() -> None:
    """ "Network" counts where a neural network is named close by, and stands for the kind that was named."""
    assert found("The network of roads is old.") == {}
    assert found("A neural network learns. The network is deep.")["neural-network"] == [
        "neural network",
        "network",
    ]
    assert found("A graph neural network learns. The network is deep.") == {
        "graph-network": ["graph neural network", "network"]
    }
    assert found("A neural network learns. " + "So it goes on and on. " * 30 + "The network is old.") == {
        "neural-network": ["neural network"]
    }


def test_a_word_before_an_ambiguous_word_makes_it_another_thing() -> None:
    """ "Road network" is no neural network, even near one; "trained networks" are; a phrase listed as misleading is not."""
    assert found("A neural network predicts the road network.") == {"neural-network": ["neural network"]}
    assert found("A neural network learns, as trained networks do.")["neural-network"] == [
        "neural network",
        "networks",
    ]
    assert found("A neural network for a network of excellence.") == {"neural-network": ["neural network"]}


def test_the_nearest_context_decides() -> None:
    """ "Flow" is the flow that was named last before it; where none is, it is nothing."""
    assert found("The assignment flow and the gradient flow differ. The flow is smooth.") == {
        "assignment-flow": ["assignment flow"],
        "gradient-flow": ["gradient flow", "flow"],
    }
    assert found("The flow is smooth. We study optical flow.") == {}


def test_a_kernel_is_what_the_text_is_about() -> None:
    """ "Kernel" means kernel methods near an RKHS or a neighbour in the scheme; a convolution kernel is another thing."""
    assert found("In an RKHS the kernel is fixed.") == {"rkhs": ["RKHS", "kernel"]}
    assert found("A support vector machine needs a kernel.")["kernel-method"] == ["kernel"]
    assert found("A support vector machine after a convolution kernel.") == {
        "convolution": ["convolution kernel"],
        "svm": ["support vector machine"],
    }
    assert found("The kernel of the Linux system.") == {}


def test_an_ambiguous_word_weighs_little_in_a_title() -> None:
    """An ambiguous word in a title weighs 1, a label 3."""
    text = "Training the network\nProf. Anna Schmidt\n\nAbstract\n\nA neural network learns.\n"
    page = extract(document_from_bytes(text.encode(), path="page.txt"), ReadingOptions(topics=LABELS))
    assert [(topic.topic_id, topic.score) for topic in page.projects[0].topics] == [("neural-network", 0.5)]
