import java.util.Iterator;
import org.apache.jena.graph.Graph;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.Triple;
import org.apache.jena.rdf.model.InfModel;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.reasoner.Reasoner;
import org.apache.jena.reasoner.ReasonerRegistry;
import org.apache.jena.riot.RDFDataMgr;

/** Closes N-Triples and an ontology by one of Jena's rule sets for OWL, and prints what it took as JSON. */
public class JenaInference {
    public static void main(String[] arguments) {
        Model data = RDFDataMgr.loadModel(arguments[1]);
        Model ontology = RDFDataMgr.loadModel(arguments[2]);
        long asserted = data.size() + ontology.size();
        Reasoner reasoner = switch (arguments[0]) {
            case "micro" -> ReasonerRegistry.getOWLMicroReasoner();
            case "mini" -> ReasonerRegistry.getOWLMiniReasoner();
            default -> ReasonerRegistry.getOWLReasoner();
        };
        long begin = System.nanoTime();
        InfModel closure = ModelFactory.createInfModel(reasoner.bindSchema(ontology), data);
        closure.prepare();
        long all = 0;
        Iterator<Triple> found = closure.getGraph().find(Node.ANY, Node.ANY, Node.ANY);
        while (found.hasNext()) {
            found.next();
            all++;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("{\"triples\": %d, \"inferred\": %d, \"closure\": %.3f}%n", asserted, all - asserted, seconds);
    }
}
