package org.variational.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import javax.imageio.ImageIO;
import org.variational.examples.TwoDirections.Choice;
import org.variational.examples.TwoDirections.Ellipse;
import org.variational.examples.TwoDirections.Target;

/** Draws the grid of {@link TwoDirections}: the targets as shaded density, the approximations as ellipses. */
final class TwoDirectionsPicture {

    private static final int PANEL = 640;
    private static final int GAP = 36;
    private static final int LEFT = 84;
    private static final int TOP = 128;
    private static final int BOTTOM = 104;
    private static final int WIDTH = LEFT + 2 * PANEL + GAP + 24;
    private static final int HEIGHT = TOP + 2 * PANEL + GAP + BOTTOM;

    private static final Color INK = new Color(0x22, 0x2b, 0x38);
    private static final Color FAINT = new Color(0x6b, 0x75, 0x83);
    private static final Color FRAME = new Color(0xc9, 0xcf, 0xd6);
    private static final Color DENSITY = new Color(0x2f, 0x5f, 0x98);
    private static final Color MEAN_FIELD = new Color(0xd9, 0x48, 0x0f);
    private static final Color FULL_RANK = new Color(0x0b, 0x7a, 0x4b);

    private final Map<Target, Map<Choice, Ellipse>> found = new EnumMap<>(Target.class);

    void add(Target target, Choice choice, Ellipse ellipse) {
        found.computeIfAbsent(target, t -> new EnumMap<>(Choice.class)).put(choice, ellipse);
    }

