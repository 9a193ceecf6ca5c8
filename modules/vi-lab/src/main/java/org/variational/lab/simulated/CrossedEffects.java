package org.variational.lab.simulated;

import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;

import java.util.ArrayList;
import java.util.List;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;

/** Normal answers of pairs of a person and an item, each with an effect. */
final class CrossedEffects implements LatentPosterior {

    private static final double PRIOR_SD_OF_MEAN = 5;
    private static final double TRUE_MEAN = 1.5;
    private static final double TRUE_SD_OF_PERSONS = 0.6;
    private static final double TRUE_SD_OF_ITEMS = 0.9;
    private static final double TRUE_SIGMA = 1;

    private final int persons;
    private final int items;
    private final int[] person;
    private final int[] item;
    private final double[] y;

    private CrossedEffects(int persons, int items, int[] person, int[] item, double[] y) {
        this.persons = persons;
        this.items = items;
        this.person = person;
        this.item = item;
        this.y = y;
    }

    static CrossedEffects of(int persons, int items, int rows, long seed) {
        Simulator random = new Simulator(seed, "crossed");
        double[] a = random.normals(persons, 0, TRUE_SD_OF_PERSONS);
        double[] b = random.normals(items, TRUE_MEAN, TRUE_SD_OF_ITEMS);
        int[] person = new int[rows];
        int[] item = new int[rows];
        double[] y = new double[rows];
        for (int r = 0; r < rows; r++) {
            person[r] = random.below(persons);
            item[r] = random.below(items);
            y[r] = Simulator.rounded(a[person[r]] + b[item[r]] + TRUE_SIGMA * random.normal());
        }
        return new CrossedEffects(persons, items, person, item, y);
    }

    @Override
    public Model model() {
        ModelBuilder m = Model.named("crossed effects");
        Expr mu = m.parameter("mu", normal(0, PRIOR_SD_OF_MEAN));
        Expr sdOfPersons = m.parameter("sd_person", halfNormal(2));
        Expr sdOfItems = m.parameter("sd_item", halfNormal(2));
        Expr sigma = m.parameter("sigma", halfNormal(2));
        Expr ofPerson = m.parameter("person_effect", normal(0, sdOfPersons), persons);
        Expr ofItem = m.parameter("item_effect", normal(0, sdOfItems), items);
        m.derived(MEAN_EFFECT, ofPerson.mean());
        Rows answers = m.rows(y.length);
        Expr mean = mu.plus(ofPerson.at(answers.index("person", person))).plus(ofItem.at(answers.index("item", item)));
        answers.observe("y", normal(mean, sigma), y);
        return m.build();
    }

    @Override
    public int rows() {
        return y.length;
    }

    @Override
    public List<Outer> outer() {
        return List.of(
                new Outer("sd_person", Link.LOG, Math.log(TRUE_SD_OF_PERSONS)),
                new Outer("sd_item", Link.LOG, Math.log(TRUE_SD_OF_ITEMS)),
                new Outer("sigma", Link.LOG, Math.log(TRUE_SIGMA)));
    }

    @Override
    public List<String> latents() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < persons; i++) {
            names.add("person_effect[" + i + "]");
        }
        for (int j = 0; j < items; j++) {
            names.add("item_effect[" + j + "]");
        }
        names.add("mu");
        return names;
    }

    @Override
    public Effects effects() {
        return new Effects(0, persons);
    }

    @Override
    public int band() {
        return persons + items;
    }

    @Override
    public boolean integrable() {
        return true;
    }

    @Override
    public Given given(double[] outer) {
        int mu = persons + items;
        GaussianEffects given = new GaussianEffects(mu + 1, band());
        for (double logScale : outer) {
            given.addConstant(Priors.halfNormalByLog(logScale, 2));
        }
        given.addNormal(0, PRIOR_SD_OF_MEAN, new int[] {mu}, 1);
        for (int i = 0; i < persons; i++) {
            given.addNormal(0, Math.exp(outer[0]), new int[] {i}, 1);
        }
        for (int j = 0; j < items; j++) {
            given.addNormal(0, Math.exp(outer[1]), new int[] {persons + j}, 1);
        }
        for (int r = 0; r < y.length; r++) {
            given.addNormal(y[r], Math.exp(outer[2]), new int[] {person[r], persons + item[r], mu}, 1, 1, 1);
        }
        return given;
    }
}
