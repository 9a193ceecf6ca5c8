package org.variational.expression;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.expression.Dependence.Pairs;

/**
 * Follows coordinates through the nodes of a plan, element by element and row by row, to the terms of the log density:
 * which are curved together, and which multiply one another. Operations that are not known make everything depend on
 * everything that goes in. A factor of data that is zero takes what it multiplies away.
 */
final class InteractionAnalysis {

    /** With more coordinates in the lists of all elements together, the pattern is taken as complete. */
    private static final long MOST_ENTRIES = 30_000_000;

    private final Plan plan;
    private final BoundData data;
    private final Adjacency.Builder related;
    private final Pairs.Collector relatedPairs;
    private final Adjacency.Builder multiplied;
    private final Pairs.Collector multipliedPairs;
    private final Map<Integer, Dependence[]> globals = new HashMap<>();
    private final TermUse use;
    private long entries;

    /** Told of every term that varies, row by row where it has rows. */
    @FunctionalInterface
    private interface TermUse {
        void use(Plan.Term term, int row, Dependence[] elements);
    }

    private InteractionAnalysis(Plan plan, BoundData data, @Nullable TermUse use) {
        this.plan = plan;
        this.data = data;
        this.use = use == null ? this::relate : use;
        this.related = new Adjacency.Builder(plan.dimension);
        this.relatedPairs = new Pairs.Collector(related);
        this.multiplied = new Adjacency.Builder(plan.dimension);
        this.multipliedPairs = new Pairs.Collector(multiplied);
    }

    static Interactions of(Plan plan, BoundData data) {
        InteractionAnalysis analysis = new InteractionAnalysis(plan, data, null);
        if (!analysis.followGlobals() || !analysis.followRows()) {
            return new Interactions(Adjacency.complete(plan.dimension), analysis.multiplied.build());
        }
        return new Interactions(analysis.related.build(), analysis.multiplied.build());
    }

    /**
     * By term, in the order of the plan, and by element, row after row: the set that the element belongs to.
     *
     * @param setOf by coordinate, the number of its set; -1 for none
     * @param rest the number of elements that belong to no set
     * @return null if an element depends on coordinates of two sets, or it is not known what elements depend on; an
     *     empty list for a term that does not vary
     */
    static int @Nullable [][] setsOfElements(Plan plan, BoundData data, int[] setOf, int rest) {
        Map<Plan.Term, int[]> found = new IdentityHashMap<>();
        boolean[] apart = {true};
        TermUse use = (term, row, elements) -> {
            RowAxis axis = term.node().axis();
            int rows = axis == null ? 1 : data.rowCount(axis);
            int[] sets = found.computeIfAbsent(term, t -> new int[elements.length * rows]);
            for (int e = 0; e < elements.length; e++) {
                int set = -1;
                for (int coordinate : elements[e].on()) {
                    int own = setOf[coordinate];
                    apart[0] &= own < 0 || set < 0 || own == set;
                    set = Math.max(set, own);
                }
                sets[Math.max(row, 0) * elements.length + e] = set < 0 ? rest : set;
            }
        };
        InteractionAnalysis analysis = new InteractionAnalysis(plan, data, use);
        boolean known = analysis.followGlobals() && analysis.followRows();
        return known && apart[0]
                ? plan.terms.stream()
                        .map(term -> found.getOrDefault(term, new int[0]))
                        .toArray(int[][]::new)
                : null;
    }

    private boolean followGlobals() {
        Scope scope = new Scope(plan.graph, globals, -1);
        for (Expr node : plan.graph.nodes()) {
            if (node.axis() == null && node.varying) {
                globals.put(plan.graph.slot(node), scope.follow(node));
                if (entries > MOST_ENTRIES) {
                    return false;
                }
            }
        }
        for (Plan.Term term : plan.terms) {
            if (term.node().axis() == null && term.node().varying) {
                use.use(term, -1, globals.getOrDefault(plan.graph.slot(term.node()), new Dependence[0]));
            }
        }
        return true;
    }

    private boolean followRows() {
        for (Plan.AxisPlan axis : plan.axes) {
            List<Expr> nodes = plan.graph.nodes().stream()
                    .filter(node -> node.axis() == axis.axis && node.varying)
                    .toList();
            for (int row = 0; row < data.rowCount(axis.axis); row++) {
                long before = entries;
                Scope scope = new Scope(plan.graph, new HashMap<>(), row);
                for (Expr node : nodes) {
                    scope.found.put(plan.graph.slot(node), scope.follow(node));
                }
                for (Plan.Term term : axis.terms) {
                    if (term.node().varying) {
                        use.use(term, row, scope.of(term.node()));
                    }
                }
                // what a row found is not kept
                if (entries - before > MOST_ENTRIES) {
                    return false;
                }
                entries = before;
            }
        }
        return true;
    }

    private void relate(Plan.Term term, int row, Dependence[] elements) {
        for (Dependence element : elements) {
            relatedPairs.add(element.curved());
        }
    }

    /** Nodes whose dependences are known, of one row or outside of rows, or of one step of a scan. */
    private final class Scope {

