package org.variational.expression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A recursion over time: a body compiled once, run forward for every step and then in reverse. The values of all steps
 * are kept for the reverse pass, so memory grows with steps times the size of the body.
 */
final class Scan implements Op {

    private final Segment body;
    private final Graph graph;
    private final Expr carry;
    private final Expr element;
    private final Expr next;
    private final List<Expr> captures;
    private final int[] captureSlots;
    private final int slots;
    private final int carrySlot;
    private final int elementSlot;
    private final int resultSlot;
    private final int steps;
    private final int carrySize;
    private final int elementSize;
    private final double[] noWeights;

    private Scan(Graph graph, Expr carry, Expr element, Expr next, List<Expr> captures, int steps) {
        this.graph = graph;
        this.carry = carry;
        this.element = element;
        this.next = next;
        this.captures = captures;
        this.carrySlot = graph.slot(carry);
        this.elementSlot = graph.slot(element);
        this.resultSlot = graph.slot(next);
        this.captureSlots = captures.stream().mapToInt(graph::slot).toArray();
        this.body = new Segment(graph.instructions(graph.computed(), false));
        this.slots = graph.slotCount();
        this.steps = steps;
        this.carrySize = carry.size();
        this.elementSize = element.size();
        this.noWeights = new double[slots];
    }

    static Scan of(Expr carry, Expr element, Expr next, int steps) {
        Graph.Dependence dependence = Graph.dependenceOn(List.of(carry, element), next);
        if (!dependence.dependent().contains(next)) {
            throw new IllegalArgumentException(
                    "scan: the step gives " + next.describe() + ", which uses neither the carry nor the element");
        }
        for (Expr node : dependence.dependent()) {
            if (node.op instanceof Scan) {
                throw new IllegalArgumentException("scan: a step cannot contain another scan over its own carry");
            }
            if (node.axis() != null) {
                throw new IllegalArgumentException("scan: the step uses " + node.describe()
                        + "; use global values, such as the matrix of all rows");
            }
        }
        List<Expr> captures = new ArrayList<>(dependence.captured());
        List<Expr> stops = new ArrayList<>(captures);
        stops.add(carry);
        stops.add(element);
        List<Expr> roots = new ArrayList<>(stops);
        roots.add(next);
        return new Scan(Graph.of(roots, stops), carry, element, next, captures, steps);
    }

    List<Expr> captures() {
        return captures;
    }

    /** The nodes of a step. */
    Graph graph() {
        return graph;
    }

    /** The placeholder of the carry. */
    Expr carry() {
        return carry;
    }

    /** The placeholder of what a step reads. */
    Expr element() {
        return element;
    }

    /** The carry after a step. */
    Expr next() {
        return next;
    }

    @Override
    public String name() {
        return "scan";
    }

    /** The operations of all steps, spread over the elements of the output. */
    @Override
    public long operations() {
        return Math.max(1, body.operations(1) / carrySize);
    }

    /** The frame of the body, with the values of all steps one after the other. */
    private static final class Workspace {
        final Frame frame;
        final int stride;
        final double[] expandedInitial;
        final double[] expandedElements;
        final double[] unwanted;

        Workspace(Scan scan, Frame outer, Instruction p) {
            frame = new Frame(outer.kernels, scan.slots, 0);
            frame.lanes = outer.lanes;
            stride = scan.body.valueLength(frame, 1);
            scan.body.allocate(frame, 1, new double[stride * scan.steps]);
            int lanes = outer.lanes;
            expandedInitial = new double[p.varying[0] ? 0 : scan.carrySize * lanes];
            expandedElements = new double[p.varying[1] ? 0 : scan.steps * scan.elementSize * lanes];
            unwanted = new double[Math.max(scan.carrySize, scan.elementSize) * lanes];
        }
    }

    @Override
    public Object workspace(Frame frame, Instruction p) {
        return new Workspace(this, frame, p);
    }

