package org.variational.expression;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that some roots need, in an order in which every node follows its inputs, with equal nodes merged and a
 * slot for each.
 */
final class Graph {

    private record Key(
            Op op,
            List<Integer> inputs,
            int rows,
            int columns,
            @Nullable RowAxis axis) {}

    private final Map<Expr, Integer> slots = new IdentityHashMap<>();
    private final List<Expr> nodes = new ArrayList<>();
    private final Map<Integer, Integer> indexSlots = new HashMap<>();
    private final Set<Expr> stops;
    private int extraSlots;

    private Graph(Collection<Expr> stops) {
        this.stops = Collections.newSetFromMap(new IdentityHashMap<>());
        this.stops.addAll(stops);
    }

    /** The graph of the roots; stops are given from outside and not followed. */
    static Graph of(Collection<Expr> roots, Collection<Expr> stops) {
        Graph graph = new Graph(stops);
        Map<Key, Integer> known = new HashMap<>();
        for (Expr node : inputsFirst(roots, graph.stops)) {
            List<Integer> inputs = new ArrayList<>();
            if (!graph.stops.contains(node)) {
                for (Expr input : node.inputs) {
                    inputs.add(graph.slot(input));
                }
            }
            int fresh = graph.nodes.size();
            int slot = fresh;
            if (!graph.stops.contains(node)) {
                Integer equal =
                        known.putIfAbsent(new Key(node.op, inputs, node.rows(), node.columns(), node.axis()), fresh);
                slot = equal == null ? fresh : equal;
            }
            graph.slots.put(node, slot);
            if (slot == fresh) {
                graph.nodes.add(node);
                if (node.op instanceof Leaf.IndexData) {
                    graph.indexSlots.put(slot, graph.indexSlots.size());
                }
            }
        }
        return graph;
    }

    /** All nodes below the roots, each after its inputs; iterative, since declarations can be deep. */
    static List<Expr> inputsFirst(Collection<Expr> roots, Set<Expr> stops) {
        List<Expr> order = new ArrayList<>();
        Set<Expr> done = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Expr> pending = new ArrayDeque<>();
        for (Expr root : roots) {
            pending.push(root);
            while (!pending.isEmpty()) {
                Expr node = pending.peek();
                if (done.contains(node)) {
                    pending.pop();
                    continue;
                }
                boolean ready = true;
                if (!stops.contains(node)) {
                    for (Expr input : node.inputs) {
                        if (!done.contains(input)) {
                            pending.push(input);
                            ready = false;
                        }
                    }
                }
                if (ready) {
                    pending.pop();
                    done.add(node);
                    order.add(node);
                }
            }
        }
        return order;
    }

    /** Which nodes below a root depend on some sources, and which of the others they use. */
    record Dependence(Set<Expr> dependent, Set<Expr> captured) {}

    static Dependence dependenceOn(Collection<Expr> sources, Expr root) {
        Set<Expr> dependent = Collections.newSetFromMap(new IdentityHashMap<>());
        dependent.addAll(sources);
        List<Expr> order = inputsFirst(List.of(root), Set.of());
        for (Expr node : order) {
            if (node.inputs.stream().anyMatch(dependent::contains)) {
                dependent.add(node);
            }
        }
        Set<Expr> captured = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Expr> capturedInOrder = new ArrayList<>();
        for (Expr node : order) {
            if (dependent.contains(node)) {
                for (Expr input : node.inputs) {
                    if (!dependent.contains(input) && captured.add(input)) {
                        capturedInOrder.add(input);
                    }
                }
            }
        }
        return new Dependence(dependent, new LinkedHashSet<>(capturedInOrder));
    }

    int slot(Expr node) {
        Integer slot = slots.get(node);
        if (slot == null) {
            throw new IllegalStateException(node.describe() + " is not part of this graph");
        }
        return slot;
    }

    /** The distinct nodes, each after its inputs. */
    List<Expr> nodes() {
        return nodes;
    }

    /** The nodes that instructions compute: neither leaves nor stops. */
    List<Expr> computed() {
        return nodes.stream()
                .filter(node -> !(node.op instanceof Leaf) && !stops.contains(node))
                .toList();
    }

    /** The slots of values and scratch; grows as instructions with scratch are made. */
    int slotCount() {
        return nodes.size() + extraSlots;
    }

    int indexCount() {
        return indexSlots.size();
    }

    int indexSlot(Expr leaf) {
        Integer slot = indexSlots.get(slot(leaf));
        if (slot == null) {
            throw new IllegalStateException(leaf.describe() + " is not an index");
        }
        return slot;
    }

    /**
     * The instructions that compute the given nodes, of which those without elements need none; in the constant stage
     * all values have one lane.
     */
    List<Instruction> instructions(List<Expr> computed, boolean constantStage) {
        List<Instruction> instructions = new ArrayList<>();
        for (Expr node : computed) {
            if (node.size() == 0) {
                continue;
            }
            int arity = node.inputs.size();
            Instruction.Inputs inputs = Instruction.Inputs.of(arity);
            int index = -1;
            for (int i = 0; i < arity; i++) {
                Expr input = node.inputs.get(i);
                inputs.slots()[i] = slot(input);
                inputs.sizes()[i] = input.size();
                inputs.rowWise()[i] = input.axis() != null;
                inputs.varying()[i] = input.varying;
                if (input.op instanceof Leaf.IndexData) {
                    index = indexSlot(input);
                }
            }
            Instruction.Output output = new Instruction.Output(slot(node), node.size(), node.axis() != null);
            Instruction bare = new Instruction(node.op, inputs, output, -1, index, constantStage);
            int scratch = -1;
            if (node.op.scratch(bare) > 0) {
                scratch = nodes.size() + extraSlots;
                extraSlots++;
            }
            instructions.add(new Instruction(node.op, inputs, output, scratch, index, constantStage));
        }
        return instructions;
    }
}
