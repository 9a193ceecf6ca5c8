package org.variational.expression;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.variational.density.Adjacency;

/**
 * How one number depends on the coordinates of the point.
 *
 * @param on the coordinates, in rising order
 * @param form how
 * @param curved the pairs with a mixed second derivative, null for none
 * @param pending the pairs of which the product enters, so far only to the first power; null for none
 */
record Dependence(
        int[] on,
        Form form,
        @Nullable Pairs curved,
        @Nullable Pairs pending) {

    /** Kinds of functions, each a case of those after it. */
    enum Form {
        CONSTANT,
        AFFINE,
        BILINEAR,
        NONLINEAR;

        static Form most(Form a, Form b) {
            return a.compareTo(b) >= 0 ? a : b;
        }
    }

    /** No dependence. */
    static final Dependence NONE = new Dependence(new int[0], Form.CONSTANT, null, null);

    /** That of a coordinate on itself. */
    static Dependence coordinate(int coordinate) {
        return new Dependence(new int[] {coordinate}, Form.AFFINE, null, null);
    }

    boolean isNone() {
        return on.length == 0;
    }

    /** That of a sum. */
    Dependence plus(Dependence other) {
        if (isNone()) {
            return other;
        }
        if (other.isNone()) {
            return this;
        }
        return new Dependence(
                union(on, other.on),
                Form.most(form, other.form),
                Pairs.both(curved, other.curved),
                Pairs.both(pending, other.pending));
    }

    /** That of the sum of many. */
    static Dependence sum(Dependence[] terms, int from, int to) {
        int count = 0;
        int total = 0;
        Dependence last = NONE;
        for (int i = from; i < to; i++) {
            if (!terms[i].isNone()) {
                last = terms[i];
                count++;
                total += last.on.length;
            }
        }
        if (count <= 1) {
            return last;
        }
        int[] all = new int[total];
        Form form = Form.CONSTANT;
        Pairs curved = null;
        Pairs pending = null;
        int at = 0;
        for (int i = from; i < to; i++) {
            Dependence term = terms[i];
            System.arraycopy(term.on, 0, all, at, term.on.length);
            at += term.on.length;
            form = Form.most(form, term.form);
            curved = Pairs.both(curved, term.curved);
            pending = Pairs.both(pending, term.pending);
        }
        Arrays.sort(all);
        return new Dependence(distinct(all), form, curved, pending);
    }

    /** That of a function with a bend, whose argument's products cease to be of the first power. */
    Dependence bent(Pairs.Collector multiplied) {
        if (isNone()) {
            return this;
        }
        multiplied.add(pending);
        return new Dependence(on, Form.NONLINEAR, Pairs.both(curved, new Pairs.Box(on, on)), null);
    }

    /** That of a product. */
    Dependence times(Dependence other, Pairs.Collector multiplied) {
        if (isNone()) {
            return other;
        }
        if (other.isNone()) {
            return this;
        }
        Pairs.Box crossed = new Pairs.Box(on, other.on);
        Pairs allCurved = Pairs.both(Pairs.both(curved, other.curved), crossed);
        Pairs left = Pairs.both(pending, other.pending);
        if (form == Form.AFFINE && other.form == Form.AFFINE) {
            return new Dependence(union(on, other.on), Form.BILINEAR, allCurved, Pairs.both(left, crossed));
        }
        multiplied.add(crossed);
        return new Dependence(union(on, other.on), Form.NONLINEAR, allCurved, left);
    }

    private static int[] union(int[] a, int[] b) {
        if (a == b || Arrays.equals(a, b)) {
            return a;
        }
        int[] all = new int[a.length + b.length];
        int i = 0;
        int j = 0;
        int count = 0;
        while (i < a.length || j < b.length) {
            int next = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
            if (i < a.length && a[i] == next) {
                i++;
            }
            if (j < b.length && b[j] == next) {
                j++;
            }
            all[count++] = next;
        }
        return count == all.length ? all : Arrays.copyOf(all, count);
    }

    private static int[] distinct(int[] rising) {
        int count = 0;
        for (int x : rising) {
            if (count == 0 || rising[count - 1] != x) {
                rising[count++] = x;
            }
        }
        return Arrays.copyOf(rising, count);
    }

    /** Pairs of coordinates as a graph of unions, whose parts are shared between numbers. */
    sealed interface Pairs {

        /** Each of one set with each of another. */
        record Box(int[] left, int[] right) implements Pairs {}

        /** The pairs of two, with the collectors that have them. Those of a row are dropped with the row. */
        final class Union implements Pairs {
            private final Pairs first;
            private final Pairs second;
            private @Nullable Collector collector;
            private @Nullable Collector other;

            Union(Pairs first, Pairs second) {
                this.first = first;
                this.second = second;
            }

            /** Notes one of two collectors; returns whether it has been here before. */
            private boolean seenBy(Collector visitor) {
                if (collector == visitor || other == visitor) {
                    return true;
                }
                if (collector == null) {
                    collector = visitor;
                } else {
                    other = visitor;
                }
                return false;
            }
        }

        static @Nullable Pairs both(@Nullable Pairs a, @Nullable Pairs b) {
            if (a == null || a == b) {
                return b;
            }
            return b == null ? a : new Union(a, b);
        }

        /** Adds pairs to a relation, each shared part once. */
        final class Collector {

            private final Adjacency.Builder relation;

            Collector(Adjacency.Builder relation) {
                this.relation = relation;
            }

            void add(@Nullable Pairs pairs) {
                Pairs rest = pairs;
                while (rest != null) {
                    if (rest instanceof Box box) {
                        relation.relate(box.left, box.right);
                        return;
                    }
                    Union union = (Union) rest;
                    if (union.seenBy(this)) {
                        return;
                    }
                    // sums are chains to the left, so that only the right part is followed by a call
                    add(union.second);
                    rest = union.first;
                }
            }
        }
    }
}