    byte[] png() throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, WIDTH, HEIGHT);
        int right = LEFT + PANEL + GAP;
        heading(g, LEFT, "Reverse KL(q, p)", "seeks a mode, too narrow");
        heading(g, right, "Forward KL(p, q)", "covers all mass, too wide");
        int y = TOP;
        for (Target target : Target.values()) {
            side(g, y, target == Target.CORRELATED ? "correlated Gaussian" : "two modes");
            panel(image, g, LEFT, y, target, Choice.MEAN_FIELD_REVERSE, Choice.FULL_RANK_REVERSE);
            panel(image, g, right, y, target, Choice.MEAN_FIELD_FORWARD, Choice.FULL_RANK_FORWARD);
            y += PANEL + GAP;
        }
        legend(g);
        g.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    private static void heading(Graphics2D g, int x, String title, String subtitle) {
        g.setColor(INK);
        centred(g, font(Font.BOLD, 38), title, x + PANEL / 2, 52);
        g.setColor(FAINT);
        centred(g, font(Font.PLAIN, 32), subtitle, x + PANEL / 2, 100);
    }

    private static void centred(Graphics2D g, Font font, String text, int x, int baseline) {
        g.setFont(font);
        FontMetrics metrics = g.getFontMetrics();
        g.drawString(text, x - metrics.stringWidth(text) / 2, baseline);
    }

    private static void side(Graphics2D g, int y, String text) {
        AffineTransform before = g.getTransform();
        g.rotate(-Math.PI / 2, LEFT - 30, y + PANEL / 2.0);
        g.setColor(INK);
        centred(g, font(Font.PLAIN, 34), text, LEFT - 30, y + PANEL / 2);
        g.setTransform(before);
    }

    /** The half-width of what a panel shows. */
    private static double extent(Target target) {
        return target == Target.CORRELATED ? 2.9 : 6.2;
    }

    /** The density of a target relative to its highest value. */
    private static DoubleBinaryOperator density(Target target) {
        if (target == Target.CORRELATED) {
            double rho = TwoDirections.RHO;
            return (x, y) -> Math.exp(-(x * x - 2 * rho * x * y + y * y) / (2 * (1 - rho * rho)));
        }
        double c = TwoDirections.DISTANCE / Math.sqrt(2);
        return (x, y) -> Math.exp(-(Math.pow(x - c, 2) + Math.pow(y - c, 2)) / 2)
                + Math.exp(-(Math.pow(x + c, 2) + Math.pow(y + c, 2)) / 2);
    }

    private void panel(
            BufferedImage image, Graphics2D g, int left, int top, Target target, Choice meanField, Choice fullRank) {
        double extent = extent(target);
        DoubleBinaryOperator density = density(target);
        for (int py = 0; py < PANEL; py++) {
            for (int px = 0; px < PANEL; px++) {
                double x = (2 * (px + 0.5) / PANEL - 1) * extent;
                double y = (1 - 2 * (py + 0.5) / PANEL) * extent;
                image.setRGB(left + px, top + py, shade(density.applyAsDouble(x, y)));
            }
        }
        Shape clip = g.getClip();
        g.clip(new Rectangle2D.Double(left, top, PANEL, PANEL));
        double unit = PANEL / (2 * extent);
        AffineTransform toPixels = new AffineTransform(unit, 0, 0, -unit, left + PANEL / 2.0, top + PANEL / 2.0);
        ellipses(g, toPixels, ellipse(target, meanField), MEAN_FIELD, stroke(5f));
        ellipses(g, toPixels, ellipse(target, fullRank), FULL_RANK, dashed(5f));
        g.setClip(clip);
        g.setColor(FRAME);
        g.setStroke(new BasicStroke(2f));
        g.draw(new Rectangle2D.Double(left, top, PANEL, PANEL));
    }

    private Ellipse ellipse(Target target, Choice choice) {
        Map<Choice, Ellipse> row = found.getOrDefault(target, Map.of());
        Ellipse ellipse = row.get(choice);
        if (ellipse == null) {
            throw new IllegalStateException("there is no fit of " + target + " by " + choice);
        }
        return ellipse;
    }

    /** White to the density's colour; the root lifts the tails. */
    private static int shade(double density) {
        double depth = Math.sqrt(density) * 0.85;
        int red = mix(DENSITY.getRed(), depth);
        int green = mix(DENSITY.getGreen(), depth);
        int blue = mix(DENSITY.getBlue(), depth);
        return red << 16 | green << 8 | blue;
    }

    private static int mix(int colour, double depth) {
        return (int) Math.round(255 + (colour - 255) * depth);
    }

    /** The ellipses of one and of two standard deviations. */
    private static void ellipses(Graphics2D g, AffineTransform toPixels, Ellipse ellipse, Color colour, Stroke stroke) {
        g.setColor(colour);
        for (int radius = 1; radius <= 2; radius++) {
            double[] l = {
                ellipse.sd(),
                ellipse.correlation() * ellipse.sd(),
                ellipse.sd() * Math.sqrt(1 - ellipse.correlation() * ellipse.correlation())
            };
            AffineTransform shape = new AffineTransform(toPixels);
            shape.concatenate(new AffineTransform(l[0], l[1], 0, l[2], ellipse.mean(), ellipse.mean()));
            g.setStroke(stroke);
            g.draw(shape.createTransformedShape(new Ellipse2D.Double(-radius, -radius, 2.0 * radius, 2.0 * radius)));
        }
        double[] centre = {ellipse.mean(), ellipse.mean()};
        toPixels.transform(centre, 0, centre, 0, 1);
        g.fill(new Ellipse2D.Double(centre[0] - 7, centre[1] - 7, 14, 14));
    }

    private static Stroke stroke(float width) {
        return new BasicStroke(width);
    }

    private static Stroke dashed(float width) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {16, 11}, 0f);
    }

    private static void legend(Graphics2D g) {
        int y = HEIGHT - BOTTOM / 2 + 6;
        int x = LEFT;
        Path2D blob = new Path2D.Double(new Ellipse2D.Double(x, y - 24, 48, 34));
        g.setColor(new Color(shade(0.7)));
        g.fill(blob);
        x = entry(g, x + 62, y, "target p");
        x = line(g, x, y, MEAN_FIELD, stroke(6f));
        x = entry(g, x, y, "q mean-field");
        x = line(g, x, y, FULL_RANK, dashed(6f));
        x = entry(g, x, y, "q full-rank");
        g.setColor(FAINT);
        g.setFont(font(Font.PLAIN, 28));
        g.drawString("ellipses: 1 and 2 sd", x, y);
    }

    private static int line(Graphics2D g, int x, int y, Color colour, Stroke stroke) {
        g.setColor(colour);
        g.setStroke(stroke);
        g.draw(new Line2D.Double(x, y - 9, x + 60, y - 9));
        return x + 74;
    }

    private static int entry(Graphics2D g, int x, int y, String text) {
        g.setColor(INK);
        g.setFont(font(Font.PLAIN, 30));
        g.drawString(text, x, y);
        return x + g.getFontMetrics().stringWidth(text) + 40;
    }
}