        private final Graph graph;
        private final Map<Integer, Dependence[]> found;
        private final int row;

        Scope(Graph graph, Map<Integer, Dependence[]> found, int row) {
            this.graph = graph;
            this.found = found;
            this.row = row;
        }

        /** By element; of the row of this scope where the node is row-wise. */
        Dependence[] of(Expr node) {
            if (!node.varying) {
                Dependence[] none = new Dependence[node.size()];
                Arrays.fill(none, Dependence.NONE);
                return none;
            }
            Integer slot = graph.slot(node);
            Dependence[] known = node.axis() == null && graph == plan.graph ? globals.get(slot) : found.get(slot);
            if (known == null) {
                throw new IllegalStateException(node.describe() + " is used before it is followed");
            }
            return known;
        }

        /** The numbers of a node of data, of the row of this scope where it is row-wise; null if they are not known. */
        private double @Nullable [] numbers(Expr node) {
            if (node.varying || graph != plan.graph) {
                return null;
            }
            double[] all = data.values(node);
            return node.axis() == null ? all : Arrays.copyOfRange(all, row * node.size(), (row + 1) * node.size());
        }

        Dependence[] follow(Expr node) {
            Dependence[] out = new Dependence[node.size()];
            Arrays.fill(out, Dependence.NONE);
            Op op = node.op;
            if (op instanceof Leaf.Coordinates leaf) {
                int first = leaf.offset() + Math.max(row, 0) * node.size();
                Arrays.setAll(out, e -> Dependence.coordinate(first + e));
            } else if (op instanceof Scan scan) {
                followScan(scan, node, out);
            } else if (!followShaping(node, out) && !followSums(node, out) && !followProducts(node, out)) {
                followFunction(node, out);
            }
            for (Dependence element : out) {
                entries += element.on().length;
            }
            return out;
        }

        private boolean followShaping(Expr node, Dependence[] out) {
            Op op = node.op;
            Dependence[] x = node.inputs.isEmpty() ? out : of(node.inputs.get(0));
            if (op instanceof Shaping.Select select) {
                int[] index = select.index();
                Arrays.setAll(out, e -> x[index[e]]);
            } else if (op instanceof Elementwise.Broadcast broadcast) {
                Arrays.setAll(out, e -> x[broadcast.within(e)]);
            } else if (op instanceof Shaping.GatherRows) {
                int first = index(node) * out.length;
                Arrays.setAll(out, e -> x[first + e]);
            } else if (op instanceof Shaping.Pick) {
                out[0] = x[index(node)];
            } else if (op instanceof Shaping.Lookup) {
                double[] positions = numbers(node.inputs.get(1));
                for (int e = 0; e < out.length; e++) {
                    int position = positions == null ? -1 : (int) positions[positions.length == 1 ? 0 : e];
                    boolean known = position >= 0 && position < x.length;
                    out[e] =
                            known ? x[position] : Dependence.sum(x, 0, x.length).bent(multipliedPairs);
                }
            } else if (op instanceof Shaping.Concatenate) {
                int at = 0;
                for (Expr part : node.inputs) {
                    Dependence[] of = of(part);
                    System.arraycopy(of, 0, out, at, of.length);
                    at += of.length;
                }
            } else {
                return false;
            }
            return true;
        }

        private int index(Expr node) {
            return data.indices[plan.graph.indexSlot(node.inputs.get(1))][row];
        }

        private boolean followSums(Expr node, Dependence[] out) {
            Op op = node.op;
            if (op instanceof Arithmetic.Add || op instanceof Arithmetic.Subtract) {
                Dependence[] a = of(node.inputs.get(0));
                Dependence[] b = of(node.inputs.get(1));
                Arrays.setAll(out, e -> element(a, e).plus(element(b, e)));
            } else if (op instanceof Arithmetic.Affine) {
                System.arraycopy(of(node.inputs.get(0)), 0, out, 0, out.length);
            } else if (op instanceof Reduction.Sum sum) {
                Dependence[] x = of(node.inputs.get(0));
                Arrays.setAll(out, e -> Dependence.sum(x, e * sum.run(), (e + 1) * sum.run()));
            } else if (op instanceof Reduction.CumulativeSum cumulative) {
                Dependence[] x = of(node.inputs.get(0));
                for (int e = 0; e < out.length && entries < MOST_ENTRIES; e++) {
                    out[e] = e % cumulative.run() == 0 ? x[e] : out[e - 1].plus(x[e]);
                    entries += out[e].on().length;
                }
            } else {
                return false;
            }
            return true;
        }

        private Dependence element(Dependence[] of, int e) {
            return of[of.length == 1 ? 0 : e];
        }