    private static Workspace workspaceOf(Frame f, Instruction p) {
        if (f.workspace[p.out] instanceof Workspace w) {
            return w;
        }
        throw new IllegalStateException("the frame was not allocated");
    }

    private void placeInputs(Frame f, Instruction p, Workspace w, int t) {
        int lanes = f.lanes;
        if (t > 0) {
            w.frame.alias(carrySlot, f.value[p.out], f.valueAt[p.out] + (t - 1) * carrySize * lanes);
        } else if (p.varying[0]) {
            w.frame.alias(carrySlot, f.value[p.in[0]], f.valueAt[p.in[0]]);
        } else {
            w.frame.alias(carrySlot, w.expandedInitial, 0);
        }
        int elementAt = t * elementSize * lanes;
        if (p.varying[1]) {
            w.frame.alias(elementSlot, f.value[p.in[1]], f.valueAt[p.in[1]] + elementAt);
        } else {
            w.frame.alias(elementSlot, w.expandedElements, elementAt);
        }
    }

    @Override
    public void forward(Frame f, Instruction p) {
        Workspace w = workspaceOf(f, p);
        int lanes = f.lanes;
        for (int i = 0; i < captureSlots.length; i++) {
            int slot = p.in[i + 2];
            w.frame.alias(captureSlots[i], f.value[slot], f.valueAt[slot]);
        }
        if (!p.varying[0]) {
            f.kernels.expandColumn(carrySize, lanes, f.value[p.in[0]], f.valueAt[p.in[0]], w.expandedInitial, 0);
        }
        if (!p.varying[1]) {
            f.kernels.expandColumn(
                    steps * elementSize, lanes, f.value[p.in[1]], f.valueAt[p.in[1]], w.expandedElements, 0);
        }
        for (int t = 0; t < steps; t++) {
            placeInputs(f, p, w, t);
            body.forward(w.frame);
            System.arraycopy(
                    w.frame.value[resultSlot],
                    w.frame.valueAt[resultSlot],
                    f.value[p.out],
                    f.valueAt[p.out] + t * carrySize * lanes,
                    carrySize * lanes);
            body.shiftValues(w.frame, w.stride);
        }
        body.shiftValues(w.frame, -w.stride * steps);
    }

    @Override
    public void reverse(Frame f, Instruction p) {
        Workspace w = workspaceOf(f, p);
        int lanes = f.lanes;
        for (int i = 0; i < captureSlots.length; i++) {
            int slot = p.in[i + 2];
            w.frame.aliasAdjoint(captureSlots[i], f.adjoint[slot], f.adjointAt[slot]);
        }
        body.shiftValues(w.frame, w.stride * steps);
        double[] adjoint = f.adjoint[p.out];
        for (int t = steps - 1; t >= 0; t--) {
            body.shiftValues(w.frame, -w.stride);
            placeInputs(f, p, w, t);
            int at = f.adjointAt[p.out] + t * carrySize * lanes;
            if (t > 0) {
                w.frame.aliasAdjoint(carrySlot, adjoint, at - carrySize * lanes);
            } else if (p.varying[0]) {
                w.frame.aliasAdjoint(carrySlot, f.adjoint[p.in[0]], f.adjointAt[p.in[0]]);
            } else {
                w.frame.aliasAdjoint(carrySlot, w.unwanted, 0);
            }
            if (p.varying[1]) {
                w.frame.aliasAdjoint(elementSlot, f.adjoint[p.in[1]], f.adjointAt[p.in[1]] + t * elementSize * lanes);
            } else {
                w.frame.aliasAdjoint(elementSlot, w.unwanted, 0);
            }
            Arrays.fill(w.unwanted, 0);
            body.clearAdjoints(w.frame);
            f.kernels.addTo(carrySize * lanes, adjoint, at, w.frame.adjoint[resultSlot], w.frame.adjointAt[resultSlot]);
            body.reverse(w.frame, noWeights, 1);
        }
    }
}