        private boolean followProducts(Expr node, Dependence[] out) {
            Op op = node.op;
            if (op instanceof Arithmetic.Multiply) {
                Expr left = node.inputs.get(0);
                Expr right = node.inputs.get(1);
                Dependence[] a = of(left);
                if (graph.slot(left) == graph.slot(right)) {
                    Arrays.setAll(out, e -> a[e].bent(multipliedPairs));
                    return true;
                }
                Dependence[] b = of(right);
                double[] factors = left.varying ? numbers(right) : numbers(left);
                for (int e = 0; e < out.length; e++) {
                    boolean zero = factors != null && factors[factors.length == 1 ? 0 : e] == 0;
                    out[e] = zero ? Dependence.NONE : element(a, e).times(element(b, e), multipliedPairs);
                }
            } else if (op instanceof Arithmetic.Divide) {
                Dependence[] a = of(node.inputs.get(0));
                Dependence[] b = of(node.inputs.get(1));
                Arrays.setAll(out, e -> element(a, e).times(element(b, e).bent(multipliedPairs), multipliedPairs));
            } else if (op instanceof LinearAlgebra.MatrixProduct product) {
                followMatrixProduct(node, product, out);
            } else if (op instanceof LinearAlgebra.TriangularSolve solve) {
                followTriangularSolve(node, solve, out);
            } else {
                return false;
            }
            return true;
        }

        private void followMatrixProduct(Expr node, LinearAlgebra.MatrixProduct product, Dependence[] out) {
            Expr left = node.inputs.get(0);
            Dependence[] a = of(left);
            Dependence[] b = of(node.inputs.get(1));
            double[] factors = numbers(left);
            int inner = product.inner();
            Dependence[] terms = new Dependence[inner];
            for (int e = 0; e < out.length; e++) {
                int from = e / product.columns() * inner;
                int column = e % product.columns();
                for (int k = 0; k < inner; k++) {
                    boolean zero = factors != null && factors[from + k] == 0;
                    terms[k] = zero
                            ? Dependence.NONE
                            : a[from + k].times(b[k * product.columns() + column], multipliedPairs);
                }
                out[e] = Dependence.sum(terms, 0, inner);
            }
        }

        private void followTriangularSolve(Expr node, LinearAlgebra.TriangularSolve solve, Dependence[] out) {
            Dependence[] factor = of(node.inputs.get(0));
            Dependence[] right = of(node.inputs.get(1));
            int n = solve.n();
            int columns = solve.columns();
            Dependence matrix = Dependence.sum(factor, 0, factor.length).bent(multipliedPairs);
            for (int column = 0; column < columns; column++) {
                Dependence running = Dependence.NONE;
                for (int step = 0; step < n && entries < MOST_ENTRIES; step++) {
                    int i = solve.transposed() ? n - 1 - step : step;
                    running = running.plus(right[i * columns + column]);
                    out[i * columns + column] = running.times(matrix, multipliedPairs);
                    entries += running.on().length;
                }
            }
        }

        /** A function with a bend: elementwise where it is known to be, otherwise of everything that goes in. */
        private void followFunction(Expr node, Dependence[] out) {
            Op op = node.op;
            if (op instanceof Function || op instanceof Elementwise.Power) {
                Dependence[] x = of(node.inputs.get(0));
                Arrays.setAll(out, e -> x[e].bent(multipliedPairs));
            } else if (op instanceof Elementwise.Extremum) {
                Dependence[] a = of(node.inputs.get(0));
                Dependence[] b = of(node.inputs.get(1));
                Arrays.setAll(out, e -> element(a, e).plus(element(b, e)).bent(multipliedPairs));
            } else if (op instanceof Reduction.LogSumExp over) {
                Dependence[] x = of(node.inputs.get(0));
                Arrays.setAll(out, e -> Dependence.sum(x, e * over.run(), (e + 1) * over.run())
                        .bent(multipliedPairs));
            } else {
                Dependence all = Dependence.NONE;
                for (Expr input : node.inputs) {
                    Dependence[] x = of(input);
                    all = all.plus(Dependence.sum(x, 0, x.length));
                }
                Arrays.fill(out, all.bent(multipliedPairs));
            }
        }

        private void followScan(Scan scan, Expr node, Dependence[] out) {
            Dependence[] carry = of(node.inputs.get(0));
            Dependence[] elements = of(node.inputs.get(1));
            int steps = carry.length == 0 ? 0 : out.length / carry.length;
            int width = steps == 0 ? 0 : elements.length / steps;
            for (int t = 0; t < steps && entries < MOST_ENTRIES; t++) {
                Dependence[] element = Arrays.copyOfRange(elements, t * width, (t + 1) * width);
                carry = step(scan, node, carry, element);
                System.arraycopy(carry, 0, out, t * carry.length, carry.length);
            }
        }

        private Dependence[] step(Scan scan, Expr node, Dependence[] carry, Dependence[] element) {
            Scope body = new Scope(scan.graph(), new HashMap<>(), -1);
            body.found.put(scan.graph().slot(scan.carry()), carry);
            body.found.put(scan.graph().slot(scan.element()), element);
            for (int i = 0; i < scan.captures().size(); i++) {
                body.found.put(scan.graph().slot(scan.captures().get(i)), of(node.inputs.get(i + 2)));
            }
            for (Expr inner : scan.graph().nodes()) {
                if (inner.varying && !body.found.containsKey(scan.graph().slot(inner))) {
                    body.found.put(scan.graph().slot(inner), body.follow(inner));
                }
            }
            return body.of(scan.next());
        }
    }
}
